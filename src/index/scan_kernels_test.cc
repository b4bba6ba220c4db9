#include "index/scan_kernels.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/random.h"
#include "index/kmeans.h"
#include "index/quantizer.h"

namespace winnow {
namespace {

// Blocks of any bytes, a query of the largest values that a quantiser makes, and liveness at random.
struct Blocks {
  std::uint32_t dims;
  std::uint32_t blocks;
  AlignedBytes int8;
  AlignedBytes int4;
  std::vector<std::uint16_t> live;
  std::vector<std::uint16_t> allowed;
  std::vector<std::int8_t> query8;
  std::vector<std::int8_t> query4;
};

Blocks random_blocks(Random& random) {
  Blocks made;
  made.dims = 16 * (1 + random.below(16));
  made.blocks = 1 + random.below(40);
  made.int8.resize(std::size_t{made.blocks} * block_bytes(made.dims, CodeWidth::int8));
  made.int4.resize(std::size_t{made.blocks} * block_bytes(made.dims, CodeWidth::int4));
  const bool extreme = random.below(4) == 0;
  for (auto& byte : made.int8) byte = extreme ? 255 : static_cast<std::uint8_t>(random.below(256));
  for (auto& byte : made.int4) byte = extreme ? 255 : static_cast<std::uint8_t>(random.below(256));
  for (std::uint32_t i = 0; i < made.blocks; ++i) {
    made.live.push_back(static_cast<std::uint16_t>(random.below(5) == 0 ? 0 : random.below(65536)));
    made.allowed.push_back(static_cast<std::uint16_t>(random.below(65536)));
  }
  std::vector<float> query(made.dims);
  const bool flat = random.below(4) == 0;  // all coordinates alike: the most that a lane can add up to
  for (float& x : query) x = flat ? 1.0f : static_cast<float>(random.normal());
  made.query8.resize(made.dims);
  made.query4.resize(made.dims);
  Quantizer::quantise_query(query, CodeWidth::int8, made.query8.data());
  Quantizer::quantise_query(query, CodeWidth::int4, made.query4.data());
  return made;
}

class EveryLevel : public testing::TestWithParam<CpuLevel> {};

// What was kept, best first; equal scores: the lower position.
std::vector<std::uint32_t> best_first(Collector& collector) {
  const std::span<const std::uint32_t> found = collector.finish();
  std::vector<std::pair<std::int64_t, std::uint32_t>> keys;
  for (std::size_t i = 0; i < found.size(); ++i)
    keys.emplace_back(-std::int64_t{collector.score(i)}, found[i]);
  std::sort(keys.begin(), keys.end());
  std::vector<std::uint32_t> out;
  for (const auto& [key, position] : keys) out.push_back(position);
  return out;
}

TEST_P(EveryLevel, ScansAsThePortableKernelDoes) {
  const ScanKernels& kernels = scan_kernels(GetParam());
  const ScanKernels& oracle = scan_kernels(CpuLevel::portable);
  Random random(1);
  for (int round = 0; round < 400; ++round) {
    const Blocks blocks = random_blocks(random);
    const std::size_t keep = 1 + random.below(60);
    for (const bool filtered : {false, true}) {
      for (const bool wide : {false, true}) {
        const std::uint32_t end = 1 + random.below(blocks.blocks * kBlockItems);
        const BlockRun run = {wide ? blocks.int8.data() : blocks.int4.data(),
                              random.below(4) == 0 ? nullptr : blocks.live.data(),
                              filtered ? blocks.allowed.data() : nullptr, random.below(end), end};
        Collector found(keep);
        Collector expected(keep);
        const std::int8_t* const query = wide ? blocks.query8.data() : blocks.query4.data();
        (wide ? kernels.scan_int8 : kernels.scan_int4)(run, query, blocks.dims, found);
        (wide ? oracle.scan_int8 : oracle.scan_int4)(run, query, blocks.dims, expected);
        const auto found_rows = best_first(found);
        const auto expected_rows = best_first(expected);
        ASSERT_THAT(found_rows, testing::ElementsAreArray(expected_rows)) << round;
        ASSERT_EQ(found.threshold(), expected.threshold()) << round;
      }
    }
  }
}

TEST_P(EveryLevel, FindsTheLowestOfTheNearestCentroids) {
  const ScanKernels& kernels = scan_kernels(GetParam());
  Random random(2);
  for (int round = 0; round < 100; ++round) {
    Blocks blocks = random_blocks(random);
    // Few different bytes, so that scores tie.
    for (auto& byte : blocks.int8) byte = static_cast<std::uint8_t>(127 + byte % 2);
    const std::uint32_t centroids = blocks.blocks * kBlockItems - random.below(kBlockItems);
    std::vector<std::int8_t> points;
    for (int p = 0; p < 4; ++p) {
      const Blocks other = random_blocks(random);
      for (std::uint32_t d = 0; d < blocks.dims; ++d)
        points.push_back(p < 2 ? blocks.query8[d] : other.query8[d % other.dims] / 4);
    }
    std::uint32_t found[4];
    std::uint32_t expected[4];
    kernels.nearest(blocks.int8.data(), centroids, points.data(), blocks.dims, found);
    scan_kernels(CpuLevel::portable)
        .nearest(blocks.int8.data(), centroids, points.data(), blocks.dims, expected);
    ASSERT_THAT(found, testing::ElementsAreArray(expected)) << round;
  }
}

TEST_P(EveryLevel, ScoresACodeByItselfAsInItsBlock) {
  const ScanKernels& kernels = scan_kernels(GetParam());
  Random random(3);
  for (int round = 0; round < 100; ++round) {
    const Blocks blocks = random_blocks(random);
    const std::uint32_t lane = random.below(kBlockItems);
    const std::uint16_t only = static_cast<std::uint16_t>(1u << lane);
    for (const CodeWidth width : {CodeWidth::int8, CodeWidth::int4}) {
      const bool wide = width == CodeWidth::int8;
      const std::uint8_t* const block = wide ? blocks.int8.data() : blocks.int4.data();
      const std::int8_t* const query = wide ? blocks.query8.data() : blocks.query4.data();
      std::vector<std::uint8_t> code(code_bytes(blocks.dims, width));
      take_code(block, lane, static_cast<std::uint32_t>(code.size()), code.data());
      Collector in_block(1);
      (wide ? kernels.scan_int8 : kernels.scan_int4)({block, &only, nullptr, 0, kBlockItems}, query,
                                                     blocks.dims, in_block);
      const std::int32_t expected = *(in_block.score_end() - 1);
      EXPECT_EQ((wide ? kernels.score_int8 : kernels.score_int4)(code.data(), query, blocks.dims), expected)
          << round;
    }
  }
}

TEST_P(EveryLevel, ComputesExactScores) {
  const ScanKernels& kernels = scan_kernels(GetParam());
  Random random(4);
  for (int round = 0; round < 50; ++round) {
    const std::uint32_t dims = 16 * (1 + random.below(12));
    const std::uint32_t rows = 1 + random.below(50);
    AlignedFloats vectors(std::size_t{rows} * dims);
    AlignedFloats query(dims);
    for (float& x : vectors) x = static_cast<float>(random.normal());
    for (float& x : query) x = static_cast<float>(random.normal());
    for (std::uint32_t row = 0; row < rows; ++row) {
      const float* const vector = vectors.data() + std::size_t{row} * dims;
      double expected = 0;
      for (std::uint32_t d = 0; d < dims; ++d) expected += static_cast<double>(query[d]) * vector[d];
      EXPECT_NEAR(kernels.exact(vector, query.data(), dims), expected, 1e-4);
    }
  }
}

TEST(BlockRun, LooksAtItsPositionsAndNoOthers) {
  const std::vector<std::uint16_t> live = {0xFFFF, 0x0FFF, 0xFFFF};
  const std::vector<std::uint16_t> allowed = {0xFF0F, 0xFFFF, 0x5555};
  for (std::uint32_t end = 1; end <= 48; ++end) {
    for (std::uint32_t begin = 0; begin < end; ++begin) {
      const BlockRun run = {nullptr, live.data(), allowed.data(), begin, end};
      for (std::uint32_t block = run.first_block(); block < run.end_block(); ++block) {
        for (std::uint32_t lane = 0; lane < kBlockItems; ++lane) {
          const std::uint32_t position = block * kBlockItems + lane;
          const bool expected =
              position >= begin && position < end && ((live[block] & allowed[block]) >> lane & 1) != 0;
          EXPECT_EQ((run.lanes(block) >> lane & 1) != 0, expected) << begin << " " << end << " " << position;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, EveryLevel,
                         testing::ValuesIn(available_cpu_levels(kHighestScanLevel).begin(),
                                           available_cpu_levels(kHighestScanLevel).end()),
                         [](const auto& level) { return std::string(name_of(level.param)); });

TEST(Quantizer, BoundsWhatMeetsInALaneSoThatNothingSaturates) {
  Random random(5);
  for (int round = 0; round < 1000; ++round) {
    std::vector<float> query(16 * (1 + random.below(10)));
    for (float& x : query) x = static_cast<float>(random.normal() * std::exp(3 * random.normal()));
    std::vector<std::int8_t> bytes(query.size());
    Quantizer::quantise_query(query, CodeWidth::int8, bytes.data());
    for (std::size_t d = 0; d < bytes.size(); d += 8) {
      for (const std::size_t half : {0u, 2u}) {
        const int sum = std::abs(bytes[d + half]) + std::abs(bytes[d + half + 1]) +
                        std::abs(bytes[d + half + 4]) + std::abs(bytes[d + half + 5]);
        ASSERT_LE(sum, 128) << round;
      }
    }
  }
}

TEST(Rotation, KeepsInnerProductsAndSpreadsOneCoordinateOverAll) {
  Random random(6);
  for (const std::uint32_t dims : {16u, 48u, 64u, 112u, 128u, 144u, 400u}) {
    const Rotation rotation(dims, 7);
    std::vector<float> a(dims);
    std::vector<float> b(dims);
    double before = 0;
    for (std::uint32_t d = 0; d < dims; ++d) {
      a[d] = static_cast<float>(random.normal());
      b[d] = static_cast<float>(random.normal());
      before += static_cast<double>(a[d]) * b[d];
    }
    rotation.apply(a);
    rotation.apply(b);
    double after = 0;
    for (std::uint32_t d = 0; d < dims; ++d) after += static_cast<double>(a[d]) * b[d];
    EXPECT_NEAR(after, before, 1e-3) << dims;
    std::vector<float> one(dims, 0.0f);
    one[dims / 3] = 1;
    rotation.apply(one);
    for (const float x : one) EXPECT_LT(std::abs(x), 0.75f) << dims;
  }
}

TEST(Collector, KeepsTheBestOfAnyStream) {
  Random random(8);
  for (int round = 0; round < 200; ++round) {
    const std::size_t keep = 1 + random.below(100);
    Collector collector(keep);
    std::vector<std::int32_t> all;
    std::vector<std::int32_t> scores;
    for (std::uint32_t i = 0; i < random.below(3000); ++i) {
      const auto score = static_cast<std::int32_t>(random.below(1000)) - 500;
      all.push_back(score);
      if (score <= collector.threshold()) continue;
      collector.push(score, i);
      if (collector.full()) collector.cut();
    }
    for (const std::uint32_t position : best_first(collector)) scores.push_back(all[position]);
    std::sort(all.begin(), all.end(), std::greater<>());
    all.resize(std::min(keep, all.size()));
    EXPECT_EQ(scores, all) << round;
  }
}

TEST(Collector, OfEqualScoresTheFirstStayHoweverManyCome) {
  Collector collector(10);
  std::uint32_t pushed = 0;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const std::int32_t score = i % 1000 == 7 ? 6 : 5;  // a hundred are better
    if (score <= collector.threshold()) continue;
    collector.push(score, i);
    ++pushed;
    if (collector.full()) collector.cut();
  }
  EXPECT_LT(pushed, 1000u);
  EXPECT_THAT(best_first(collector),
              testing::ElementsAre(7, 1007, 2007, 3007, 4007, 5007, 6007, 7007, 8007, 9007));
}

TEST(Collector, KeepsWhatIsWithinTheMarginHoweverMuchThatIs) {
  Random random(9);
  for (int round = 0; round < 200; ++round) {
    const std::size_t keep = 1 + random.below(100);
    const auto margin = static_cast<std::int32_t>(1 + random.below(600));
    Collector collector(keep, margin);
    std::vector<std::int32_t> all(1 + random.below(5000));
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      all[i] = static_cast<std::int32_t>(random.below(1000)) - 500;
      if (all[i] <= collector.threshold()) continue;
      collector.push(all[i], i);
      if (collector.full()) collector.cut();
    }
    std::vector<std::int32_t> ranked = all;
    std::sort(ranked.begin(), ranked.end(), std::greater<>());
    const std::size_t rank = std::min(keep, all.size());
    ASSERT_EQ(collector.score_at_rank(rank), ranked[rank - 1]);
    const auto found = collector.finish();
    std::set<std::uint32_t> kept(found.begin(), found.end());
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      const bool within = all[i] > ranked[rank - 1] - margin;
      ASSERT_TRUE(!within || kept.contains(i)) << round;
    }
    // The best come first.
    std::vector<std::int32_t> first;
    for (std::size_t i = 0; i < rank; ++i) first.push_back(all[found[i]]);
    std::sort(first.begin(), first.end(), std::greater<>());
    ASSERT_THAT(first, testing::ElementsAreArray(std::span(ranked).first(rank))) << round;
  }
}

}  // namespace
}  // namespace winnow
