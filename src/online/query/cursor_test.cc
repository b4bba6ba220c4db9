#include "online/query/cursor.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace winnow {
namespace {

std::vector<ItemIndex> random_items(Random& random, std::size_t count) {
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back(random.below(10'000'000));
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  std::vector<ItemIndex> items;
  for (const std::uint32_t r : rows) items.push_back(ItemIndex{r});
  return items;
}

TEST(Cursor, CarriesTheItemsShown) {
  Random random(5);
  for (int round = 0; round < 300; ++round) {
    const std::vector<ItemIndex> shown = random_items(random, random.below(kMaxCursorItems));
    const auto decoded = decode_cursor("owner", encode_cursor("owner", shown));
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(*decoded, shown);
  }
}

TEST(Cursor, IsRefusedForSomebodyElse) {
  const std::string cursor = encode_cursor("ann", {ItemIndex{1}});
  const auto decoded = decode_cursor("bob", cursor);
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().field, "cursor");
}

TEST(Cursor, AnyChangedByteIsNoticed) {
  const std::string cursor = encode_cursor("ann", {ItemIndex{1}, ItemIndex{200}, ItemIndex{70000}});
  for (std::size_t at = 0; at + 1 < cursor.size(); ++at) {
    std::string changed = cursor;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(decode_cursor("ann", changed).ok()) << at;
    EXPECT_FALSE(decode_cursor("ann", cursor.substr(0, at)).ok()) << at;
  }
}

TEST(Cursor, RandomTextIsRefusedWithoutCrashing) {
  Random random(9);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::uint32_t n = random.below(60); n > 0; --n) text.push_back(static_cast<char>(random.below(256)));
    EXPECT_FALSE(decode_cursor("ann", text).ok());
  }
}

}  // namespace
}  // namespace winnow
