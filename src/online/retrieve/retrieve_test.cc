#include "online/retrieve/retrieve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <limits>
#include <utility>

namespace winnow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Proposes what it was given, after calling `before`.
class ScriptedSource final : public CandidateSource {
 public:
  struct Script {
    std::vector<ScoredItem> found;
    bool fails = false;
    bool blocks = false;
    std::function<void()> before = [] {};
  };
  ScriptedSource(std::string_view name, Script script) : name_(name), script_(std::move(script)) {}

  std::string_view name() const override { return name_; }
  bool may_block() const override { return script_.blocks; }
  Result<std::unique_ptr<PreparedSource>> prepare(const RequestContext&) const override {
    script_.before();
    if (script_.fails) return Error{ErrorCode::unavailable, "no answer"};
    return std::unique_ptr<PreparedSource>(std::make_unique<Prepared>(script_.found));
  }

 private:
  class Prepared final : public PreparedSource {
   public:
    explicit Prepared(std::vector<ScoredItem> found) : found_(std::move(found)) {}
    std::vector<ScoredItem> retrieve(std::size_t limit) override {
      return {found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(std::min(limit, found_.size()))};
    }
    void score(std::span<const ItemIndex>, std::span<float>) const override {}
    Reason explain(ItemIndex) const override { return {}; }

   private:
    std::vector<ScoredItem> found_;
  };

  std::string_view name_;
  Script script_;
};

class RetrieveTest : public ::testing::Test {
 protected:
  RetrieveTest() {
    std::vector<ItemTable::Change> changes;
    for (std::uint32_t i = 0; i < 10; ++i) {
      Item item;
      item.id = std::to_string(i);
      changes.push_back({ItemIndex{i}, item.id, item});
    }
    table_.apply(changes);
    options_.quotas = {{"a", 3}, {"b", 3}, {"c", 3}};
    options_.source_deadline_ms = 60'000;  // what is late in a test is late for certain
  }

  void source(std::string_view name, ScriptedSource::Script script) {
    sources_.push_back(std::make_unique<ScriptedSource>(name, std::move(script)));
  }

  Retrieved run(std::string surface = "home", const std::vector<ItemIndex>& named = {}) {
    ItemSieve sieve(named.size());
    for (const ItemIndex item : named) sieve.add(item);
    if (!model_) model_ = std::make_shared<const ServingModel>(std::move(sources_), table_);
    scope_ = std::make_shared<RequestScope>();
    scope_->query.surface = std::move(surface);
    scope_->query.deadline_s = deadline_s_;
    scope_->model = model_;
    scope_->context.query = &scope_->query;
    scope_->context.items = table_.pin();
    return retrieve(scope_, sieve, options_, pool_, trace_);
  }

  static ScriptedSource::Script finds(std::vector<ScoredItem> found) { return {.found = std::move(found)}; }

  ItemTable table_;
  RetrieveOptions options_;
  std::vector<std::unique_ptr<CandidateSource>> sources_;
  std::shared_ptr<const ServingModel> model_;
  std::shared_ptr<RequestScope> scope_;
  double deadline_s_ = 0;
  RequestTrace trace_;
  SourcePool pool_{2};
};

TEST_F(RetrieveTest, MergesWhatSeveralSourcesProposeAndKeepsEachOpinion) {
  source("a", finds({{ItemIndex{1}, 0.5f}, {ItemIndex{2}, 0.25f}}));
  source("b", finds({{ItemIndex{2}, 7}, {ItemIndex{3}, 8}}));
  const Retrieved found = run();
  EXPECT_THAT(found.candidates.items, ElementsAre(ItemIndex{1}, ItemIndex{2}, ItemIndex{3}));
  EXPECT_THAT(found.candidates.proposed_by, ElementsAre(0b01, 0b11, 0b10));
  EXPECT_EQ(found.opinions.at(0, 1), 0.25f);
  EXPECT_EQ(found.opinions.at(1, 1), 7);
  EXPECT_EQ(found.opinions.at(1, 0), 0);
  EXPECT_THAT(found.candidates.missing, IsEmpty());
}

std::vector<ItemIndex> items(std::initializer_list<std::uint32_t> rows) {
  std::vector<ItemIndex> out;
  for (const std::uint32_t each : rows) out.push_back(ItemIndex{each});
  return out;
}

TEST_F(RetrieveTest, ASourceBringsItsQuotaBesidesWhatTheFiltersMayDrop) {
  std::vector<ScoredItem> all;
  for (std::uint32_t i = 0; i < 10; ++i) all.push_back({ItemIndex{i}, static_cast<float>(10 - i)});
  source("a", finds(all));
  source("b", finds({}));
  EXPECT_EQ(run().candidates.items, items({0, 1, 2}));
  // Two of those named are among its best: with them come two more.
  EXPECT_EQ(run("home", items({0, 2, 8, 9})).candidates.items, items({0, 1, 2, 3, 4}));
  EXPECT_EQ(run("home", items({0, 1, 2, 3})).candidates.items, items({0, 1, 2, 3, 4, 5, 6}));
  options_.max_extra = 1;
  EXPECT_EQ(run("home", items({0, 1, 2, 3})).candidates.items, items({0, 1, 2, 3}));
  options_.max_extra = 100;
  options_.quotas["b"] = 6;  // the largest now, so "a" is asked for half of what may be dropped
  EXPECT_EQ(run("home", items({0, 1, 2, 3})).candidates.items, items({0, 1, 2, 3, 4}));
}

TEST_F(RetrieveTest, ASurfaceHasQuotasOfItsOwn) {
  source("a", finds({{ItemIndex{1}, 1}, {ItemIndex{2}, 1}}));
  source("b", finds({{ItemIndex{3}, 1}}));
  options_.surface_quotas["player"] = {{"a", 1}, {"b", 0}};
  EXPECT_THAT(run("player").candidates.items, ElementsAre(ItemIndex{1}));
  EXPECT_TRUE(options_.uses("b"));
  options_.quotas["b"] = 0;
  EXPECT_FALSE(options_.uses("b"));
  options_.surface_quotas["player"]["b"] = 1;
  EXPECT_TRUE(options_.uses("b"));
  options_.quotas["b"] = 3;
  EXPECT_EQ(run("home").candidates.size(), 3u);
}

TEST_F(RetrieveTest, LeavesOutItemsBeyondTheSnapshotAndScoresThatAreNoNumbers) {
  source("a", finds({{ItemIndex{99}, 1},
                     {ItemIndex{1}, std::numeric_limits<float>::quiet_NaN()},
                     {ItemIndex{2}, 1}}));
  EXPECT_THAT(run().candidates.items, ElementsAre(ItemIndex{2}));
}

TEST_F(RetrieveTest, NamesASourceThatFails) {
  source("a", {.fails = true});
  source("b", finds({{ItemIndex{3}, 1}}));
  const Retrieved found = run();
  EXPECT_THAT(found.candidates.missing, ElementsAre("a"));
  EXPECT_THAT(found.candidates.items, ElementsAre(ItemIndex{3}));
  EXPECT_EQ(found.sources[0], nullptr);
  EXPECT_NE(found.sources[1], nullptr);
}

TEST_F(RetrieveTest, SourcesThatBlockRunBesideEachOther) {
  // Each waits for the other: one after the other, neither would end.
  std::promise<void> a_began;
  std::promise<void> b_began;
  source("a", {.found = {{ItemIndex{1}, 1}}, .blocks = true, .before = [&] {
                 a_began.set_value();
                 b_began.get_future().wait();
               }});
  source("b", {.found = {{ItemIndex{2}, 1}}, .blocks = true, .before = [&] {
                 b_began.set_value();
                 a_began.get_future().wait();
               }});
  const Retrieved found = run();
  EXPECT_THAT(found.candidates.items, UnorderedElementsAre(ItemIndex{1}, ItemIndex{2}));
  EXPECT_THAT(found.candidates.missing, IsEmpty());
}

TEST_F(RetrieveTest, AHungSourceIsLeftOutAtItsDeadlineAndMayFinishAfterTheRequest) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  source("a", {.found = {{ItemIndex{1}, 1}}, .blocks = true, .before = [released] { released.wait(); }});
  source("b", finds({{ItemIndex{2}, 1}}));
  options_.source_deadline_ms = 20;
  {
    const Retrieved found = run();
    EXPECT_THAT(found.candidates.missing, ElementsAre("a"));
    EXPECT_THAT(found.candidates.items, ElementsAre(ItemIndex{2}));
  }
  scope_.reset();
  release.set_value();  // the source goes on in a scope that only it still holds
}

TEST_F(RetrieveTest, WhenAllThreadsHangRequestsStillAnswer) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  source("a", {.blocks = true, .before = [released] { released.wait(); }});
  source("b", finds({{ItemIndex{2}, 1}}));
  options_.source_deadline_ms = 1;
  for (int i = 0; i < 300; ++i) {  // more than the pool queues
    const Retrieved found = run();
    ASSERT_THAT(found.candidates.missing, ElementsAre("a"));
    ASSERT_THAT(found.candidates.items, ElementsAre(ItemIndex{2}));
  }
  release.set_value();
}

TEST_F(RetrieveTest, ASlowSourceMovesToThePoolOnceItsPaceIsKnown) {
  const std::thread::id here = std::this_thread::get_id();
  std::vector<std::thread::id> ran_on;
  source("a", {.before = [&] { ran_on.push_back(std::this_thread::get_id()); }});
  options_.parallel_from_us = -1;  // the first measurement is above it
  run();
  ASSERT_EQ(ran_on.size(), 1u);
  options_.parallel_from_us = 1e9;
  run();
  EXPECT_EQ(ran_on.back(), here);
  options_.parallel_from_us = 0;
  run();
  EXPECT_NE(ran_on.back(), here);
}

TEST_F(RetrieveTest, AfterTheRequestsDeadlineEverySourceIsMissing) {
  source("a", finds({{ItemIndex{1}, 1}}));
  source("b", finds({{ItemIndex{2}, 1}}));
  deadline_s_ = steady_seconds() - 1;
  EXPECT_THAT(run().candidates.missing, ElementsAre("a", "b"));
}

TEST_F(RetrieveTest, EverySourcesTimeIsTraced) {
  source("a", finds({{ItemIndex{1}, 1}}));
  source("b", {.found = {{ItemIndex{2}, 1}}, .blocks = true});
  run();
  std::vector<std::string_view> stages;
  for (const RequestTrace::Entry& entry : trace_.entries()) stages.push_back(entry.stage);
  EXPECT_THAT(stages, ElementsAre("a", "b", "merge"));
}

}  // namespace
}  // namespace winnow
