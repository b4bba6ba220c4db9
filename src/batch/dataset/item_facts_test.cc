#include "batch/dataset/item_facts.h"

#include <gmock/gmock.h>

#include "batch/extract/extract.h"
#include "batch/testing_ports.h"
#include "features/profile_facts.h"
#include "models/two_tower/tower_features.h"

namespace winnow {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;

TEST(ItemFeatureBags, AreInTheOrderOfTheIds) {
  TestingCatalog catalog;
  Item jazz{.id = "jazz", .title = "Words are no features", .categories = {"music"}};
  Item plain{.id = "plain", .title = "Nothing else is known"};
  ASSERT_TRUE(catalog.put_items(std::vector<Item>{jazz, plain}).ok());
  const auto bags = item_feature_bags(catalog, {"gone", "plain", "jazz"});
  ASSERT_TRUE(bags.ok());
  EXPECT_EQ(bags->buckets, kItemBuckets);
  EXPECT_THAT((*bags)[0], IsEmpty());
  EXPECT_THAT((*bags)[1], IsEmpty());
  EXPECT_THAT((*bags)[2], ElementsAreArray(item_features(terms_of(jazz), kItemBuckets)));
  EXPECT_EQ((*bags)[2].size(), 1u);
  EXPECT_EQ(item_feature_bags(catalog, {"plain"})->buckets, 0u);
}

TEST(ProfileBags, AreInTheRowsOfTheUsersOnEveryPage) {
  TestingCatalog catalog;
  const User first{.id = "a", .country = "DE"};
  const User second{.id = "b", .language = "fr", .interests = {"jazz"}};
  const User stranger{.id = "c", .country = "US"};  // did nothing
  RowMap users;
  users.insert(identity_of("b"));
  users.insert(identity_of("unknown"));
  users.insert(identity_of("a"));
  EXPECT_EQ(profile_bags(catalog, users)->buckets, 0u);
  ASSERT_TRUE(catalog.put_users(std::vector<User>{first, stranger, second}).ok());
  const auto bags = profile_bags(catalog, users);
  ASSERT_TRUE(bags.ok());
  EXPECT_EQ(bags->buckets, kProfileBuckets);
  EXPECT_THAT((*bags)[0], ElementsAreArray(profile_features(profile_facts(second), kProfileBuckets)));
  EXPECT_THAT((*bags)[1], IsEmpty());
  EXPECT_THAT((*bags)[2], ElementsAreArray(profile_features(profile_facts(first), kProfileBuckets)));
}

}  // namespace
}  // namespace winnow
