#include "catalog/item_table.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "base/random.h"

namespace winnow {
namespace {

Item make_item(const std::string& id, const std::string& title, std::vector<std::string> categories = {}) {
  Item item;
  item.id = id;
  item.title = title;
  item.categories = std::move(categories);
  return item;
}

TEST(ItemTable, ShowsWhatWasPut) {
  ItemTable table;
  Item item = make_item("a", "Alien", {"Horror", "Space"});
  item.creator = "Scott";
  item.regions = {"GB"};
  item.available = false;
  const ItemTable::Change change{ItemIndex{0}, "a", item};
  table.apply(std::span(&change, 1));

  const auto items = table.pin();
  ASSERT_EQ(items->size(), 1u);
  const ItemView view = items->view(ItemIndex{0});
  EXPECT_EQ(view.id, "a");
  EXPECT_EQ(view.title, "Alien");
  ASSERT_EQ(view.categories.size(), 2u);
  EXPECT_EQ(view.categories[1], name_key("Space"));
  EXPECT_EQ(view.regions[0], name_key("GB"));
  EXPECT_TRUE(view.listed);
  EXPECT_FALSE(view.available);
  EXPECT_EQ(table.find("a"), ItemIndex{0});
  EXPECT_EQ(table.find("b"), kNoItem);
  EXPECT_EQ(table.name_of(view.creator), "Scott");
}

TEST(ItemTable, AmountsBeyondTheLimitsStayFinite) {
  ItemTable table;
  Item item = make_item("a", "Alien");
  item.price = 4e38;  // as an older release may have stored it
  item.duration_s = 4e38;
  const ItemTable::Change change{ItemIndex{0}, "a", item};
  table.apply(std::span(&change, 1));
  EXPECT_EQ(table.pin()->price(ItemIndex{0}), static_cast<float>(kMaxPrice));
  EXPECT_EQ(table.pin()->view(ItemIndex{0}).duration_s, static_cast<float>(kMaxDurationS));
}

TEST(ItemTable, APinnedSnapshotDoesNotChange) {
  ItemTable table;
  ItemTable::Change change{ItemIndex{0}, "a", make_item("a", "before")};
  table.apply(std::span(&change, 1));
  const auto pinned = table.pin();
  change.item = make_item("a", "after");
  table.apply(std::span(&change, 1));
  EXPECT_EQ(pinned->view(ItemIndex{0}).title, "before");
  EXPECT_EQ(table.pin()->view(ItemIndex{0}).title, "after");
}

TEST(ItemTable, AgreesWithAPlainMapAfterAnyChanges) {
  const std::uint64_t seed = 20240607;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  ItemTable table;
  std::map<std::uint32_t, std::optional<std::string>> expected;
  for (int round = 0; round < 200; ++round) {
    std::vector<ItemTable::Change> changes;
    for (std::uint32_t n = 1 + random.below(20); n > 0; --n) {
      const std::uint32_t index = random.below(5000);
      const std::string id = "i" + std::to_string(index);
      std::optional<Item> item;
      if (random.below(5) != 0) item = make_item(id, "t" + std::to_string(random.next()));
      expected[index] = item ? std::optional(item->title) : std::nullopt;
      changes.push_back({ItemIndex{index}, id, std::move(item)});
    }
    table.apply(changes);
  }
  const auto items = table.pin();
  ASSERT_EQ(items->size(), expected.rbegin()->first + 1);
  for (std::uint32_t i = 0; i < items->size(); ++i) {
    const ItemView view = items->view(ItemIndex{i});
    const auto found = expected.find(i);
    const bool listed = found != expected.end() && found->second.has_value();
    ASSERT_EQ(view.listed, listed) << i;
    if (listed) {
      EXPECT_EQ(view.title, *found->second) << i;
      EXPECT_EQ(view.id, "i" + std::to_string(i));
    }
  }
}

TEST(ItemTable, ReadersSeeWholeVersionsWhileAWriterChangesThem) {
  ItemTable table;
  const auto version = [](int v) {
    std::vector<ItemTable::Change> changes;
    for (std::uint32_t i = 0; i < 3000; i += 500) {
      const std::string id = std::to_string(i);
      changes.push_back({ItemIndex{i}, id, make_item(id, std::to_string(v))});
    }
    return changes;
  };
  table.apply(version(0));
  std::thread writer([&] {
    for (int v = 1; v < 300; ++v) table.apply(version(v));
  });
  for (int reads = 0; reads < 2000; ++reads) {
    const auto items = table.pin();
    const std::string_view title = items->view(ItemIndex{0}).title;
    ASSERT_EQ(items->view(ItemIndex{2500}).title, title);
  }
  writer.join();
}

}  // namespace
}  // namespace winnow
