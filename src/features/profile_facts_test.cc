#include "features/profile_facts.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::IsEmpty;
using testing::IsSubsetOf;
using testing::SizeIs;

TEST(ProfileFacts, AreTheSameForTheSameFactOfAnyUser) {
  User one;
  one.country = "DE";
  one.interests = {"jazz", "jazz"};
  User other = one;
  other.id = "other";
  other.language = "de";
  other.age_group = "30-39";
  other.follows = {"creator"};
  EXPECT_THAT(profile_facts(one), SizeIs(2));
  EXPECT_THAT(profile_facts(other), SizeIs(5));
  EXPECT_THAT(profile_facts(one), IsSubsetOf(profile_facts(other)));
}

TEST(ProfileFacts, TellKindsApart) {
  User interested;
  interested.interests = {"x"};
  User following;
  following.follows = {"x"};
  EXPECT_NE(profile_facts(interested), profile_facts(following));
  EXPECT_THAT(profile_facts(User{}), IsEmpty());
}

}  // namespace
}  // namespace winnow
