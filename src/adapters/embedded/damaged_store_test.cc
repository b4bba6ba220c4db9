// Damage to any file of a store is a clear error or goes unnoticed, and never a crash or a wrong answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "adapters/embedded/embedded_catalog.h"
#include "adapters/embedded/embedded_dead_letters.h"
#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/embedded_feature_store.h"
#include "base/file.h"
#include "base/random.h"
#include "base/testing_folder.h"

namespace winnow {
namespace {

using Records = std::map<LogPosition, Event>;

// All that a store holds, or the first error.
Result<Records> read_everything(const std::filesystem::path& folder, StoreOptions::Mode mode) {
  const SystemClock clock;
  StoreOptions options;
  options.mode = mode;
  WINNOW_TRY(const auto store, Store::open(folder, options));
  WINNOW_TRY(const auto log, EmbeddedEventLog::open(*store, {}, clock));
  WINNOW_TRY(const auto catalog, EmbeddedCatalog::open(*store));
  WINNOW_TRY(const auto features, EmbeddedFeatureStore::open(*store));
  WINNOW_TRY(const auto letters, EmbeddedDeadLetters::open(*store));
  Records records;
  WINNOW_TRY(const auto page, log->read(1, 1'000'000));
  for (const LogRecord& record : page) records.emplace(record.position, record.event);
  WINNOW_RETURN_IF_ERROR(log->read_subject("user-1", 0, 100));
  WINNOW_RETURN_IF_ERROR(catalog->for_each_item([](ItemIndex, const Item&) { return Status(); }));
  WINNOW_RETURN_IF_ERROR(catalog->users("", 1000));
  WINNOW_RETURN_IF_ERROR(
      features->for_each_user([](std::string_view, const UserState&) { return Status(); }));
  WINNOW_RETURN_IF_ERROR(features->last_checkpoint());
  WINNOW_RETURN_IF_ERROR(letters->list(0, 1000));
  return records;
}

// A store with something in every column, part of it in files and part in the write-ahead log.
Records make_store(const std::filesystem::path& folder) {
  const SystemClock clock;
  auto store = Store::open(folder).value();
  auto log = EmbeddedEventLog::open(*store, {}, clock).value();
  auto catalog = EmbeddedCatalog::open(*store).value();
  auto features = EmbeddedFeatureStore::open(*store).value();
  auto letters = EmbeddedDeadLetters::open(*store).value();
  for (int round = 0; round < 4; ++round) {
    std::vector<Event> events(200);
    for (std::size_t i = 0; i < events.size(); ++i) {
      events[i].user_id = "user-" + std::to_string(i % 13);
      events[i].item_id = "item-" + std::to_string(i);
    }
    EXPECT_TRUE(log->append(std::move(events)).ok());
    Item item;
    item.id = "item-" + std::to_string(round);
    EXPECT_TRUE(catalog->put_items(std::vector<Item>{item}).ok());
    User user;
    user.id = "user-" + std::to_string(round);
    EXPECT_TRUE(catalog->put_users(std::vector<User>{user}).ok());
    EXPECT_TRUE(features->put_users({{user.id, std::make_shared<const UserState>()}}).ok());
    EXPECT_TRUE(features->checkpoint(static_cast<LogPosition>(round), "aggregates").ok());
    EXPECT_TRUE(letters->add(log->read(1, 1)->front(), "poison", 3).ok());
    if (round < 3) {
      EXPECT_TRUE(store->scrub({}).ok());
    }
  }
  Records records;
  const auto all = log->read(1, 100'000);
  for (const LogRecord& record : *all) records.emplace(record.position, record.event);
  return records;
}

class DamagedStore : public ::testing::Test {
 protected:
  DamagedStore() : original_(make_store(folder_.path() / "whole")) {}

  std::filesystem::path copy() const {
    std::filesystem::remove_all(folder_.path() / "copy");
    std::filesystem::copy(folder_.path() / "whole", folder_.path() / "copy",
                          std::filesystem::copy_options::recursive);
    return folder_.path() / "copy";
  }
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "whole")) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // Either an error that says what to do, or nothing but what was there: all of it, or all but the log's
  // tail.
  void expect_error_or_truth(const std::filesystem::path& place, StoreOptions::Mode mode) {
    const auto found = read_everything(place, mode);
    if (!found.ok()) {
      ++errors_;
      EXPECT_TRUE(found.error().code == ErrorCode::corrupt || found.error().code == ErrorCode::unsupported)
          << name_of(found.error().code) << ": " << found.error().message;
      EXPECT_THAT(found.error().message, testing::HasSubstr("restore"));
      return;
    }
    for (const auto& [position, event] : *found) {
      const auto was = original_.find(position);
      ASSERT_NE(was, original_.end());
      ASSERT_EQ(event, was->second);
    }
  }

  TestFolder folder_;
  const Records original_;
  int errors_ = 0;
};

TEST_F(DamagedStore, FlippedBytesInAnyFile) {
  Random random(1);
  for (int round = 0; round < 2; ++round) {
    for (const auto& name : files()) {
      SCOPED_TRACE(testing::Message() << name << " round " << round);
      const std::filesystem::path place = copy();
      std::string bytes = read_file(place / name).value();
      if (bytes.empty()) continue;
      for (std::uint32_t flips = 1 + random.below(20); flips > 0; --flips) {
        bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] = static_cast<char>(random.next());
      }
      std::ofstream(place / name, std::ios::binary) << bytes;
      expect_error_or_truth(place,
                            round == 0 ? StoreOptions::Mode::read_write : StoreOptions::Mode::read_only);
    }
  }
  EXPECT_GT(errors_, 5);
}

// RocksDB parses a table's properties before it checks them.
TEST_F(DamagedStore, EveryByteOfATablesEnd) {
  std::filesystem::path table;
  for (const auto& name : files()) {
    if (name.extension() == ".sst") table = name;
  }
  const std::string whole = read_file(folder_.path() / "whole" / table).value();
  const std::size_t end = std::min<std::size_t>(whole.size(), 1400);
  Random random(3);
  for (std::size_t back = 1; back <= end; back += 1 + random.below(30)) {
    SCOPED_TRACE(testing::Message() << back << " bytes before the end of " << table);
    const std::filesystem::path place = copy();
    std::string bytes = whole;
    bytes[bytes.size() - back] = static_cast<char>(random.next());
    std::ofstream(place / table, std::ios::binary) << bytes;
    expect_error_or_truth(place, StoreOptions::Mode::read_write);
  }
  EXPECT_GT(errors_, 5);
}

TEST_F(DamagedStore, ATruncatedFile) {
  Random random(2);
  for (const auto& name : files()) {
    SCOPED_TRACE(name);
    const std::filesystem::path place = copy();
    const auto size = static_cast<std::uint32_t>(std::filesystem::file_size(place / name));
    if (size == 0) continue;
    std::filesystem::resize_file(place / name, random.below(size));
    expect_error_or_truth(place, StoreOptions::Mode::read_write);
  }
  EXPECT_GT(errors_, 5);
}

TEST_F(DamagedStore, AMissingFile) {
  for (const auto& name : files()) {
    SCOPED_TRACE(name);
    const std::filesystem::path place = copy();
    std::filesystem::remove(place / name);
    expect_error_or_truth(place, StoreOptions::Mode::read_write);
  }
  EXPECT_GT(errors_, 5);
}

}  // namespace
}  // namespace winnow
