#include "models/blend/blend.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "models/blend/candidates.h"
#include "models/blend/learn_blend.h"

namespace winnow {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatNear;

TEST(Blend, StandardisesEachSourceBeforeItIsWeighed) {
  const std::vector<float> als = {0, 1, 2};
  const std::vector<float> item_to_item = {2000, 1000, 0};
  const std::vector<float> popular = {0, 0, 0};
  std::vector<float> scores(3);
  const std::vector<std::span<const float>> raw = {als, item_to_item, popular};
  blend(raw, std::vector<float>{1, 1, 1}, scores);
  EXPECT_THAT(scores, Each(FloatNear(0, 1e-5)));
  blend(raw, std::vector<float>{1, 0, 1}, scores);
  EXPECT_THAT(scores, ElementsAre(FloatNear(-1.2247f, 1e-3), FloatNear(0, 1e-5), FloatNear(1.2247f, 1e-3)));
}

TEST(Blend, ScaleAndShiftOfASourceDoNotMatter) {
  Random random(1);
  std::vector<std::vector<float>> raw(4);
  const std::vector<float> weights = {1, 0.5f, 2, 0.1f};
  for (auto& scores : raw) {
    for (int i = 0; i < 50; ++i) scores.push_back(static_cast<float>(random.normal()));
  }
  std::vector<float> before(50);
  std::vector<float> after(50);
  blend(std::vector<std::span<const float>>(raw.begin(), raw.end()), weights, before);
  for (float& score : raw[0]) score = 7 * score + 3;
  blend(std::vector<std::span<const float>>(raw.begin(), raw.end()), weights, after);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_NEAR(before[i], after[i], 1e-4);
}

TEST(Blend, StaysFiniteWhenASourceHasNoOpinionOrThereIsNoCandidate) {
  const std::vector<float> equal(5, 1e30f);
  const std::vector<float> zero(5);
  std::vector<float> scores(5);
  blend(std::vector<std::span<const float>>{equal, zero, zero}, BlendWeights().values(), scores);
  for (const float score : scores) EXPECT_TRUE(std::isfinite(score));
  blend(std::vector<std::span<const float>>(3), BlendWeights().values(), {});
}

TEST(BlendWeights, ReadBackAndRefuseDamage) {
  const BlendWeights weights{.entries = {{"graph", 0.5f}, {"popular", 0.25f}}};
  const auto again = BlendWeights::decode(weights.encode());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, weights);
  EXPECT_EQ(again->of("graph"), 0.5f);
  EXPECT_EQ(again->of("als"), 0.0f);
  EXPECT_FALSE(BlendWeights::decode("").ok());
  EXPECT_FALSE(BlendWeights::decode(weights.encode() + "x").ok());
}

TEST(BlendCandidates, AreTheUnionOfEverySourcesBestWithAllOpinions) {
  const std::vector<float> als = {5, 4, 3, -1};
  const std::vector<float> item_to_item = {0, 0, 0, 2};
  const std::vector<float> popular = {1, 9, 3, 0};
  const std::vector<std::uint32_t> masked = {0};
  const BlendCandidates found =
      blend_candidates(std::vector<std::span<const float>>{als, item_to_item, popular}, masked, 1);
  EXPECT_THAT(found.items, ElementsAre(1, 3));
  EXPECT_THAT(found.opinions[0], ElementsAre(4, -1));
  EXPECT_THAT(found.opinions[1], ElementsAre(0, 2));
  EXPECT_THAT(found.opinions[2], ElementsAre(9, 0));
}

TEST(BlendCandidates, ASourceThatIsMissingProposesNothing) {
  const std::vector<float> als = {5, 4};
  const BlendCandidates found = blend_candidates(std::vector<std::span<const float>>{als, {}}, {}, 5);
  EXPECT_THAT(found.items, ElementsAre(0, 1));
  EXPECT_THAT(found.opinions[1], ElementsAre(0, 0));
}

// Examples in which one source knows the relevant items and the others guess.
std::vector<BlendExample> examples(std::size_t count, std::size_t knowing, double noise,
                                   std::size_t sources = 3) {
  Random random(3);
  std::vector<BlendExample> out;
  for (std::size_t n = 0; n < count; ++n) {
    BlendCandidates candidates;
    candidates.opinions.resize(sources);
    std::vector<std::uint32_t> relevant;
    for (std::uint32_t i = 0; i < 60; ++i) {
      candidates.items.push_back(i);
      const bool hit = random.below(10) == 0;
      if (hit) relevant.push_back(i);
      for (std::size_t source = 0; source < sources; ++source) {
        const double truth = source == knowing && hit ? 1.0 : 0.0;
        candidates.opinions[source].push_back(static_cast<float>(truth + noise * random.normal()));
      }
    }
    if (relevant.empty()) relevant.push_back(0);
    out.push_back(blend_example(candidates, relevant));
  }
  return out;
}

TEST(LearnBlend, FindsTheSourceThatKnows) {
  for (const std::size_t sources : {2u, 3u, 6u}) {
    for (std::size_t source = 0; source < sources; ++source) {
      const LearnedBlend learned = learn_blend(examples(100, source, 0.5, sources));
      EXPECT_GT(learned.weights[source], 0.7f) << source << " of " << sources;
    }
  }
}

TEST(LearnBlend, IsNeverWorseThanItsBestSourceOnTheExamples) {
  for (const double noise : {0.2, 1.0, 3.0}) {
    const auto some = examples(80, 1, noise);
    const LearnedBlend learned = learn_blend(some);
    EXPECT_GE(learned.ndcg, *std::ranges::max_element(learned.ndcg_of_source));
  }
}

TEST(LearnBlend, KeepsToTheBestSourceWhenThereAreTooFewUsersToLearnFrom) {
  const LearnedBlend learned = learn_blend(examples(kMinExamples - 1, 2, 2.0));
  EXPECT_EQ(std::ranges::count(learned.weights, 1.0f), 1);
  EXPECT_EQ(std::ranges::count(learned.weights, 0.0f), 2);
}

}  // namespace
}  // namespace winnow
