#include "adapters/files/dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/files/dump_manifest.h"
#include "adapters/files/memory_stores.h"
#include "base/file.h"
#include "base/random.h"
#include "base/testing_folder.h"

namespace winnow {
namespace {

using testing::HasSubstr;

constexpr TimestampMs kNow = 1'750'000'000'000;

std::string random_text(Random& random, std::size_t most = 12) {
  static constexpr const char* kPieces[] = {"a", "Z", "7",    " ",      "\"",     "\\",
                                            ",", "|", ";",    "\u00e9", "\u4e2d", "\U0001F600",
                                            "[", "{", "null", "\u2028", "/",      "'"};
  std::string text;
  for (std::uint32_t n = random.below(static_cast<std::uint32_t>(most)); n > 0; --n)
    text += kPieces[random.below(18)];
  return text;
}

std::vector<std::string> random_list(Random& random) {
  std::vector<std::string> list;
  for (std::uint32_t n = random.below(4); n > 0; --n) list.push_back("x" + random_text(random));
  return list;
}

std::map<std::string, std::string> random_attributes(Random& random) {
  static constexpr const char* kValues[] = {
      "1",  "1.50", "-0.0", "true", "null", "\"a\\n\"", "[1, {\"b\":[]}]", "{}", "12345678901234567890123",
      "1e2"};
  std::map<std::string, std::string> attributes;
  for (std::uint32_t n = random.below(4); n > 0; --n)
    attributes["k" + random_text(random)] = kValues[random.below(10)];
  return attributes;
}

void fill(MemoryCatalog& catalog, MemoryEventLog& log, std::uint64_t seed) {
  Random random(seed);
  std::vector<Item> items;
  std::vector<User> users;
  for (std::uint32_t i = random.below(60); i > 0; --i) {
    items.push_back({.id = std::to_string(i) + random_text(random),
                     .title = random_text(random) + (i % 5 == 0 ? "\n\t" : ""),
                     .description = random_text(random, 300),
                     .categories = random_list(random),
                     .tags = random_list(random),
                     .creator = random_text(random),
                     .created_ms = static_cast<TimestampMs>(random.below(4)) * 1001,
                     .duration_s = random.uniform(),
                     .price = static_cast<double>(random.below(3)),
                     .available = random.below(2) == 0,
                     .regions = random_list(random),
                     .attributes = random_attributes(random)});
    users.push_back({.id = random_text(random) + std::to_string(i),
                     .country = random_text(random, 3),
                     .language = random_text(random, 3),
                     .age_group = random_text(random, 3),
                     .signup_ms = static_cast<TimestampMs>(random.below(2)) * 999,
                     .interests = random_list(random),
                     .follows = random_list(random),
                     .attributes = random_attributes(random)});
  }
  ASSERT_TRUE(catalog.put_items(items).ok());
  ASSERT_TRUE(catalog.put_users(users).ok());
  std::vector<Event> events;
  for (std::uint32_t i = random.below(300); i > 0; --i) {
    static constexpr const char* kContexts[] = {"", "{}", "{\"a\": 1}", "{\n \"a\": [1.0,\r\n2]}"};
    events.push_back({.event_id = "id" + std::to_string(i) + random_text(random),
                      .user_id = random.below(4) == 0 ? "" : "u" + random_text(random),
                      .item_id = "i" + random_text(random),
                      .action = static_cast<Action>(random.below(kActionCount)),
                      .value = random.below(2) == 0 ? 0 : random.uniform() / 3,
                      .time_ms = random.below(2) == 0 ? random.below(100) : kNow + random.below(1000),
                      .session_id = "s" + random_text(random),
                      .recommendation_id = random.below(3) == 0 ? "r1" : "",
                      .context = kContexts[random.below(4)]});
  }
  ASSERT_TRUE(log.append(events).ok());
}

std::vector<Item> items_of(const Catalog& catalog) {
  std::vector<Item> items;
  EXPECT_TRUE(catalog
                  .for_each_item([&](ItemIndex, const Item& item) {
                    items.push_back(item);
                    return Status();
                  })
                  .ok());
  return items;
}

class Dump : public testing::Test {
 protected:
  TestFolder folder_;
  ManualClock clock_{kNow};
};

TEST_F(Dump, BringsBackEqualContent) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE(seed);
    MemoryCatalog catalog;
    MemoryEventLog log;
    fill(catalog, log, seed);
    const auto path = folder_.path() / std::to_string(seed);
    const auto dumped = dump(catalog, log, clock_, path);
    ASSERT_TRUE(dumped.ok()) << dumped.error().message;
    EXPECT_EQ(dumped->events, log.statistics().events);

    MemoryCatalog other_catalog;
    MemoryEventLog other_log;
    const auto restored = restore(path, other_catalog, other_log, clock_);
    ASSERT_TRUE(restored.ok()) << restored.error().message;
    EXPECT_EQ(items_of(other_catalog), items_of(catalog));
    EXPECT_EQ(other_catalog.users("", 1000)->entries, catalog.users("", 1000)->entries);
    ASSERT_EQ(other_log.records().size(), log.records().size());
    for (std::size_t i = 0; i < log.records().size(); ++i) {
      EXPECT_EQ(other_log.records()[i].event, log.records()[i].event);
    }
    // The same store gives the same bytes.
    ASSERT_TRUE(dump(other_catalog, other_log, clock_, path / "again").ok());
    EXPECT_EQ(*read_file(path / "manifest.json"), *read_file(path / "again" / "manifest.json"));
  }
}

TEST_F(Dump, LeavesNothingBehindWhenItFails) {
  MemoryCatalog catalog;
  MemoryEventLog log;
  fill(catalog, log, 1);
  const auto taken = folder_.write("taken/file", "x").parent_path();
  EXPECT_EQ(dump(catalog, log, clock_, taken).error().code, ErrorCode::conflict);
  EXPECT_FALSE(dump(catalog, log, clock_, folder_.path() / "taken" / "file" / "dump").ok());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(Dump, IsNotRestoredIntoAStoreThatHoldsSomething) {
  MemoryCatalog catalog;
  MemoryEventLog log;
  fill(catalog, log, 7);
  const auto path = folder_.path() / "dump";
  ASSERT_TRUE(dump(catalog, log, clock_, path).ok());
  EXPECT_EQ(restore(path, catalog, log, clock_).error().code, ErrorCode::conflict);
  const auto merged = restore(path, catalog, log, clock_, {.into_existing = true});
  EXPECT_TRUE(merged.ok()) << merged.error().message;
  EXPECT_EQ(log.statistics().events, merged->events);
}

TEST_F(Dump, GoesOnWithARestoreThatWasCutShort) {
  MemoryCatalog catalog;
  MemoryEventLog log;
  std::vector<Event> events;
  for (int i = 0; i < 25'000; ++i) {
    events.push_back({.event_id = std::to_string(i), .user_id = "u", .item_id = "i", .time_ms = i});
  }
  ASSERT_TRUE(log.append(events).ok());
  const auto path = folder_.path() / "dump";
  ASSERT_TRUE(dump(catalog, log, clock_, path).ok());
  MemoryCatalog other_catalog;
  MemoryEventLog other_log;
  other_log.fail_from(1);
  EXPECT_EQ(restore(path, other_catalog, other_log, clock_).error().code, ErrorCode::exhausted);
  other_log.mend();
  EXPECT_TRUE(restore(path, other_catalog, other_log, clock_, {.into_existing = true}).ok());
  EXPECT_EQ(other_log.statistics().events, 25'000u);
}

TEST_F(Dump, IsCheckedBeforeAnythingIsStored) {
  MemoryCatalog catalog;
  MemoryEventLog log;
  fill(catalog, log, 3);
  const auto path = folder_.path() / "dump";
  ASSERT_TRUE(dump(catalog, log, clock_, path).ok());
  const std::string manifest = *read_file(path / "manifest.json");
  const std::string events = *read_file(path / "events.jsonl.gz");
  const auto fails = [&](ErrorCode code, std::string_view part) {
    MemoryCatalog other_catalog;
    MemoryEventLog other_log;
    const auto restored = restore(path, other_catalog, other_log, clock_);
    ASSERT_FALSE(restored.ok()) << part;
    EXPECT_EQ(restored.error().code, code) << restored.error().message;
    EXPECT_THAT(restored.error().message, HasSubstr(part));
    EXPECT_EQ(other_catalog.item_count() + other_log.statistics().events, 0u);
  };
  std::string damaged = events;
  damaged[damaged.size() / 2] ^= 1;
  folder_.write("dump/events.jsonl.gz", damaged);
  fails(ErrorCode::corrupt, "checksum");
  folder_.write("dump/events.jsonl.gz", events.substr(1));
  fails(ErrorCode::corrupt, "bytes where the manifest says");
  std::filesystem::remove(path / "events.jsonl.gz");
  fails(ErrorCode::corrupt, "is missing");
  folder_.write("dump/manifest.json", "{");
  fails(ErrorCode::corrupt, "is not JSON");
  folder_.write("dump/manifest.json", "{\"format\":\"winnow-dump\",\"version\":2}");
  fails(ErrorCode::unsupported, "version 2");
  folder_.write("dump/manifest.json", "{\"format\":\"winnow-dump\",\"version\":1,\"created_at\":1}");
  fails(ErrorCode::corrupt, "lacks a file");
  std::filesystem::remove(path / "manifest.json");
  fails(ErrorCode::not_found, "is no dump");
}

}  // namespace
}  // namespace winnow
