// A disk that fills up at any byte loses nothing that was acknowledged, and the store works again once there
// is room.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/embedded_feature_store.h"
#include "adapters/embedded/full_disk_testing.h"
#include "base/random.h"
#include "base/testing_folder.h"

namespace winnow {
namespace {

class Sender {
 public:
  explicit Sender(EmbeddedEventLog& log) : log_(log) {}

  // Sends the next events; those of a call that failed are sent again.
  Status send(std::size_t count) {
    std::vector<Event> events;
    for (std::size_t i = 0; i < count; ++i) {
      Event event;
      event.event_id = "event-" + std::to_string(acknowledged_ + i);
      event.user_id = "user-" + std::to_string((acknowledged_ + i) % 7);
      event.item_id = "item";
      event.context = "{\"padding\":\"" + std::string(100, 'x') + "\"}";
      events.push_back(std::move(event));
    }
    const auto outcomes = log_.append(std::move(events));
    if (!outcomes.ok()) return outcomes.error();
    acknowledged_ += count;
    return {};
  }
  std::size_t acknowledged() const { return acknowledged_; }

 private:
  EmbeddedEventLog& log_;
  std::size_t acknowledged_ = 0;
};

// Every event that was acknowledged, once; nothing twice.
void expect_whole(const EmbeddedEventLog& log, std::size_t acknowledged) {
  const auto records = log.read(1, 1'000'000);
  ASSERT_TRUE(records.ok()) << records.error().message;
  std::set<std::string> ids;
  for (const LogRecord& record : *records) EXPECT_TRUE(ids.insert(record.event.event_id).second);
  for (std::size_t i = 0; i < acknowledged; ++i) ASSERT_TRUE(ids.contains("event-" + std::to_string(i))) << i;
  EXPECT_EQ(log.statistics().events, records->size());
}

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

TEST(FullDiskTest, AtAnyByteLosesNothingAndWorksAgainOnceThereIsRoom) {
  std::map<std::size_t, int> acknowledged_counts;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    TestFolder folder;
    const SystemClock clock;
    std::size_t acknowledged = 0;
    {
      const auto disk = std::make_shared<FullDisk>();
      StoreOptions options;
      options.file_system = disk;
      options.write_buffer_bytes = 256
                                   << 10;  // small, so that some runs fill the disk while memory is flushed
      auto store = Store::open(folder.path(), options);
      ASSERT_TRUE(store.ok()) << store.error().message;
      auto log = EmbeddedEventLog::open(**store, {}, clock).value();
      auto features = EmbeddedFeatureStore::open(**store).value();
      Sender sender(*log);
      for (int fillings = 0; fillings < 2; ++fillings) {
        disk->set_room(static_cast<std::int64_t>(random.below(1'500'000)) >> random.below(12));
        Status status;
        for (int i = 0; i < 2000 && status.ok(); ++i) {
          status = sender.send(1 + random.below(40));
          if (random.below(8) == 0) (void)features->checkpoint(sender.acknowledged(), "aggregates");
        }
        ASSERT_FALSE(status.ok());
        EXPECT_EQ(status.error().code, ErrorCode::exhausted) << status.error().message;
        EXPECT_THAT(status.error().message, testing::HasSubstr("free space"));
        ASSERT_FALSE(sender.send(1).ok()) << "the disk is still full";
        if (const auto records = log->read(1, 1'000'000); records.ok()) {
          EXPECT_EQ(records->size(), sender.acknowledged()) << "readers see what is durable";
        }
        disk->set_room(std::int64_t{1} << 60);
        ASSERT_TRUE(eventually([&] { return sender.send(3).ok(); }));
        expect_whole(*log, sender.acknowledged());
      }
      acknowledged = sender.acknowledged();
    }
    auto store = Store::open(folder.path());
    ASSERT_TRUE(store.ok()) << store.error().message;
    expect_whole(*EmbeddedEventLog::open(**store, {}, clock).value(), acknowledged);
  }
}

// The same on a real disk of a few megabytes, where only root may make one.
TEST(FullDiskTest, ARealOneIsAnErrorThatNamesTheRemedy) {
  TestFolder folder;
  if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=24m") != 0) {
    GTEST_SKIP() << "cannot mount a small disk here: " << std::strerror(errno);
  }
  struct Unmount {
    const std::filesystem::path& path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } unmount{folder.path()};
  for (const std::uint64_t reserve : {std::uint64_t{0}, std::uint64_t{4} << 20}) {
    SCOPED_TRACE(testing::Message() << "reserve " << reserve);
    const std::filesystem::path place = folder.path() / ("store-" + std::to_string(reserve));
    const SystemClock clock;
    std::size_t acknowledged = 0;
    {
      StoreOptions options;
      options.reserve_bytes = reserve;
      options.write_buffer_bytes = 1 << 20;
      auto store = Store::open(place, options);
      ASSERT_TRUE(store.ok()) << store.error().message;
      auto log = EmbeddedEventLog::open(**store, {}, clock).value();
      Sender sender(*log);
      ASSERT_TRUE(sender.send(100).ok());
      std::ofstream(folder.path() / "filler") << std::string(15 << 20, 'x') << std::flush;
      Status status;
      while (status.ok()) status = sender.send(200);
      EXPECT_EQ(status.error().code, ErrorCode::exhausted) << status.error().message;
      EXPECT_EQ(log->read(1, 1'000'000)->size(), sender.acknowledged());
      std::filesystem::remove(folder.path() / "filler");
      ASSERT_TRUE(eventually([&] { return sender.send(3).ok(); }));
      acknowledged = sender.acknowledged();
      expect_whole(*log, acknowledged);
    }
    auto store = Store::open(place, {.reserve_bytes = 0});
    ASSERT_TRUE(store.ok()) << store.error().message;
    expect_whole(*EmbeddedEventLog::open(**store, {}, clock).value(), acknowledged);
    store->reset();
    std::filesystem::remove_all(place);
  }
}

}  // namespace
}  // namespace winnow
