// The victim of kill_test.cc: appends numbered events without end, and says on standard output up to which
// number they are acknowledged. A test's tool: it is not installed.
//
//   winnow_log_writer FOLDER FIRST SEED
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <vector>

#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/store.h"
#include "base/random.h"
#include "base/text.h"

int main(int count, char** arguments) {
  using namespace winnow;
  if (count != 4) return 2;
  const auto first = parse_int(arguments[2]);
  const auto seed = parse_int(arguments[3]);
  if (!first || !seed) return 2;
  const SystemClock clock;
  auto store = Store::open(arguments[1]);
  if (!store.ok()) return std::fprintf(stderr, "%s\n", store.error().message.c_str()), 1;
  auto log = EmbeddedEventLog::open(**store, {}, clock);
  if (!log.ok()) return std::fprintf(stderr, "%s\n", log.error().message.c_str()), 1;

  // A few calls on their way at once, so that commits gather several of them.
  constexpr int kInFlight = 4;
  std::atomic<int> in_flight{0};
  Random random(static_cast<std::uint64_t>(*seed));
  for (std::int64_t next = *first;;) {
    std::vector<Event> events;
    for (std::uint32_t i = random.below(3) == 0 ? 1 : 1 + random.below(200); i > 0; --i, ++next) {
      Event event;
      event.event_id = "event-" + std::to_string(next);
      event.user_id = "user-" + std::to_string(next % 97);
      event.item_id = "item-" + std::to_string(next % 1009);
      events.push_back(std::move(event));
    }
    for (int now = in_flight.load(); now >= kInFlight; now = in_flight.load()) in_flight.wait(now);
    ++in_flight;
    (*log)->append_async(std::move(events), [&, next](const auto& outcomes) {
      if (!outcomes.ok()) {
        std::fprintf(stderr, "%s\n", outcomes.error().message.c_str());
        _exit(1);
      }
      const std::string line = std::to_string(next) + "\n";
      if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) _exit(1);
      --in_flight;
      in_flight.notify_one();
    });
  }
}
