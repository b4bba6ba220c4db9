#include "models/content/content.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "models/content/content_index.h"
#include "models/content/content_source.h"
#include "models/testing_scores.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Item item(std::string title, std::vector<std::string> categories, std::string creator = "") {
  Item out;
  out.id = title;
  out.title = std::move(title);
  out.categories = std::move(categories);
  out.creator = std::move(creator);
  return out;
}

ItemTerms terms_of_all(const std::vector<Item>& items) {
  ItemTerms out;
  for (const Item& one : items) out.add(terms_of(one));
  return out;
}

const std::vector<Item>& films() {
  static const std::vector<Item> all = {item("Alien Planet", {"sci-fi", "horror"}, "Scott"),
                                        item("Alien Return", {"sci-fi"}, "Cameron"),
                                        item("Love Letters", {"romance"}),
                                        item("Planet of Love", {"romance", "sci-fi"}),
                                        item("The Quiet Farm", {"drama"}, "Scott"),
                                        item("", {}),
                                        item("Night Drama", {"drama"})};
  return all;
}

ContentModel model_of_films(const ContentOptions& options = {.common_share = 1}) {
  return ContentModel::build(terms_of_all(films()), options).value();
}

TEST(ItemTerms, HoldEachTermOnceWithItsCountWhateverTheCase) {
  Item one;
  one.title = "Café café, a CAFé!";
  one.tags = {"Jazz"};
  one.categories = {"jazz"};
  const std::vector<ItemTerm> terms = terms_of(one);
  ASSERT_THAT(terms, SizeIs(3));  // the word; the tag and the category are not the same
  EXPECT_EQ(std::ranges::max(terms, {}, &ItemTerm::count).count, 3);
  EXPECT_THAT(terms_of(Item{}), IsEmpty());
}

TEST(Content, TheNearestToAnItemAreThoseThatShareWhatIsRare) {
  const ContentModel model = model_of_films();
  const std::vector<float> scores = scores_of(model, {{0, 1, 0}});
  EXPECT_EQ(std::ranges::max_element(scores) - scores.begin(), 0);  // itself
  EXPECT_GT(scores[1], scores[2]);
  EXPECT_GT(scores[4], 0);  // the same creator
  EXPECT_EQ(scores[5], 0);  // says nothing
  EXPECT_NEAR(model.similarity(0, 0), 1, 1e-5);
}

TEST(Content, ScoresAreTheSumsOfTheSimilaritiesToTheHistory) {
  const ContentModel model = model_of_films();
  const std::vector<HistoryEntry> history = {{0, 2, 0}, {3, 0.5f, 0}, {99, 1, 0}};  // 99 is unknown
  const std::vector<float> scores = scores_of(model, history);
  for (std::uint32_t i = 0; i < model.items(); ++i) {
    EXPECT_NEAR(scores[i], 2 * model.similarity(0, i) + 0.5f * model.similarity(3, i), 1e-5) << i;
  }
}

TEST(Content, OlderHistoryCountsLessByItsHalfLife) {
  ContentOptions options{.common_share = 1};
  options.history_half_life_days = 1;
  const ContentModel model = model_of_films(options);
  const auto old = scores_of(model, {{0, 1, 0}, {2, 1, kDayMs}});
  EXPECT_NEAR(old[1], 0.5f * model.similarity(0, 1) + model.similarity(2, 1), 1e-5);
}

TEST(Content, AKindWithoutWeightSaysNothing) {
  ContentOptions options{.kind_weights = {1, 1, 0, 0}, .common_share = 1};
  const ContentModel model = model_of_films(options);
  EXPECT_EQ(model.similarity(0, 4), 0);  // only the creator is the same
  EXPECT_GT(model.similarity(4, 6), 0);
}

TEST(Content, WithoutMetadataThereIsNothingToBuild) {
  const auto model = ContentModel::build(terms_of_all({Item{}, Item{}}), {});
  ASSERT_FALSE(model.ok());
  EXPECT_THAT(model.error().message, HasSubstr("metadata"));
  EXPECT_EQ(ContentModel::build(ItemTerms(), {.saturation = -1}).error().field, "content.saturation");
}

TEST(ContentSource, ReachesAnItemThatNobodyHasSeenAndSaysWhy) {
  ItemTable table;
  std::vector<ItemTable::Change> changes;
  for (std::uint32_t i = 0; i < films().size(); ++i) {
    Item one = films()[i];
    one.id = "film" + std::to_string(i);
    changes.push_back({ItemIndex{i}, one.id, one});
  }
  table.apply(changes);
  const Vocabulary learned({}, table);
  const Published<ContentIndex> index(
      std::make_shared<const ContentIndex>(model_of_films(), std::vector<bool>(films().size())));
  const ContentSource source(index, learned, 0, 0.05);
  Query query;
  RequestContext context;
  context.query = &query;
  context.items = table.pin();
  context.trends = std::make_shared<const Trends>();
  context.user.history.push_back({ItemIndex{0}, Action::click, Signal::positive, 1, 0, 0});
  const auto prepared = source.prepare(context);
  ASSERT_TRUE(prepared.ok());
  std::vector<std::uint32_t> found;
  for (const ScoredItem& hit : (*prepared)->retrieve(2)) found.push_back(row(hit.item));
  std::ranges::sort(found);
  EXPECT_THAT(found, ElementsAre(0, 1));
  const Reason reason = (*prepared)->explain(ItemIndex{1});
  EXPECT_EQ(reason.code, "content");
  EXPECT_EQ(reason.text, "Described like Alien Planet");
  EXPECT_EQ(reason.because_item, "film0");
  std::vector<float> scores(2);
  (*prepared)->score(std::vector<ItemIndex>{ItemIndex{5}, ItemIndex{1}}, scores);
  EXPECT_EQ(scores[0], 0);
  EXPECT_GT(scores[1], 0);
}

TEST(ContentIndex, AUserWhoseTasteIsLearnedIsOfferedWhatIsNot) {
  const ContentModel model = model_of_films();
  std::vector<bool> learned(model.items(), true);
  learned[1] = false;
  const ContentIndex index(model_of_films(), learned);
  const std::vector<HistoryEntry> history = {{0, 1, 0}};
  SparseScores some;
  index.add_scores(history, ContentIndex::Search::unlearned, some);
  EXPECT_THAT(some.touched, ElementsAre(1));
  SparseScores all;
  index.add_scores(history, ContentIndex::Search::all, all);
  const std::vector<float> expected = scores_of(model, history);
  for (std::uint32_t item = 0; item < model.items(); ++item) {
    EXPECT_FLOAT_EQ(all.scores[item], expected[item]) << item;
  }
  EXPECT_FLOAT_EQ(some.scores[1], expected[1]);
  all.clear();
  EXPECT_TRUE(std::ranges::all_of(all.scores, [](float score) { return score == 0; }));
}

TEST(ContentIndex, ALongListKeepsItsHeaviestItems) {
  // One tag that all share; the fewer other tags an item has, the more the shared one says of it.
  std::vector<Item> items(20);
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].tags = {"shared"};
    for (std::size_t other = 0; other < i; ++other) items[i].tags.push_back("pair" + std::to_string(other));
  }
  const ContentModel model = ContentModel::build(terms_of_all(items), {.common_share = 1}).value();
  const ContentIndex index(ContentModel(model), std::vector<bool>(items.size()), 3);
  SparseScores found;
  index.add_scores(std::vector<HistoryEntry>{{0, 1, 0}}, ContentIndex::Search::unlearned, found);
  std::ranges::sort(found.touched);
  EXPECT_THAT(found.touched, ElementsAre(0, 1, 2));
}

TEST(ContentSource, SaysNothingBeforeThereIsAnIndex) {
  const ItemTable table;
  const Vocabulary learned({}, table);
  const Published<ContentIndex> index;
  const ContentSource source(index, learned, 0, 0.05);
  RequestContext context;
  context.trends = std::make_shared<const Trends>();
  const auto prepared = source.prepare(context);
  ASSERT_TRUE(prepared.ok());
  EXPECT_TRUE((*prepared)->retrieve(10).empty());
}

}  // namespace
}  // namespace winnow
