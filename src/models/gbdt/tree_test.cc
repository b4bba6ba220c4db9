// Trees: the scorer at every level of this machine against one node after the other, to the bit; the
// encoding.
#include <gmock/gmock.h>

#include <bit>
#include <thread>

#include "models/gbdt/testing_trees.h"
#include "models/gbdt/tree_scorer.h"

namespace winnow {
namespace {

std::vector<float> margins_of(const TreeModel& model, std::span<const float> rows, CpuLevel level) {
  const auto scorer = TreeScorer::open(model, {.cpu = level});
  EXPECT_TRUE(scorer.ok()) << scorer.error().message;
  std::vector<float> out(rows.size() / model.features * model.base.size());
  scorer->margins(rows, out);
  return out;
}

void expect_same_bits(const TreeModel& model, Random& random) {
  for (const std::size_t count : {1u, 63u, 64u, 130u}) {
    const auto rows = random_tree_rows(random, model, count);
    const auto wanted = reference::tree_margins(model, rows);
    for (const CpuLevel level : available_cpu_levels()) {
      const auto found = margins_of(model, rows, level);
      ASSERT_EQ(found.size(), wanted.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(found[i]), std::bit_cast<std::uint32_t>(wanted[i]))
            << name_of(level) << " at " << i << " of " << count << " rows";
      }
    }
  }
}

TEST(TreeScorer, GivesTheBitsOfThePlainWalkForTreesOfAnyShape) {
  Random random(1);
  for (int round = 0; round < 60; ++round) {
    RandomTrees options;
    options.features = 1 + random.below(20);
    options.outputs = 1 + random.below(3);
    options.trees = 1 + random.below(12);
    options.depth = static_cast<int>(random.below(10));
    options.split_share = 0.5 + random.uniform() / 2;
    options.thresholds = random.below(2) * 16;
    options.both_directions = random.below(2) == 0;
    SCOPED_TRACE(round);
    expect_same_bits(random_trees(random, options), random);
  }
}

TEST(TreeScorer, GivesTheSameBitsForCompleteTreesOfMoreLevelsThanABlock) {
  Random random(2);
  for (const int depth : {6, 7, 8, 12, 13}) {
    SCOPED_TRACE(depth);
    expect_same_bits(random_trees(random, {.trees = 3, .depth = depth, .split_share = 1}), random);
  }
}

TEST(TreeScorer, GivesTheSameBitsForLongThinTrees) {
  Random random(3);
  TreeModel model = random_trees(random, {.trees = 0});
  Tree& tree = model.trees.emplace_back();
  tree.nodes.resize(1);
  for (std::uint32_t depth = 0; depth < 200; ++depth) {
    const auto left = static_cast<std::uint32_t>(tree.nodes.size());
    tree.nodes.resize(left + 2);
    TreeNode& node = tree.nodes[left - 1];
    node = {left, left + 1, depth % 5, depth % 3 == 0, static_cast<float>(random.normal())};
    tree.nodes[left].value = static_cast<float>(random.normal());
  }
  expect_same_bits(model, random);
}

TEST(TreeScorer, GivesTheSameBitsForMoreThresholdsThanAByteCounts) {
  Random random(4);
  for (const std::size_t trees : {4u, 5u, 9u, 40u}) {
    // A complete tree of six levels has 63 thresholds: around 255 and above.
    SCOPED_TRACE(trees);
    expect_same_bits(random_trees(random, {.features = 1, .trees = trees, .split_share = 1}), random);
    expect_same_bits(
        random_trees(random, {.features = 1, .trees = trees, .split_share = 1, .both_directions = false}),
        random);
  }
}

TEST(TreeScorer, TakesInfiniteThresholdsAndModelsWithoutTrees) {
  Random random(5);
  TreeModel model = random_trees(random, {.trees = 6});
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  for (Tree& tree : model.trees) {
    if (tree.nodes[0].left != 0) tree.nodes[0].value = random.below(2) == 0 ? kInfinite : -kInfinite;
  }
  expect_same_bits(model, random);
  model.trees.clear();
  EXPECT_EQ(margins_of(model, std::vector<float>(10), best_cpu_level()),
            std::vector<float>(2, model.base[0]));
}

TEST(TreeScorer, ManyThreadsScoreAtOnce) {
  Random random(6);
  const TreeModel model = random_trees(random, {.depth = 8});
  const TreeScorer scorer = TreeScorer::open(model).value();
  const auto rows = random_tree_rows(random, model, 200);
  const auto wanted = reference::tree_margins(model, rows);
  std::vector<std::vector<float>> found(4, std::vector<float>(200));
  std::vector<std::thread> threads;
  for (auto& scores : found) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) scorer.margins(rows, scores);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(found, testing::Each(wanted));
}

TEST(TreeScorer, PredictsThroughTheLink) {
  TreeModel model;
  model.features = 1;
  model.base = {0.0f, 1.0f, -200.0f};
  const std::vector<float> rows = {0.0f, 1.0f};
  std::vector<float> out(6);
  TreeScorer::open(model).value().predict(rows, out);
  EXPECT_THAT(out, testing::ElementsAre(0, 1, -200, 0, 1, -200));
  model.link = TreeLink::logistic;
  TreeScorer::open(model).value().predict(rows, out);
  EXPECT_FLOAT_EQ(out[0], 0.5f);
  EXPECT_FLOAT_EQ(out[4], 1 / (1 + std::exp(-1.0f)));
  EXPECT_GE(out[5], 0);
  EXPECT_LT(out[5], 1e-30);
  model.link = TreeLink::softmax;
  TreeScorer::open(model).value().predict(rows, out);
  EXPECT_FLOAT_EQ(out[0] + out[1] + out[2], 1);
  EXPECT_FLOAT_EQ(out[4] / out[3], std::exp(1.0f));
}

TEST(TreeModel, RefusesWhatIsNoTree) {
  Random random(7);
  const TreeModel model = random_trees(random, {.trees = 1, .depth = 2, .split_share = 1});
  ASSERT_TRUE(model.check().ok());
  const auto field_of = [&](auto change) {
    TreeModel wrong = model;
    change(wrong);
    EXPECT_FALSE(TreeScorer::open(wrong).ok());
    const Status status = wrong.check();
    return status.ok() ? std::string("none") : status.error().field;
  };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kMax = std::numeric_limits<float>::max();
  EXPECT_EQ(field_of([](TreeModel& m) { m.features = 0; }), "features");
  EXPECT_EQ(field_of([](TreeModel& m) { m.base.clear(); }), "base");
  EXPECT_EQ(field_of([](TreeModel& m) { m.base[0] = kNan; }), "base");
  EXPECT_EQ(field_of([](TreeModel& m) { m.base[0] = kMax; }), "base");
  EXPECT_EQ(field_of([](TreeModel& m) { m.trees[0].output = 1; }), "output");
  EXPECT_EQ(field_of([](TreeModel& m) { m.trees[0].nodes.clear(); }), "trees");
  EXPECT_EQ(field_of([](TreeModel& m) { m.trees[0].nodes[1].left = 0; }), "nodes");
  EXPECT_EQ(field_of([](TreeModel& m) { m.trees[0].nodes[1].right = 100; }), "nodes");
  EXPECT_EQ(field_of([](TreeModel& m) { m.trees[0].nodes[1].right = m.trees[0].nodes[1].left; }), "nodes");
  EXPECT_EQ(field_of([](TreeModel& m) { m.trees[0].nodes.emplace_back(); }), "nodes");
  EXPECT_EQ(field_of([](TreeModel& m) { m.trees[0].nodes[0].feature = m.features; }), "feature");
  EXPECT_EQ(field_of([](TreeModel& m) { m.trees[0].nodes[0].value = kNan; }), "value");
  EXPECT_EQ(field_of([](TreeModel& m) { m.trees[0].nodes.back().value = kNan; }), "value");
}

TEST(TreeModel, ComesBackFromItsBytes) {
  Random random(8);
  for (int round = 0; round < 20; ++round) {
    TreeModel model = random_trees(random, {.outputs = 2, .depth = 8});
    model.link = TreeLink::softmax;
    const auto found = TreeModel::decode(model.encode());
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found->encode(), model.encode());
    EXPECT_EQ(found->link, model.link);
    const auto rows = random_tree_rows(random, model, 20);
    EXPECT_EQ(reference::tree_margins(*found, rows), reference::tree_margins(model, rows));
  }
}

TEST(TreeModel, DamagedBytesAreRefused) {
  Random random(9);
  const std::string bytes = random_trees(random, {}).encode();
  for (std::size_t k = 0; k < 300; ++k) {
    std::string damaged = bytes;
    damaged[random.below(static_cast<std::uint32_t>(bytes.size()))] ^=
        static_cast<char>(1 + random.below(255));
    const auto found = TreeModel::decode(damaged);
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().code, ErrorCode::corrupt);
  }
  EXPECT_EQ(TreeModel::decode(bytes.substr(0, bytes.size() - 1)).error().code, ErrorCode::corrupt);
  EXPECT_EQ(TreeModel::decode("").error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace winnow
