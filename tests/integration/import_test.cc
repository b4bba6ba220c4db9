// Files into the embedded store and back: what the import, the log and the catalogue promise together, also
// when the process is killed.
#include "adapters/files/import.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "adapters/embedded/embedded_catalog.h"
#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/store.h"
#include "adapters/files/dump.h"
#include "adapters/files/simulate.h"
#include "base/random.h"
#include "base/testing_folder.h"

namespace winnow {
namespace {

constexpr TimestampMs kNowMs = 1'750'000'000'000;

struct OpenedStore {
  ManualClock clock{kNowMs};
  std::unique_ptr<Store> store;
  std::unique_ptr<EmbeddedEventLog> log;
  std::unique_ptr<EmbeddedCatalog> catalog;

  explicit OpenedStore(const std::filesystem::path& folder)
      : store(Store::open(folder).value()),
        log(EmbeddedEventLog::open(*store, {}, clock).value()),
        catalog(EmbeddedCatalog::open(*store).value()) {}

  std::vector<Event> events() const {
    std::vector<Event> all;
    for (LogPosition next = 0;;) {
      const auto records = log->read(next, 10'000);
      EXPECT_TRUE(records.ok());
      if (!records.ok() || records->empty()) return all;
      for (const LogRecord& record : *records) all.push_back(record.event);
      next = records->back().position + 1;
    }
  }
  std::vector<Item> items() const {
    std::vector<Item> all;
    EXPECT_TRUE(catalog
                    ->for_each_item([&](ItemIndex, const Item& item) {
                      all.push_back(item);
                      return Status();
                    })
                    .ok());
    return all;
  }
};

class ImportIntoStore : public testing::Test {
 protected:
  TestFolder owned_;
  const std::filesystem::path folder_ = owned_.path();
};

// Not a test of its own: the process that the test below kills. It says each durable batch by a byte on
// descriptor WINNOW_IMPORT_PIPE.
TEST(ImportChild, DISABLED_ImportsUntilItIsKilled) {
  const char* folder = std::getenv("WINNOW_IMPORT_FOLDER");
  const char* pipe = std::getenv("WINNOW_IMPORT_PIPE");
  if (folder == nullptr || pipe == nullptr) GTEST_SKIP() << "runs as a child of ImportIntoStore only";
  const std::filesystem::path path(folder);
  OpenedStore store(path / "store");
  ImportOptions options{
      .paths = {path / "ratings.csv"}, .batch_size = 200, .rejects = path / "rejects.jsonl"};
  options.progress = [pipe](const ImportProgress&) { static_cast<void>(!::write(std::atoi(pipe), "b", 1)); };
  const auto report = Importer(*store.catalog, *store.log, store.clock).run(options);
  ASSERT_TRUE(report.ok()) << report.error().message;
}

// Runs the child and kills it after `batches` durable batches, or lets it end before; true when it ended by
// itself.
bool run_child(const std::filesystem::path& folder, std::uint32_t batches) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const std::string variables[] = {"WINNOW_IMPORT_FOLDER=" + folder.string(),
                                   "WINNOW_IMPORT_PIPE=" + std::to_string(ends[1])};
  const std::string log = (folder / "child.log").string();
  const pid_t child = ::fork();
  if (child == 0) {
    // Between fork and exec only what is safe with the parent's threads gone.
    ::close(ends[0]);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(out, 1);
    ::dup2(out, 2);
    const char* arguments[] = {"import", "--gtest_filter=ImportChild.*", "--gtest_also_run_disabled_tests",
                               nullptr};
    const char* environment[] = {variables[0].c_str(), variables[1].c_str(), nullptr};
    ::execve("/proc/self/exe", const_cast<char**>(arguments), const_cast<char**>(environment));
    ::_exit(127);
  }
  ::close(ends[1]);
  char byte;
  std::uint32_t seen = 0;
  while (seen < batches && ::read(ends[0], &byte, 1) == 1) ++seen;
  const bool killed = seen == batches;
  if (killed) ::kill(child, SIGKILL);
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status)) return false;
  std::ifstream text(log);
  EXPECT_EQ(WEXITSTATUS(status), 0) << std::string(std::istreambuf_iterator<char>(text), {});
  return true;
}

TEST_F(ImportIntoStore, LosesAndDoublesNothingWhenKilledAgainAndAgain) {
  constexpr int kRows = 30'000;
  {
    std::ofstream file(folder_ / "ratings.csv");
    file << "userId,movieId,rating,timestamp\n";
    for (int i = 0; i < kRows; ++i) {
      file << i % 331 << ',' << i << ",4.5," << 1'000'000'000 + i << '\n';
      if (i % 1000 == 0) file << "broken\n";
    }
  }
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  Random random(seed);
  int kills = 0;
  while (!run_child(folder_, 1 + random.below(12))) ASSERT_LT(++kills, 1000);
  EXPECT_GE(kills, 10);

  const OpenedStore store(folder_ / "store");
  const auto events = store.events();
  ASSERT_EQ(events.size(), static_cast<std::size_t>(kRows));
  for (int i = 0; i < kRows; ++i) ASSERT_EQ(events[static_cast<std::size_t>(i)].item_id, std::to_string(i));
  std::ifstream rejects(folder_ / "rejects.jsonl");
  const std::string text(std::istreambuf_iterator<char>(rejects), {});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), kRows / 1000);
}

TEST_F(ImportIntoStore, BringsADumpBackIntoAnotherStore) {
  auto world = Simulation::create({.users = 300, .items = 200, .events = 20'000, .end_ms = kNowMs});
  ASSERT_TRUE(world.ok());
  OpenedStore store(folder_ / "store");
  ASSERT_TRUE(store.catalog->put_items(world->items()).ok());
  ASSERT_TRUE(store.catalog->put_users(world->users()).ok());
  for (;;) {
    auto events = world->next(5000);
    if (events.empty()) break;
    ASSERT_TRUE(store.log->append(std::move(events)).ok());
  }
  const auto dumped = dump(*store.catalog, *store.log, store.clock, folder_ / "dump");
  ASSERT_TRUE(dumped.ok()) << dumped.error().message;

  OpenedStore other(folder_ / "other");
  const auto restored = restore(folder_ / "dump", *other.catalog, *other.log, other.clock);
  ASSERT_TRUE(restored.ok()) << restored.error().message;
  EXPECT_EQ(other.events(), store.events());
  EXPECT_EQ(other.items(), store.items());
  EXPECT_EQ(other.catalog->users("", 1000)->entries, store.catalog->users("", 1000)->entries);
}

}  // namespace
}  // namespace winnow
