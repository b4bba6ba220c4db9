// The batch job over a real store: beside a process that writes, and killed at random moments.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "adapters/embedded/embedded_catalog.h"
#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/store.h"
#include "base/random.h"
#include "base/testing_folder.h"
#include "batch/job.h"
#include "batch/testing_ports.h"

namespace winnow {
namespace {

// Trains as `winnow train` does: the store is opened for reading only.
Result<JobReport> train_in(const std::filesystem::path& folder, const TrainOptions& options = {}) {
  WINNOW_TRY(const auto store, Store::open(folder / "store", {.mode = StoreOptions::Mode::read_only}));
  const SystemClock clock;
  WINNOW_TRY(const auto log, EmbeddedEventLog::open(*store, {}, clock));
  WINNOW_TRY(const auto catalog, EmbeddedCatalog::open(*store));
  WINNOW_TRY(ModelRegistry registry, ModelRegistry::open(folder / "models"));
  const FeedbackPolicy feedback;
  return run_training({*log, *catalog, feedback, registry, clock, folder / "work"}, options);
}

// A store that this process holds open for writing.
struct Writer {
  explicit Writer(const std::filesystem::path& folder)
      : store(Store::open(folder / "store").value()),
        log(EmbeddedEventLog::open(*store, {}, clock).value()) {}
  SystemClock clock;
  std::unique_ptr<Store> store;
  std::unique_ptr<EmbeddedEventLog> log;
};

TEST(TrainingOnARealStore, ReadsBesideAWriterWhatWasAcknowledged) {
  const TestFolder folder;
  Writer writer(folder.path());
  const std::vector<Event> events = tasteful_events({});
  ASSERT_TRUE(writer.log->append(events).ok());
  const auto report = train_in(folder.path());
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->extract.events, events.size());
  EXPECT_EQ(report->data.users, 120u);
  EXPECT_TRUE(report->promoted) << report->refusal;

  // The same data in memory give the same models.
  TestingEventLog memory;
  ASSERT_TRUE(memory.append(events).ok());
  const TestFolder other;
  ModelRegistry registry = ModelRegistry::open(other.path() / "models").value();
  const FeedbackPolicy feedback;
  const auto expected =
      run_training({memory, TestingCatalog(), feedback, registry, writer.clock, other.path() / "work"}, {});
  ASSERT_TRUE(expected.ok());
  const auto ours = ModelRegistry::open(folder.path() / "models")->load(report->version);
  const auto theirs = registry.load(expected->version);
  EXPECT_EQ((*ours)->models.als.encode(), (*theirs)->models.als.encode());
  EXPECT_EQ((*ours)->models.item_to_item.encode(), (*theirs)->models.item_to_item.encode());
}

TEST(TrainingOnARealStore, KilledAtRandomMomentsEndsInALiveVersionThatLoads) {
  const TestFolder folder;
  ASSERT_TRUE(Writer(folder.path()).log->append(tasteful_events({.users = 400, .per_user = 30})).ok());
  Random random(20'261'121);
  std::size_t killed = 0;
  for (int round = 0; round < 25; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(train_in(folder.path()).ok() ? 0 : 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(random.below(400)));  // the random moment
    (void)::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << "the job failed without being killed";
    killed += WIFSIGNALED(status);

    const auto registry = ModelRegistry::open(folder.path() / "models");
    const auto live = registry->live();
    ASSERT_TRUE(live.ok()) << live.error().message;
    EXPECT_TRUE(!live->has_value() || registry->load(**live).ok());
  }
  EXPECT_GT(killed, 0u);
  const auto report = train_in(folder.path());
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_TRUE(report->promoted) << report->refusal;
}

}  // namespace
}  // namespace winnow
