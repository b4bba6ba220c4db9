#include "batch/validate/gates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/random.h"

namespace winnow {
namespace {

// A judgement that passes every gate.
Judgement good() {
  Judgement judgement;
  judgement.users = 100;
  judgement.models["blend"]["ndcg@10"] = {0.2, 0.18, 0.22};
  judgement.spread = 0.3;
  judgement.with_popular = {100, 0.2, 0.1, 0.08, 0.12};
  judgement.with_live = {100, 0.2, 0.21, -0.03, 0.01};
  judgement.live_words = "on what 100 users did since";
  return judgement;
}

std::vector<GateResult> gates_of(const Judgement& judgement, std::uint64_t pairs = 1000, bool finite = true) {
  return check_gates({judgement, pairs, finite}, {});
}

std::vector<std::string> failed(const std::vector<GateResult>& gates) {
  std::vector<std::string> names;
  for (const GateResult& gate : gates) {
    if (!gate.passed) names.push_back(gate.name);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(Gates, LetAGoodModelPassWithWords) {
  const auto gates = gates_of(good());
  EXPECT_EQ(gates.size(), 5u);
  EXPECT_EQ(failed(gates), Names{});
  EXPECT_EQ(refusal(gates), "");
  for (const GateResult& gate : gates) EXPECT_FALSE(gate.words.empty()) << gate.name;
}

TEST(Gates, RefuseWhatIsWorseThanPopularityBeyondDoubt) {
  Judgement judgement = good();
  judgement.with_popular = {100, 0.08, 0.1, -0.03, -0.01};
  EXPECT_EQ(failed(gates_of(judgement)), Names{"popularity"});
  EXPECT_NE(refusal(gates_of(judgement)).find("NDCG@10 0.0800 against 0.1000 of popularity"),
            std::string::npos);
  judgement.with_popular = {10, 0.08, 0.1, -0.08, 0.04};  // may be chance
  EXPECT_EQ(failed(gates_of(judgement)), Names{});
  judgement.with_popular = {100, 0.098, 0.1, -0.004, -0.003};  // worse, within the tolerance
  EXPECT_EQ(failed(gates_of(judgement)), Names{});
}

TEST(Gates, RefuseWhatIsWorseThanTheLiveVersionBeyondDoubt) {
  Judgement judgement = good();
  judgement.with_live = {100, 0.2, 0.3, -0.12, -0.08};
  EXPECT_EQ(failed(gates_of(judgement)), Names{"live"});
  judgement.with_live = {};  // nothing to compare
  EXPECT_EQ(failed(gates_of(judgement)), Names{});
}

TEST(Gates, RefuseNumbersThatAreNotFinite) {
  EXPECT_EQ(failed(gates_of(good(), 1000, false)), Names{"finite"});
  Judgement judgement = good();
  judgement.models["als"]["recall@20"].high = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(failed(gates_of(judgement)), Names{"finite"});
}

TEST(Gates, RefuseTooLittleDataAndListsThatAreAllAlike) {
  EXPECT_EQ(failed(gates_of(good(), 99)), Names{"data"});
  Judgement judgement = good();
  judgement.spread = 0.001;
  EXPECT_EQ(failed(gates_of(judgement)), Names{"spread"});
  judgement.users = 0;  // nobody to judge by
  EXPECT_EQ(failed(gates_of(judgement)), Names{});
}

TEST(Gates, RefuseAComparisonThatIsNotANumber) {
  Judgement judgement = good();
  judgement.with_popular.high = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(failed(gates_of(judgement)), Names{"popularity"});
}

TEST(Comparison, IsPairedByUser) {
  // Users differ a lot, the models by a constant: the interval is a point.
  std::vector<double> ours, theirs;
  for (int user = 0; user < 50; ++user) {
    theirs.push_back(user / 50.0);
    ours.push_back(user / 50.0 - 0.01);
  }
  const Comparison with = compare(ours, theirs);
  EXPECT_NEAR(with.low, -0.01, 1e-9);
  EXPECT_NEAR(with.high, -0.01, 1e-9);
  EXPECT_EQ(compare({}, {}).users, 0u);
}

TEST(Comparison, CoversTheTrueDifferenceAboutNineteenTimesInTwenty) {
  std::size_t covered = 0;
  constexpr std::size_t kRounds = 500;
  for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
    Random random(seed);
    std::vector<double> ours, theirs;
    for (int user = 0; user < 80; ++user) {
      const double ability = random.uniform();
      ours.push_back(ability + 0.02 + 0.1 * random.normal());
      theirs.push_back(ability + 0.1 * random.normal());
    }
    const Comparison with = compare(ours, theirs);
    covered += with.low <= 0.02 && 0.02 <= with.high;
  }
  EXPECT_GT(covered, kRounds * 90 / 100);
  EXPECT_LT(covered, kRounds * 99 / 100);
}

TEST(Judgement, ComesBackFromItsBytesAndNotFromOthers) {
  const std::string bytes = good().encode();
  const auto read = Judgement::decode(bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->encode(), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Judgement::decode(std::string_view(bytes).substr(0, size)).ok());
  }
}

}  // namespace
}  // namespace winnow
