#include "adapters/files/simulate.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "winnow/cli/interruption.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/store/opened_store.h"
#include "winnow/terminal/progress.h"

namespace winnow {
namespace {

constexpr std::size_t kBatch = 10'000;

struct SimulateFlags {
  std::int64_t users = SimulationOptions{}.users;
  std::int64_t items = SimulationOptions{}.items;
  std::int64_t events = static_cast<std::int64_t>(SimulationOptions{}.events);
  std::int64_t days = SimulationOptions{}.days;
  std::int64_t seed = 1;
  bool impressions = false;
};

}  // namespace

Command simulate_command() {
  const auto own = std::make_shared<SimulateFlags>();
  Command command;
  command.name = "simulate";
  command.summary = "fill a store with a made-up streaming service";
  command.description =
      "Makes a catalogue, people with tastes of their own, and what they did in the last days: sessions with "
      "clicks, watching, likes and skips, charts and releases. For trying Winnow without data. The same "
      "flags give the same service, except that its last day ends now.";
  command.flags = {
      {"--users", "N", "people; default 2000", &own->users, false, 1, 1e8},
      {"--items", "N", "titles; default 1500", &own->items, false, 1, 1e7},
      {"--events", "N", "events; default 200000", &own->events, false, 1, 1e10},
      {"--days", "N", "days; default 60", &own->days, false, 1, 3650},
      {"--seed", "N", "another seed makes another service; default 1", &own->seed, false, 0, 9e15},
      {"--impressions", "", "also an event for everything that was looked at", &own->impressions}};
  command.examples = {{"winnow simulate", "a small service, in seconds"},
                      {"winnow simulate --users 20000 --items 10000 --events 2000000", "a larger one"}};
  command.run = [own](Session& session) -> Result<ExitCode> {
    Terminal& terminal = session.terminal;
    const Interruption interruption;
    SimulationOptions options;
    options.users = static_cast<std::uint32_t>(own->users);
    options.items = static_cast<std::uint32_t>(own->items);
    options.events = static_cast<std::uint64_t>(own->events);
    options.days = static_cast<std::uint32_t>(own->days);
    options.seed = static_cast<std::uint64_t>(own->seed);
    options.impressions = own->impressions;
    options.end_ms = session.clock.now_ms();
    WINNOW_TRY(const OpenedStore opened,
               open_store(session.data, Access::write, session.settings.log, session.clock));
    Progress progress(terminal, "simulating");
    WINNOW_TRY(Simulation simulation, Simulation::create(options));
    for (std::size_t from = 0; from < simulation.items().size(); from += kBatch) {
      const std::span<const Item> rest = std::span(simulation.items()).subspan(from);
      WINNOW_TRY([[maybe_unused]] const auto indexes,
                 opened.catalog->put_items(rest.first(std::min(kBatch, rest.size()))));
    }
    for (std::size_t from = 0; from < simulation.users().size(); from += kBatch) {
      const std::span<const User> rest = std::span(simulation.users()).subspan(from);
      WINNOW_RETURN_IF_ERROR(opened.catalog->put_users(rest.first(std::min(kBatch, rest.size()))));
    }
    std::uint64_t done = 0;
    while (!interruption.requested()) {
      std::vector<Event> events = simulation.next(kBatch);
      if (events.empty()) break;
      done += events.size();
      WINNOW_TRY([[maybe_unused]] const auto outcomes, opened.log->append(std::move(events)));
      progress.update(done, options.events);
    }
    progress.finish(fmt::format("{} items, {} users, {} events", with_thousands(simulation.items().size()),
                                with_thousands(simulation.users().size()), with_thousands(done)));
    terminal.print_json(fmt::format(R"({{"items":{},"users":{},"events":{}}})", simulation.items().size(),
                                    simulation.users().size(), done));
    if (interruption.requested()) return ExitCode::interrupted;
    terminal.note(fmt::format("next: winnow train --data {}", session.data.string()));
    return ExitCode::ok;
  };
  return command;
}

}  // namespace winnow
