// Mixtures of experts: every precision at every level of this machine against the plain forward pass; their
// encoding; numbers that are not finite.
#include <gmock/gmock.h>

#include <array>
#include <limits>
#include <thread>

#include "math/testing_targets.h"
#include "models/multitask/mmoe_scorer.h"
#include "models/multitask/testing_mmoe.h"

namespace winnow {
namespace {

constexpr MmoeShape kOdd = {7, 3, 33, 20, 2, 9};
constexpr MmoeShape kShapes[] = {
    {1, 1, 1, 1, 1, 1}, kOdd, {100, 1, 64, 65, 3, 64}, {128, 6, 256, 128, 9, 64}};

MmoeScorer open(const MmoeModel& model, MmoeScorerOptions options) {
  auto scorer = MmoeScorer::open(model, options);
  EXPECT_TRUE(scorer.ok()) << scorer.error().message;
  return std::move(scorer).value();
}

std::vector<float> scores_of(const MmoeScorer& scorer, std::span<const float> rows) {
  std::vector<float> out(rows.size() / scorer.inputs() * scorer.heads());
  const Status status = scorer.score(rows, out);
  EXPECT_TRUE(status.ok()) << status.error().message;
  return out;
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(double{a[i]} - b[i]));
  return most;
}

TEST(MmoeScorer, SinglePrecisionAgreesWithThePlainForwardPassOnEveryInstructionSet) {
  Random random(1);
  for (const MmoeShape& shape : kShapes) {
    const MmoeModel model = random_mmoe(random, shape, 0);
    for (const std::size_t count : {1u, 5u, 64u, 131u}) {
      const auto rows = random_rows(random, count, shape.inputs);
      const auto wanted = run_plainly(model, rows).scores;
      on_every_target([&] {
        const MmoeScorer scorer = open(model, {});
        EXPECT_LT(largest_difference(scores_of(scorer, rows), wanted), 1e-5);
      });
    }
  }
}

TEST(MmoeScorer, Bfloat16IsWithinItsRoundingAtEveryLevel) {
  Random random(2);
  for (const MmoeShape& shape : kShapes) {
    const MmoeModel model = random_mmoe(random, shape);
    for (const std::size_t count : {1u, 70u}) {
      const auto rows = random_rows(random, count, shape.inputs);
      const auto wanted = run_plainly(model, rows).scores;
      for (const CpuLevel level : available_cpu_levels()) {
        const MmoeScorer scorer = open(model, {.precision = Precision::bf16, .cpu = level});
        EXPECT_LT(largest_difference(scores_of(scorer, rows), wanted), 0.01) << name_of(level);
        EXPECT_LT(scorer.error().largest, 0.01);
        EXPECT_GT(scorer.error().largest, 0);
        EXPECT_LE(scorer.error().mean, scorer.error().largest);
      }
    }
  }
}

TEST(MmoeScorer, Int8GivesTheSameBitsAtEveryLevelAndIsWithinItsError) {
  Random random(3);
  for (const MmoeShape& shape : kShapes) {
    const MmoeModel model = random_mmoe(random, shape);
    for (const std::size_t count : {1u, 70u}) {
      const auto rows = random_rows(random, count, shape.inputs);
      const auto plain =
          scores_of(open(model, {.precision = Precision::int8, .cpu = CpuLevel::portable}), rows);
      EXPECT_LT(largest_difference(plain, run_plainly(model, rows).scores), 0.1);
      for (const CpuLevel level : available_cpu_levels()) {
        const MmoeScorer scorer = open(model, {.precision = Precision::int8, .cpu = level});
        EXPECT_EQ(scores_of(scorer, rows), plain) << name_of(level);
        EXPECT_LT(scorer.error().largest, 0.06);
        EXPECT_LT(scorer.error().mean, 0.01);
      }
    }
  }
}

// The rows of some requests, one after the other: they have their first inputs in common.
TEST(MmoeScorer, CommonInputsChangeNoScoreHoweverRowsArePutTogether) {
  Random random(13);
  constexpr MmoeShape kShape = {90, 3, 70, 40, 2, 9};
  constexpr std::size_t kCommon = 50;
  const MmoeModel model = random_mmoe(random, kShape);
  auto rows = random_rows(random, 150, kShape.inputs);
  const std::size_t ends[] = {1, 3, 80, 149, 150};  // of requests
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    for (std::size_t r = begin; r < end; ++r) {
      std::copy_n(&rows[begin * kShape.inputs], kCommon, &rows[r * kShape.inputs]);
    }
    begin = end;
  }
  const auto wanted = run_plainly(model, rows).scores;
  const auto int8 = scores_of(
      open(model, {.precision = Precision::int8, .cpu = CpuLevel::portable, .common = kCommon}), rows);
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
    for (const CpuLevel level : available_cpu_levels()) {
      SCOPED_TRACE(std::string(name_of(precision)) + " " + std::string(name_of(level)));
      const MmoeScorer scorer = open(model, {.precision = precision, .cpu = level, .common = kCommon});
      const auto found = scores_of(scorer, rows);
      constexpr std::array kAllowed = {1e-5, 0.01, 0.1};
      EXPECT_LT(largest_difference(found, wanted), kAllowed[static_cast<std::size_t>(precision)]);
      if (precision == Precision::int8) {
        EXPECT_EQ(found, int8);
      }
      for (std::size_t r = 0; r < 150; r += 7) {
        const auto alone = scores_of(scorer, std::span(rows).subspan(r * kShape.inputs, kShape.inputs));
        EXPECT_THAT(alone, testing::ElementsAre(found[r * 2], found[r * 2 + 1])) << "row " << r;
      }
    }
  }
}

TEST(MmoeScorer, ACommonInputThatIsNotFiniteIsRefusedByName) {
  Random random(14);
  constexpr MmoeShape kShape = {90, 1, 20, 20, 1, 9};
  const MmoeScorer scorer = open(random_mmoe(random, kShape), {.common = 50});
  auto rows = random_rows(random, 3, kShape.inputs);
  rows[2 * kShape.inputs + 7] = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> scores(3);
  EXPECT_THAT(scorer.score(rows, scores).error().message, testing::HasSubstr("feature 7 of row 2"));
}

TEST(MmoeScorer, NarrowPrecisionsAgreeOnEveryInstructionSetOfTheStepsBetween) {
  Random random(11);
  for (const MmoeShape& shape : kShapes) {
    const MmoeModel model = random_mmoe(random, shape, 50);
    const auto rows = random_rows(random, 67, shape.inputs);
    for (const Precision precision : {Precision::bf16, Precision::int8}) {
      const MmoeScorer scorer = open(model, {.precision = precision});
      const auto wanted = scores_of(scorer, rows);
      on_every_target([&] {
        // Sums in another order may round a code or a bfloat16 to its neighbour.
        const auto found = scores_of(scorer, rows);
        EXPECT_LT(largest_difference(found, wanted), 0.02);
        double mean = 0;
        for (std::size_t i = 0; i < found.size(); ++i) mean += std::abs(double{found[i]} - wanted[i]);
        EXPECT_LT(mean / static_cast<double>(found.size()), 5e-4);
      });
    }
  }
}

TEST(MmoeScorer, Int8TakesFeaturesOfAnyRange) {
  Random random(4);
  MmoeModel model = random_mmoe(random, kOdd);
  const auto rows = random_rows(random, 100, kOdd.inputs);
  const auto before = scores_of(open(model, {.precision = Precision::int8}), rows);
  // The same model in other units: features times 1000 and minus 5, weights to match.
  const auto in_units = [](std::vector<float> values) {
    for (std::size_t i = 0; i < values.size(); i += kOdd.inputs) values[i] = values[i] * 1000 - 5;
    return values;
  };
  const auto undo = [](std::vector<DenseWeights>& layers) {
    for (DenseWeights& layer : layers) {
      for (std::size_t o = 0; o < layer.bias.size(); ++o) {
        layer.weights[o] /= 1000;
        layer.bias[o] += 5 * layer.weights[o];
      }
    }
  };
  undo(model.expert_first);
  undo(model.gates);
  model.sample = in_units(model.sample);
  const auto after = scores_of(open(model, {.precision = Precision::int8}), in_units(rows));
  EXPECT_LT(largest_difference(before, after), 0.01);
}

TEST(MmoeScorer, ScoresAreFiniteForAnyFiniteFeatureOrAreRefused) {
  Random random(5);
  const MmoeModel model = random_mmoe(random, kOdd);
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
    for (const CpuLevel level : available_cpu_levels()) {
      const MmoeScorer scorer = open(model, {.precision = precision, .cpu = level});
      std::vector<float> scores(3 * kOdd.heads);
      for (const float size : {1e4f, 1e30f, std::numeric_limits<float>::max()}) {
        auto rows = random_rows(random, 3, kOdd.inputs);
        for (float& value : rows) value = std::clamp(value, -1.0f, 1.0f) * size;
        const Status status = scorer.score(rows, scores);
        if (!status.ok()) {
          EXPECT_EQ(status.error().code, ErrorCode::invalid);
          continue;
        }
        for (const float score : scores) {
          EXPECT_GE(score, 0);
          EXPECT_LE(score, 1);
        }
      }
    }
  }
}

TEST(MmoeScorer, AFeatureThatIsNotFiniteIsNamed) {
  Random random(6);
  const MmoeModel model = random_mmoe(random, kOdd);
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
    const MmoeScorer scorer = open(model, {.precision = precision});
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()}) {
      auto rows = random_rows(random, 70, kOdd.inputs);
      rows[66 * kOdd.inputs + 3] = bad;
      std::vector<float> scores(70 * kOdd.heads);
      const Status status = scorer.score(rows, scores);
      ASSERT_FALSE(status.ok());
      EXPECT_EQ(status.error().code, ErrorCode::invalid);
      EXPECT_THAT(status.error().message, testing::HasSubstr("feature 3 of row 66"));
    }
  }
}

TEST(MmoeScorer, ManyThreadsScoreAtOnce) {
  Random random(7);
  const MmoeModel model = random_mmoe(random, kOdd);
  const MmoeScorer scorer = open(model, {.precision = Precision::int8});
  const auto rows = random_rows(random, 90, kOdd.inputs);
  const auto wanted = scores_of(scorer, rows);
  std::vector<std::vector<float>> found(4);
  std::vector<std::thread> threads;
  for (auto& scores : found) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) scores = scores_of(scorer, rows);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(found, testing::Each(wanted));
}

TEST(MmoeScorer, SaysWhatItCannotOpen) {
  Random random(8);
  const MmoeModel model = random_mmoe(random, kOdd, 0);
  EXPECT_THAT(MmoeScorer::open(model, {.precision = Precision::int8}).error().message,
              testing::HasSubstr("no sample rows"));
  EXPECT_TRUE(MmoeScorer::open(model, {.precision = Precision::bf16}).ok());
  MmoeModel wrong = model;
  wrong.gates.pop_back();
  EXPECT_EQ(MmoeScorer::open(wrong).error().field, "gates");
  wrong = model;
  wrong.expert_second[1].weights[4] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(MmoeScorer::open(wrong).error().field, "expert_second");
  wrong = model;
  wrong.shape.experts = 0;
  EXPECT_EQ(MmoeScorer::open(wrong).error().field, "shape");
  if (best_cpu_level() != CpuLevel::amx) {
    EXPECT_EQ(MmoeScorer::open(model, {.cpu = CpuLevel::amx}).error().field, "cpu");
  }
}

TEST(Precision, HasNames) {
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
    EXPECT_EQ(parse_precision(name_of(precision)), precision);
  }
  EXPECT_FALSE(parse_precision("fp64"));
}

TEST(MmoeModel, ComesBackFromItsBytes) {
  Random random(9);
  for (const MmoeShape& shape : kShapes) {
    const MmoeModel model = random_mmoe(random, shape, 3);
    const std::string bytes = model.encode();
    const auto found = MmoeModel::decode(bytes);
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found->encode(), bytes);
    EXPECT_EQ(found->sample, model.sample);
    EXPECT_EQ(found->head_second.back().weights, model.head_second.back().weights);
  }
}

TEST(MmoeModel, DamagedBytesAreRefused) {
  Random random(10);
  const std::string bytes = random_mmoe(random, kOdd, 2).encode();
  for (std::size_t k = 0; k < 300; ++k) {
    std::string damaged = bytes;
    damaged[random.below(static_cast<std::uint32_t>(bytes.size()))] ^=
        static_cast<char>(1 + random.below(255));
    const auto found = MmoeModel::decode(damaged);
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().code, ErrorCode::corrupt);
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, bytes.size() - 1}) {
    EXPECT_EQ(MmoeModel::decode(bytes.substr(0, size)).error().code, ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace winnow
