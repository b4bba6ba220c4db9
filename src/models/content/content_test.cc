#include "models/content/content.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "models/content/content_source.h"

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

std::vector<float> scores_of(const ContentModel& model, const std::vector<HistoryEntry>& history) {
  std::vector<float> scores(model.items());
  model.add_scores(history, scores);
  return scores;
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
  EXPECT_NE(model.strongest_term(0, 4), 0u);
  EXPECT_EQ(model.strongest_term(0, 5), 0u);
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

TEST(Content, ReadsBackWhatItWroteAndSurvivesDamage) {
  const ContentModel model = model_of_films();
  const std::string bytes = model.encode();
  const auto again = ContentModel::decode(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->encode(), bytes);
  EXPECT_EQ(scores_of(*again, {{0, 1, 0}}), scores_of(model, {{0, 1, 0}}));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ContentModel::decode(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
  Random random(5);
  for (int round = 0; round < 500; ++round) {
    std::string damaged = bytes;
    damaged[random.below(static_cast<std::uint32_t>(bytes.size()))] ^=
        static_cast<char>(1 + random.below(255));
    const auto decoded = ContentModel::decode(damaged);
    if (decoded.ok()) scores_of(*decoded, {{0, 1, 0}});  // a sound model, whatever it says
  }
}

TEST(ContentSource, ReachesAnItemThatNobodyHasSeenAndSaysWhy) {
  ItemTable table;
  std::vector<ItemTable::Change> changes;
  std::vector<std::string> ids;
  for (std::uint32_t i = 0; i < films().size(); ++i) {
    Item one = films()[i];
    one.id = "film" + std::to_string(i);
    ids.push_back(one.id);
    changes.push_back({ItemIndex{i}, one.id, one});
  }
  table.apply(changes);
  const Vocabulary vocabulary(ids, table);
  const ContentModel model = model_of_films();
  const ContentSource source(model, vocabulary, 0);
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

}  // namespace
}  // namespace winnow
