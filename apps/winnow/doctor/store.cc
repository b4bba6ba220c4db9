#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "registry/model_registry.h"
#include "winnow/doctor/check.h"
#include "winnow/store/opened_store.h"
#include "winnow/terminal/terminal.h"

namespace winnow {
namespace {

using State = Check::State;

constexpr std::size_t kSample = 2000;  // records read at each place of the log
constexpr std::size_t kSampleItems = 1000;
constexpr LogPosition kLargeLag = 100'000;
constexpr TimestampMs kClockSlackMs = kMinuteMs;

Check fault(std::string group, std::string name, const Error& error) {
  std::string remedy = "try again; if it stays, restore the last dump into a new folder";
  if (error.code == ErrorCode::corrupt)
    remedy = "restore the last dump into a new folder: winnow restore DUMP --data NEW";
  if (error.code == ErrorCode::unsupported)
    remedy = "dump it with the release that made it, and restore the dump";
  if (error.code == ErrorCode::forbidden) remedy = "run as the user that owns the folder";
  return {std::move(group), std::move(name), State::fault, error.message, std::move(remedy)};
}

Check check_records(const EventLog& log) {
  const LogStatistics statistics = log.statistics();
  std::size_t read = 0;
  for (const LogPosition from :
       {statistics.first, statistics.first + (statistics.last - statistics.first) / 2,
        statistics.last > kSample ? statistics.last - kSample : statistics.first}) {
    const auto records = log.read(from, kSample);
    if (!records.ok()) return fault("store", "event log", records.error());
    read += records->size();
  }
  return {"store", "event log", State::ok,
          fmt::format("{} events in {}; a sample of {} is sound", with_thousands(statistics.events),
                      human_bytes(statistics.bytes), with_thousands(read)),
          ""};
}

Check check_catalogue(const Catalog& catalog) {
  const auto items = catalog.items("", kSampleItems);
  if (!items.ok()) return fault("store", "catalogue", items.error());
  const auto users = catalog.users("", kSampleItems);
  if (!users.ok()) return fault("store", "catalogue", users.error());
  return {"store", "catalogue", State::ok,
          fmt::format("{} items, {} user profiles", with_thousands(catalog.item_count()),
                      with_thousands(catalog.user_count())),
          ""};
}

Check check_features(const FeatureStore& features, const EventLog& log) {
  const auto checkpoint = features.last_checkpoint();
  if (!checkpoint.ok()) {
    Check check = fault("store", "features", checkpoint.error());
    check.remedy = "derive them again from the events: winnow rebuild";
    return check;
  }
  const LogPosition last = log.statistics().last;
  const LogPosition lag = last - std::min(last, checkpoint->position);
  Check check{"store", "features", State::ok,
              fmt::format("{} users, {} events behind the log", with_thousands(features.user_count()),
                          with_thousands(lag)),
              ""};
  if (lag > kLargeLag) {
    check.state = State::warning;
    check.remedy = "winnow serve catches up when it starts, before it is ready";
  }
  return check;
}

Check check_dead_letters(const DeadLetterLog& letters) {
  const std::uint64_t size = letters.size();
  if (size == 0) return {"store", "dead letters", State::ok, "none", ""};
  std::string found = fmt::format("{} events could not be applied", with_thousands(size));
  if (const auto first = letters.list(0, 1); first.ok() && !first->empty()) {
    found += fmt::format("; the first: {}", printable(first->front().reason));
  }
  return {"store", "dead letters", State::warning, std::move(found),
          "look at them on the dashboard, and replay them: POST /api/v1/dead-letters/replay"};
}

// Arrivals in the future say that the clock was set back, and deduplication and retention go by it.
void add_clock(std::vector<Check>& checks, const EventLog& log, const Clock& clock) {
  const auto newest = log.read(log.statistics().last, 1);
  if (!newest.ok() || newest->empty()) return;
  const TimestampMs ahead_ms = newest->front().received_ms - clock.now_ms();
  if (ahead_ms <= kClockSlackMs) return;
  checks.push_back(
      {"store", "clock", State::warning,
       fmt::format("the newest event arrived {} from now",
                   human_duration(static_cast<double>(ahead_ms) / static_cast<double>(kSecondMs))),
       "the machine's clock was set back: set it right"});
}

}  // namespace

std::vector<Check> check_store(const std::filesystem::path& data, const Settings& settings,
                               const Clock& clock) {
  const auto opened = open_store(data, Access::read, settings.log, clock);
  if (!opened.ok()) {
    if (opened.error().code == ErrorCode::not_found) {
      return {{"store", "store", State::ok, fmt::format("none yet at {}", data.string()), ""}};
    }
    return {fault("store", "store", opened.error())};
  }
  std::vector<Check> checks = {check_records(*opened->log), check_catalogue(*opened->catalog),
                               check_features(*opened->features, *opened->log),
                               check_dead_letters(*opened->dead_letters)};
  add_clock(checks, *opened->log, clock);
  if (opened->log->partitions() != settings.log.partitions) {
    checks.push_back({"store", "partitions", State::ok,
                      fmt::format("{}, fixed when the store was made; store.partitions says {}",
                                  opened->log->partitions(), settings.log.partitions),
                      ""});
  }
  return checks;
}

std::vector<Check> check_models(const std::filesystem::path& data) {
  const StoreLayout layout{data};
  if (!std::filesystem::exists(layout.models())) {
    return {{"models", "models", State::ok, "none yet: winnow train makes one", ""}};
  }
  const auto registry = ModelRegistry::open(layout.models());
  if (!registry.ok()) return {fault("models", "registry", registry.error())};
  const auto versions = registry->versions();
  if (!versions.ok()) return {fault("models", "versions", versions.error())};
  std::vector<Check> checks;
  for (const VersionInfo& version : *versions) {
    if (version.stage != "damaged") continue;
    checks.push_back({"models", version.version, State::warning, version.note,
                      "it is not served; winnow train makes a new one"});
  }
  const auto live = registry->live();
  if (!live.ok()) {
    Check check = fault("models", "live version", live.error());
    check.remedy = "name one: winnow rollback VERSION, or train: winnow train";
    checks.push_back(std::move(check));
  } else if (!live->has_value()) {
    checks.push_back({"models", "live version", State::warning, "none", "winnow train makes one"});
  } else if (const auto bundle = registry->load(**live); !bundle.ok()) {
    Check check = fault("models", "live version", bundle.error());
    check.remedy = "go back to the one before: winnow rollback";
    checks.push_back(std::move(check));
  } else {
    checks.push_back({"models", "live version", State::ok,
                      fmt::format("{}, whole, of {} versions", **live, versions->size()), ""});
  }
  return checks;
}

}  // namespace winnow
