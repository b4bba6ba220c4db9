// What every Catalog must do. Harness: Catalog& open();  // opens or re-opens the same catalogue
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/catalog.h"

namespace winnow {

inline Item sample_item(const std::string& id, Random& random) {
  Item item;
  item.id = id;
  item.title = "Title " + std::to_string(random.next());
  item.description = random.below(2) ? "Über alles möglich" : "";
  for (std::uint32_t i = random.below(4); i > 0; --i) item.categories.push_back("c" + std::to_string(i));
  for (std::uint32_t i = random.below(4); i > 0; --i) item.tags.push_back("t" + std::to_string(i));
  item.creator = random.below(2) ? "creator" : "";
  item.created_ms = random.below(1'000'000);
  item.duration_s = random.uniform() * 100;
  item.price = random.below(100);
  item.available = random.below(3) != 0;
  if (random.below(3) == 0) item.regions = {"DE", "FR"};
  if (random.below(2) == 0) item.attributes = {{"year", "1995"}, {"studio", "\"Pixar\""}};
  return item;
}

inline User sample_user(const std::string& id, Random& random) {
  User user;
  user.id = id;
  user.country = random.below(2) ? "DE" : "";
  user.language = "de-AT";
  user.age_group = "25-34";
  user.signup_ms = random.below(1'000'000);
  for (std::uint32_t i = random.below(4); i > 0; --i) user.interests.push_back("c" + std::to_string(i));
  for (std::uint32_t i = random.below(4); i > 0; --i) user.follows.push_back("f" + std::to_string(i));
  if (random.below(2) == 0) user.attributes = {{"plan", "\"pro\""}};
  return user;
}

template <class Harness>
class CatalogConformance : public ::testing::Test {
 protected:
  static std::vector<Item> all_items(const Catalog& catalog, std::size_t page) {
    std::vector<Item> all;
    std::string after;
    do {
      const auto part = catalog.items(after, page);
      EXPECT_TRUE(part.ok()) << part.error().message;
      if (!part.ok()) return all;
      all.insert(all.end(), part->entries.begin(), part->entries.end());
      after = part->next_after;
    } while (!after.empty());
    return all;
  }
  static std::vector<User> all_users(const Catalog& catalog, std::size_t page) {
    std::vector<User> all;
    std::string after;
    do {
      const auto part = catalog.users(after, page);
      EXPECT_TRUE(part.ok()) << part.error().message;
      if (!part.ok()) return all;
      all.insert(all.end(), part->entries.begin(), part->entries.end());
      after = part->next_after;
    } while (!after.empty());
    return all;
  }
  Harness harness_;
};
TYPED_TEST_SUITE_P(CatalogConformance);

TYPED_TEST_P(CatalogConformance, AnEmptyCatalogueHasNothing) {
  Catalog& catalog = this->harness_.open();
  EXPECT_EQ(catalog.item_count(), 0u);
  EXPECT_EQ(catalog.user_count(), 0u);
  EXPECT_EQ(catalog.item("1").error().code, ErrorCode::not_found);
  EXPECT_EQ(catalog.user("1").error().code, ErrorCode::not_found);
  EXPECT_FALSE(catalog.erase_item("1").value());
  EXPECT_FALSE(catalog.erase_user("1").value());
  EXPECT_TRUE(catalog.items("", 10)->entries.empty());
  EXPECT_TRUE(catalog.put_items({})->empty());
}

// Against a map, over many random calls and some re-openings.
TYPED_TEST_P(CatalogConformance, AgreesWithASimpleModel) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const std::string run = "run" + std::to_string(seed) + "-";
    Catalog* catalog = &this->harness_.open();
    const std::uint64_t items_before = catalog->item_count();
    std::map<std::string, Item> items;
    std::map<std::string, ItemIndex> indices;
    for (int step = 0; step < 120; ++step) {
      const auto random_id = [&] { return run + std::to_string(random.below(60)); };
      if (random.below(25) == 0) catalog = &this->harness_.open();
      if (random.below(4) == 0) {
        const std::string id = random_id();
        ASSERT_EQ(catalog->erase_item(id).value(), items.erase(id) == 1);
        continue;
      }
      std::vector<Item> batch;
      for (std::uint32_t i = 1 + random.below(8); i > 0; --i)
        batch.push_back(sample_item(random_id(), random));
      const auto given = catalog->put_items(batch);
      ASSERT_TRUE(given.ok()) << given.error().message;
      ASSERT_EQ(given->size(), batch.size());
      for (std::size_t i = 0; i < batch.size(); ++i) {
        items[batch[i].id] = batch[i];
        const auto [place, fresh] = indices.try_emplace(batch[i].id, (*given)[i]);
        ASSERT_EQ(place->second, (*given)[i]) << "an index changed";
      }
      ASSERT_EQ(catalog->item_count(), items_before + items.size());
    }
    for (const auto& [id, item] : items) ASSERT_EQ(catalog->item(id).value(), item);
    std::set<std::uint32_t> distinct;
    for (const auto& [id, index] : indices) distinct.insert(row(index));
    EXPECT_EQ(distinct.size(), indices.size());

    for (const std::size_t page : {1u, 7u, 1000u}) {
      std::vector<Item> expected;
      for (const auto& [id, item] : items) expected.push_back(item);
      std::vector<Item> found;
      for (const Item& item : this->all_items(*catalog, page)) {
        if (item.id.starts_with(run)) found.push_back(item);
      }
      EXPECT_EQ(found, expected);
    }
    std::map<std::string, ItemIndex> every_index;
    std::optional<ItemIndex> previous;
    ASSERT_TRUE(catalog
                    ->for_each_index([&](ItemIndex index, std::string_view id) {
                      EXPECT_TRUE(!previous || *previous < index);
                      previous = index;
                      if (id.starts_with(run)) every_index.emplace(id, index);
                      return Status();
                    })
                    .ok());
    EXPECT_EQ(every_index, indices);
    std::map<std::string, Item> every_item;
    ASSERT_TRUE(catalog
                    ->for_each_item([&](ItemIndex index, const Item& item) {
                      if (item.id.starts_with(run)) {
                        EXPECT_EQ(index, indices.at(item.id));
                        every_item.emplace(item.id, item);
                      }
                      return Status();
                    })
                    .ok());
    EXPECT_EQ(every_item, items);
  }
}

TYPED_TEST_P(CatalogConformance, AWalkStopsAtTheFirstErrorOfItsCaller) {
  Catalog& catalog = this->harness_.open();
  Random random(1);
  ASSERT_TRUE(catalog.put_items(std::vector<Item>{sample_item("a", random), sample_item("b", random)}).ok());
  int calls = 0;
  const Status status = catalog.for_each_item([&](ItemIndex, const Item&) -> Status {
    ++calls;
    return Error{ErrorCode::deadline, "enough"};
  });
  EXPECT_EQ(status.error().code, ErrorCode::deadline);
  EXPECT_EQ(calls, 1);
}

TYPED_TEST_P(CatalogConformance, KeepsUsersAndListsEachOnce) {
  Random random(4);
  std::map<std::string, User> users;
  for (int i = 0; i < 12; ++i) {
    Catalog& catalog = this->harness_.open();
    std::vector<User> batch;
    for (std::uint32_t k = 1 + random.below(5); k > 0; --k) {
      batch.push_back(sample_user("user " + std::to_string(random.below(50)), random));
      users[batch.back().id] = batch.back();
    }
    ASSERT_TRUE(catalog.put_users(batch).ok());
    ASSERT_EQ(catalog.user_count(), users.size());
  }
  Catalog& catalog = this->harness_.open();
  for (const std::size_t page : {1u, 7u, 1000u}) {
    std::map<std::string, User> found;
    const auto listed = this->all_users(catalog, page);
    for (const User& user : listed) found[user.id] = user;
    EXPECT_EQ(found, users);
    EXPECT_EQ(listed.size(), users.size());
  }
  const std::string victim = users.begin()->first;
  EXPECT_TRUE(catalog.erase_user(victim).value());
  EXPECT_FALSE(catalog.erase_user(victim).value());
  EXPECT_EQ(catalog.user(victim).error().code, ErrorCode::not_found);
  EXPECT_EQ(catalog.user_count(), users.size() - 1);
}

REGISTER_TYPED_TEST_SUITE_P(CatalogConformance, AnEmptyCatalogueHasNothing, AgreesWithASimpleModel,
                            AWalkStopsAtTheFirstErrorOfItsCaller, KeepsUsersAndListsEachOnce);

}  // namespace winnow
