#include "models/ranking/ranking_set_format.h"

#include <gtest/gtest.h>

#include "models/ranking/testing_ranking_set.h"

namespace winnow {
namespace {

TEST(RankingSetFormat, ASetComesBackFromItsBytes) {
  RankingSet set = random_ranking_set({.groups = 5, .group_rows = 3, .missing = 0.2});
  set.labels[3] = std::numeric_limits<float>::quiet_NaN();
  set.weights[2] = 0.5f;
  set.negatives_kept = 0.25;
  const std::string bytes = encode_ranking_set(set);
  const auto read = decode_ranking_set(bytes);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->features, set.features);
  EXPECT_EQ(read->heads, set.heads);
  EXPECT_EQ(read->groups, set.groups);
  EXPECT_EQ(read->time_ms, set.time_ms);
  EXPECT_EQ(read->negatives_kept, 0.25);
  EXPECT_EQ(encode_ranking_set(*read), bytes);
}

TEST(RankingSetFormat, DamageIsSeenEverywhere) {
  const std::string bytes = encode_ranking_set(random_ranking_set({.groups = 2, .group_rows = 2}));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    EXPECT_EQ(decode_ranking_set(damaged).error().code, ErrorCode::corrupt) << at;
    EXPECT_EQ(decode_ranking_set(std::string_view(bytes).substr(0, at)).error().code, ErrorCode::corrupt)
        << at;
  }
}

TEST(RankingSetFormat, ASetThatFailsItsCheckIsRefused) {
  RankingSet set = random_ranking_set({.groups = 2, .group_rows = 2});
  set.labels[0] = 2;
  const Error error = decode_ranking_set(encode_ranking_set(set)).error();
  EXPECT_EQ(error.code, ErrorCode::corrupt);
  EXPECT_NE(error.message.find("a label is not in [0, 1]"), std::string::npos) << error.message;
}

}  // namespace
}  // namespace winnow
