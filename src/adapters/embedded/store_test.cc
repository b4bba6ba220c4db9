#include "adapters/embedded/store.h"
#include "adapters/embedded/embedded_impression_log.h"
#include "adapters/embedded/store_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "adapters/embedded/embedded_catalog.h"
#include "adapters/embedded/embedded_event_log.h"
#include "base/file.h"
#include "base/testing_folder.h"

namespace winnow {
namespace {

using ::testing::HasSubstr;

Event event_of(const std::string& id) {
  Event event;
  event.event_id = id;
  event.user_id = "user";
  event.item_id = "item";
  return event;
}

Result<std::unique_ptr<Store>> open_for_reading(const std::filesystem::path& folder) {
  StoreOptions options;
  options.mode = StoreOptions::Mode::read_only;
  return Store::open(folder, options);
}

TEST(Store, ASecondWriterIsToldWhoTheFirstOneIs) {
  TestFolder folder;
  const auto first = Store::open(folder.path());
  ASSERT_TRUE(first.ok());
  const auto second = Store::open(folder.path());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_THAT(second.error().message, HasSubstr("process " + std::to_string(::getpid())));
}

TEST(Store, IsFreeAgainWhenItsWriterIsGone) {
  TestFolder folder;
  { ASSERT_TRUE(Store::open(folder.path()).ok()); }
  EXPECT_TRUE(Store::open(folder.path()).ok());
}

TEST(Store, AReaderWithoutAStoreIsToldToImport) {
  TestFolder folder;
  const auto store = open_for_reading(folder.path());
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, ErrorCode::not_found);
  EXPECT_THAT(store.error().message, HasSubstr("import"));
}

TEST(Store, RefusesTheFormatOfAnotherReleaseAndSaysWhatToDo) {
  TestFolder folder;
  { ASSERT_TRUE(Store::open(folder.path()).ok()); }
  ASSERT_TRUE(write_file_atomically(folder.path() / "FORMAT", "winnow-store 2\n").ok());
  const auto store = Store::open(folder.path());
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, ErrorCode::unsupported);
  EXPECT_THAT(store.error().message, HasSubstr("winnow-store 2"));
  EXPECT_THAT(store.error().message, HasSubstr("dump"));
}

TEST(Store, AStoreWhoseMakingWasCutShortIsMadeAgain) {
  TestFolder folder;
  { ASSERT_TRUE(Store::open(folder.path()).ok()); }
  ASSERT_TRUE(write_file_atomically(folder.path() / "FORMAT", "winnow-store 1 making\n").ok());
  std::filesystem::remove(folder.path() / "CURRENT");
  EXPECT_TRUE(Store::open(folder.path()).ok());
  EXPECT_TRUE(Store::open(folder.path()).ok());
}

TEST(Store, LeavesADatabaseOfSomebodyElseAlone) {
  TestFolder folder;
  { ASSERT_TRUE(Store::open(folder.path()).ok()); }
  std::filesystem::remove(folder.path() / "FORMAT");
  const auto store = Store::open(folder.path());
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, ErrorCode::corrupt);
  EXPECT_THAT(store.error().message, HasSubstr("FORMAT"));
}

TEST(Store, AFolderThatCannotBeMadeIsAnErrorWithItsName) {
  TestFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto store = Store::open(folder.path() / "file" / "store");
  ASSERT_FALSE(store.ok());
  EXPECT_THAT(store.error().message, HasSubstr("file/store"));
}

TEST(Store, AReaderFollowsTheWriterAndWritesNothing) {
  TestFolder folder;
  const SystemClock clock;
  auto store = Store::open(folder.path());
  ASSERT_TRUE(store.ok());
  auto log = EmbeddedEventLog::open(**store, {}, clock).value();
  auto catalog = EmbeddedCatalog::open(**store).value();
  ASSERT_TRUE(log->append({event_of("a")}).ok());

  auto reading = open_for_reading(folder.path());
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  auto read_log = EmbeddedEventLog::open(**reading, {}, clock).value();
  auto read_catalog = EmbeddedCatalog::open(**reading).value();
  EXPECT_EQ(read_log->read(1, 10)->size(), 1u);
  EXPECT_FALSE(read_log->wait_beyond(1, 30));

  ASSERT_TRUE(log->append({event_of("b"), event_of("c")}).ok());
  Item item;
  item.id = "item";
  ASSERT_TRUE(catalog->put_items(std::vector<Item>{item}).ok());
  EXPECT_TRUE(read_log->wait_beyond(1, 10'000));
  EXPECT_EQ(read_log->read(1, 10)->size(), 3u);
  EXPECT_EQ(read_log->statistics().events, 3u);
  EXPECT_EQ(read_log->read_subject("user", 0, 10)->records.size(), 3u);
  ASSERT_TRUE((*reading)->catch_up().ok());
  EXPECT_EQ(read_catalog->item_count(), 1u);
  EXPECT_TRUE(read_catalog->item("item").ok());

  EXPECT_EQ(read_log->append({event_of("d")}).error().code, ErrorCode::conflict);
  EXPECT_EQ(read_catalog->put_items(std::vector<Item>{item}).error().code, ErrorCode::conflict);
  EXPECT_EQ(read_log->erase_subject("user").error().code, ErrorCode::conflict);

  // Also across a flush, an erasure, and the end of the writer.
  ASSERT_TRUE(log->append({event_of("e")}).ok());
  ASSERT_TRUE((*store)->scrub({}).ok());
  ASSERT_TRUE(log->append({event_of("f")}).ok());
  ASSERT_TRUE((*reading)->catch_up().ok());
  EXPECT_EQ(read_log->read(1, 10)->size(), 5u);
  ASSERT_TRUE(log->erase_subject("user").ok());
  ASSERT_TRUE(log->append({event_of("g")}).ok());
  ASSERT_TRUE((*reading)->catch_up().ok());
  ASSERT_EQ(read_log->read(1, 10)->size(), 1u);
  EXPECT_EQ(read_log->read(1, 10)->front().event.event_id, "g");
}

TEST(Store, AReaderWritesNothing) {
  TestFolder folder;
  { ASSERT_TRUE(Store::open(folder.path()).ok()); }
  const auto files = [&] {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
      names.insert(entry.path().string());
    return names;
  };
  const auto before = files();
  const auto reading = open_for_reading(folder.path());
  ASSERT_TRUE(reading.ok());
  EXPECT_EQ(files(), before);
}

TEST(Store, OneOfAnOlderReleaseIsReadAndGetsTheColumnsThatCameLater) {
  TestFolder folder;
  {
    auto store = Store::open(folder.path()).value();
    const auto engine = store->pin().value();
    ASSERT_TRUE(engine->db().DropColumnFamily(engine->column(Column::impressions)).ok());
  }
  {
    auto store = Store::open(folder.path(), {.mode = StoreOptions::Mode::read_only}).value();
    auto log = EmbeddedImpressionLog::open(*store).value();
    EXPECT_FALSE(log->find("r")->has_value());
    EXPECT_TRUE(log->read("", 10)->impressions.empty());
    EXPECT_EQ(log->statistics().impressions, 0u);
    EXPECT_FALSE(log->offer({.recommendation_id = "r"}));
  }
  auto store = Store::open(folder.path()).value();
  auto log = EmbeddedImpressionLog::open(*store).value();
  EXPECT_TRUE(log->offer({.recommendation_id = "r"}));
  ASSERT_TRUE(log->flush().ok());
  EXPECT_TRUE(log->find("r")->has_value());
}

}  // namespace
}  // namespace winnow
