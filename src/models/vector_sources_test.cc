#include "models/vector_sources.h"

#include <gmock/gmock.h>

#include <optional>

#include "features/profile_facts.h"
#include "math/vector_kernels.h"
#include "models/testing_items.h"
#include "models/two_tower/testing_two_tower.h"
#include "models/two_tower/tower_features.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Ten items "0" to "9"; the model knows them in reverse order, and one that the catalogue has lost.
class TwoTowerSourceTest : public testing::Test {
 protected:
  TwoTowerSourceTest() {
    add_titled_items(table_, 10);
    const std::vector<std::string> rows = {"9", "8", "7", "6", "5", "4", "3", "2", "1", "0", "gone"};
    vocabulary_.emplace(rows, table_);
    source_ = two_tower_source(*model_, nullptr, *vocabulary_, new_items_);
    context_.query = &query_;
    context_.items = table_.pin();
    context_.trends = std::make_shared<const Trends>();
    context_.user.state = std::make_shared<const UserState>();
  }

  void happened(std::uint32_t item, Signal signal, float weight, TimestampMs time_ms) {
    context_.user.history.push_back({ItemIndex{item}, Action::like, signal, weight, time_ms, 0});
  }
  std::unique_ptr<PreparedSource> prepare() const { return source_->prepare(context_).value(); }

  ItemTable table_;
  Query query_;
  RequestContext context_;
  static std::shared_ptr<const TwoTowerModel> model(std::uint64_t seed) {
    const TwoTowerShape shape{.items = 11,
                              .dims = 32,
                              .layers = 2,
                              .heads = 1,
                              .inner = 32,
                              .length = 4,
                              .item_buckets = 64,
                              .profile_buckets = 64};
    return std::make_shared<const TwoTowerModel>(random_two_tower(shape, seed));
  }
  // Item 10 is new, with these categories; the model has learned the others.
  void describe_new_item(const std::shared_ptr<const TwoTowerModel>& of,
                         std::vector<std::string> categories) {
    Item item;
    item.id = "10";
    item.categories = std::move(categories);
    ItemTerms terms;
    for (int i = 0; i < 10; ++i) terms.add({});
    terms.add(terms_of(item));
    std::vector<bool> learned(11, true);
    learned[10] = false;
    new_items_.publish(std::make_shared<const NewItems>(of, terms, learned));
  }

  std::shared_ptr<const TwoTowerModel> model_ = model(1);
  Published<NewItems> new_items_;
  std::optional<Vocabulary> vocabulary_;
  std::unique_ptr<CandidateSource> source_;
};

TEST_F(TwoTowerSourceTest, ReadsEachLikedItemOnceAtItsNewestAction) {
  happened(1, Signal::positive, 5, 10);
  happened(2, Signal::positive, 5, 20);
  happened(3, Signal::positive, 5, 30);
  happened(1, Signal::neutral, 1, 40);
  happened(2, Signal::negative, 0, 50);  // not any more
  happened(4, Signal::neutral, 0, 60);   // says nothing
  EXPECT_THAT(
      tower_actions(context_.user, *vocabulary_),
      ElementsAre(TowerAction{6, kind_of(Action::like), 30}, TowerAction{8, kind_of(Action::like), 40}));
}

TEST_F(TwoTowerSourceTest, RetrievesTheItemsNearestToTheUsersVector) {
  happened(1, Signal::positive, 5, 10);
  happened(2, Signal::positive, 5, 20);
  const auto user = model_->user_vector(tower_actions(context_.user, *vocabulary_));
  const auto source = prepare();
  const auto found = source->retrieve(11);
  EXPECT_EQ(found.size(), 10u);  // all but the one that the catalogue has lost
  for (const ScoredItem& item : found) {
    EXPECT_NEAR(item.score, dot(user, model_->item_vector(9 - row(item.item))), 1e-4);
  }
  std::vector<ItemIndex> items;
  for (const ScoredItem& item : found) items.push_back(item.item);
  std::vector<float> scores(items.size());
  source->score(items, scores);
  for (std::size_t k = 0; k < items.size(); ++k) EXPECT_NEAR(scores[k], found[k].score, 1e-4);
  EXPECT_GE(source->retrieve(3)[0].score, found.back().score);
}

TEST_F(TwoTowerSourceTest, ReadsTheUsersProfile) {
  happened(1, Signal::positive, 5, 10);
  User user;
  user.country = "DE";
  user.interests = {"jazz"};
  const std::vector<std::uint64_t> facts = profile_facts(user);
  context_.user.profile_facts = std::make_shared<const std::vector<std::uint64_t>>(facts);
  const auto expected =
      model_->user_vector(tower_actions(context_.user, *vocabulary_), profile_features(facts, 64));
  std::vector<float> score(1);
  prepare()->score(std::vector<ItemIndex>{ItemIndex{3}}, score);
  EXPECT_NEAR(score[0], dot(expected, model_->item_vector(6)), 1e-4);
  context_.user.profile_facts = nullptr;
  std::vector<float> without(1);
  prepare()->score(std::vector<ItemIndex>{ItemIndex{3}}, without);
  EXPECT_NE(score[0], without[0]);
}

TEST_F(TwoTowerSourceTest, ScoresANewItemByWhatItIs) {
  happened(1, Signal::positive, 5, 10);
  EXPECT_EQ(prepare()->retrieve(11).size(), 10u);
  describe_new_item(model_, {"jazz", "live"});
  const NewItems& described = *new_items_.pin();
  ASSERT_THAT(described.items(), ElementsAre(ItemIndex{10}));
  const auto user = model_->user_vector(tower_actions(context_.user, *vocabulary_));
  const float expected = dot(user, described.vector(0));

  const auto source = prepare();
  const auto found = source->retrieve(11);
  EXPECT_EQ(found.size(), 11u);
  EXPECT_THAT(found, testing::Contains(testing::AllOf(testing::Field(&ScoredItem::item, ItemIndex{10}),
                                                      testing::Field(&ScoredItem::score, expected))));
  std::vector<float> score(1);
  source->score(std::vector<ItemIndex>{ItemIndex{10}}, score);
  EXPECT_EQ(score[0], expected);
  EXPECT_FALSE(source->explain(ItemIndex{10}).text.empty());
  const auto best = std::ranges::max(found, {}, &ScoredItem::score).score;
  const auto fewer = source->retrieve(2);  // one of the model's may be the lost one
  EXPECT_LE(fewer.size(), 2u);
  EXPECT_EQ(std::ranges::max(fewer, {}, &ScoredItem::score).score, best);
}

TEST_F(TwoTowerSourceTest, LeavesOutNewItemsWithoutFeaturesAndThoseOfAnotherModel) {
  happened(1, Signal::positive, 5, 10);
  describe_new_item(model_, {});
  EXPECT_EQ(prepare()->retrieve(11).size(), 10u);
  describe_new_item(model(2), {"jazz"});
  EXPECT_EQ(prepare()->retrieve(11).size(), 10u);
  std::vector<float> score(1, 1.0f);
  prepare()->score(std::vector<ItemIndex>{ItemIndex{10}}, score);
  EXPECT_EQ(score[0], 0.0f);
}

TEST_F(TwoTowerSourceTest, TheNewestEventChangesWhatIsRetrieved) {
  happened(1, Signal::positive, 5, 10);
  const float before = prepare()->retrieve(1)[0].score;
  happened(5, Signal::positive, 5, 20);
  EXPECT_NE(prepare()->retrieve(1)[0].score, before);
}

TEST_F(TwoTowerSourceTest, HasNothingToSayWithoutAHistory) {
  const auto source = prepare();
  EXPECT_THAT(source->retrieve(5), IsEmpty());
  std::vector<float> score(1, 1.0f);
  source->score(std::vector<ItemIndex>{ItemIndex{3}}, score);
  EXPECT_EQ(score[0], 0.0f);
  EXPECT_EQ(source->explain(ItemIndex{3}).because_item, "");
}

TEST_F(TwoTowerSourceTest, NamesAnItemOfTheHistoryAsItsReason) {
  happened(1, Signal::positive, 5, 10);
  const auto source = prepare();
  int named = 0;
  for (std::uint32_t item = 2; item < 10; ++item) {
    const Reason reason = source->explain(ItemIndex{item});
    if (reason.because_item.empty()) continue;
    EXPECT_EQ(reason.because_item, "1");
    EXPECT_THAT(reason.text, HasSubstr("Title 1"));
    ++named;
  }
  EXPECT_GT(named, 0);
}

}  // namespace
}  // namespace winnow
