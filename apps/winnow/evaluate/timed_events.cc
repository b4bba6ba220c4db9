#include "winnow/evaluate/timed_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "adapters/files/record_file.h"
#include "base/text.h"
#include "winnow/terminal/progress.h"

namespace winnow {
namespace {

constexpr std::size_t kBatch = 10'000;

}  // namespace

std::uint32_t TimedEvents::number(Numbers& numbers, std::string_view id) {
  if (const auto known = numbers.find(id); known != numbers.end()) return known->second;
  const auto next = static_cast<std::uint32_t>(numbers.size());
  numbers.emplace(id, next);
  return next;
}

std::uint32_t TimedEvents::item_number(std::string_view id) {
  const std::uint32_t item = number(items_, id);
  if (item >= item_categories_.size()) {
    item_categories_.resize(item + 1);
    item_terms_.resize(item + 1);
  }
  return item;
}

void TimedEvents::add(const Item& item) {
  const std::uint32_t row = item_number(item.id);
  traits_.set(row, item);
  item_terms_[row] = terms_of(item);
  item_categories_[row].clear();
  for (const std::string& category : item.categories) {
    item_categories_[row].push_back(number(categories_, category));
  }
}

void TimedEvents::add(const Event& event) {
  if (event.action == Action::impression) return;
  const std::uint32_t item = item_number(event.item_id);
  const Signal signal = feedback_.signal(event.action, event.value, traits_.of(item).duration_s);
  // A positive action that the settings give no weight still says yes.
  const double weight = feedback_.weight(event.action);
  events_.push_back({.user = number(users_, subject_of(event)),
                     .item = item,
                     .weight = signal == Signal::positive && weight <= 0 ? 1 : weight,
                     .time_ms = event.time_ms,
                     .signal = signal,
                     .action = event.action,
                     .value = static_cast<float>(event.value),
                     .evidence = static_cast<float>(
                         feedback_.evidence(event.action, event.value, traits_.of(item).duration_s))});
}

Result<EvaluationData> TimedEvents::split(const TestFrom& from) const {
  WINNOW_TRY(EvaluationData data, evaluation_data(events_, static_cast<std::uint32_t>(users_.size()),
                                                  static_cast<std::uint32_t>(items_.size()), from));
  const bool known = std::ranges::any_of(item_categories_, [](const auto& list) { return !list.empty(); });
  if (known) data.categories = item_categories_;
  data.traits = traits_;
  const bool described = std::ranges::any_of(item_terms_, [](const auto& terms) { return !terms.empty(); });
  if (described) {
    for (const std::vector<ItemTerm>& terms : item_terms_) data.terms.add(terms);
  }
  return data;
}

Result<TimedEvents> read_timed_files(const std::filesystem::path& path, const FeedbackPolicy& feedback,
                                     const ReadOptions& options, Terminal& terminal) {
  const std::vector<std::filesystem::path> paths = {path};
  WINNOW_TRY(const std::vector<FilePlan> plans, plan_files(paths, options));
  TimedEvents events(feedback);
  std::uint64_t rejected = 0;
  for (const FilePlan& plan : plans) {
    if (plan.kind == RecordKind::users) continue;
    WINNOW_TRY(RecordFile file, RecordFile::open(plan, options));
    Progress progress(terminal, "reading " + plan.path.filename().string(), Progress::Unit::bytes);
    for (bool end = false; !end;) {
      WINNOW_TRY(const RecordBatch batch, file.next(kBatch));
      for (const Item& item : batch.items) events.add(item);
      for (const Event& event : batch.events) events.add(event);
      rejected += batch.rejections.size();
      end = batch.end;
      progress.update(file.file_bytes_read(), file.file_bytes());
    }
  }
  if (rejected > 0) terminal.warn(fmt::format("{} rows could not be used", with_thousands(rejected)));
  return events;
}

Result<TimedEvents> read_timed_store(const Catalog& catalog, const EventLog& log,
                                     const FeedbackPolicy& feedback, Terminal& terminal) {
  TimedEvents events(feedback);
  WINNOW_RETURN_IF_ERROR(catalog.for_each_item([&](ItemIndex, const Item& item) -> Status {
    events.add(item);
    return {};
  }));
  Progress progress(terminal, "reading the store");
  const LogPosition last = log.statistics().last;
  for (LogPosition from = 1;;) {
    WINNOW_TRY(const std::vector<LogRecord> records, log.read(from, kBatch));
    if (records.empty()) break;
    for (const LogRecord& record : records) events.add(record.event);
    from = records.back().position + 1;
    progress.update(records.back().position, last);
  }
  return events;
}

}  // namespace winnow
