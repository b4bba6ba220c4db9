// A training set over a real store: the states it sees are those that the speed layer had.
#include <gtest/gtest.h>

#include <set>

#include "adapters/embedded/embedded_catalog.h"
#include "adapters/embedded/embedded_dead_letters.h"
#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/embedded_feature_store.h"
#include "adapters/embedded/store.h"
#include "base/random.h"
#include "base/testing_folder.h"
#include "batch/impressions/build.h"
#include "batch/impressions/event_stream.h"
#include "batch/impressions/state_features.h"
#include "batch/impressions/state_replay.h"
#include "features/memory_feature_store.h"
#include "online/ingest/speed_layer.h"

namespace winnow {
namespace {

constexpr TimestampMs kNowMs = 1'700'000'000'000;

struct Site {
  explicit Site(const std::filesystem::path& folder)
      : store(Store::open(folder).value()),
        log(EmbeddedEventLog::open(*store, {}, clock).value()),
        catalog(EmbeddedCatalog::open(*store).value()),
        letters(EmbeddedDeadLetters::open(*store).value()),
        features(EmbeddedFeatureStore::open(*store).value()) {}

  ManualClock clock{kNowMs};
  std::unique_ptr<Store> store;
  std::unique_ptr<EmbeddedEventLog> log;
  std::unique_ptr<EmbeddedCatalog> catalog;
  std::unique_ptr<EmbeddedDeadLetters> letters;
  std::unique_ptr<EmbeddedFeatureStore> features;
};

// Items with and without a creator, users with and without a country, and events of every action, some of
// them about items that the catalogue lacks.
void fill(Site& site, Random& random) {
  std::vector<Item> items;
  for (int i = 0; i < 30; ++i) {
    Item item;
    item.id = "i" + std::to_string(i);
    item.categories = {"c" + std::to_string(i % 5)};
    if (i % 3 > 0) item.creator = "creator" + std::to_string(i % 4);
    item.duration_s = i % 2 == 0 ? 90 : 0;
    items.push_back(item);
  }
  ASSERT_TRUE(site.catalog->put_items(items).ok());
  User user;
  user.id = "u1";
  user.country = "NL";
  ASSERT_TRUE(site.catalog->put_users(std::span(&user, 1)).ok());
  std::vector<Event> events;
  for (int e = 0; e < 3000; ++e) {
    Event event;
    if (random.below(5) > 0) event.user_id = "u" + std::to_string(random.below(12));
    event.session_id = "s" + std::to_string(random.below(20));
    event.item_id = "i" + std::to_string(random.below(40));
    event.action = static_cast<Action>(random.below(kActionCount));
    event.value = event.action == Action::rating ? 1 + random.below(5) : random.below(100);
    event.time_ms = kNowMs - kDayMs + e * kSecondMs - random.below(5000);
    if (random.below(2) == 0) event.recommendation_id = "r" + std::to_string(e / 20);
    events.push_back(std::move(event));
  }
  ASSERT_TRUE(site.log->append(std::move(events)).ok());
}

// Whoever's they are: training keeps nobody's name.
std::multiset<std::string> states_in(const FeatureStore& store) {
  std::multiset<std::string> out;
  EXPECT_TRUE(store
                  .for_each_user([&](std::string_view, const UserState& state) -> Status {
                    out.insert(state.encode());
                    return {};
                  })
                  .ok());
  return out;
}

TEST(TrainingSet, ReplaysTheStatesThatTheSpeedLayerHad) {
  TestFolder folder;
  Random random(7);
  Site site(folder.path());
  fill(site, random);
  const FeedbackPolicy feedback;

  // First the replay, when the catalogue lacks some items still; then the speed layer, which adds them.
  MemoryFeatureStore states;
  const auto replay = StateReplay::start(*site.catalog, feedback, states, {}).value();
  const auto stream = by_position(*site.log, site.log->statistics().last);
  std::uint64_t not_applied = 0;
  for (;;) {
    const auto records = stream->next(500).value();
    if (records.empty()) break;
    replay->expect(records);
    for (const LogRecord& record : records) not_applied += replay->apply(record).value() ? 0 : 1;
    ASSERT_TRUE(replay->hand_over().ok());
  }

  ItemTable table;
  ASSERT_TRUE(table.load(*site.catalog).ok());
  const ProfileCache profiles(*site.catalog);
  SpeedLayer speed({*site.catalog, table, *site.log, *site.letters, *site.features, profiles, site.clock},
                   feedback, {});
  ASSERT_TRUE(speed.replay().ok());

  EXPECT_EQ(states_in(states), states_in(*site.features));
  Aggregates aggregates{ItemStatistics({}), CoOccurrence({})};
  ASSERT_TRUE(aggregates.decode(speed.encoded_aggregates()).ok());
  EXPECT_EQ(replay->statistics().encode(), aggregates.statistics.encode());
  EXPECT_EQ(not_applied, site.letters->size());
  EXPECT_GT(not_applied, 0u);
}

TEST(TrainingSet, HasTheFeaturesOfTheSchemaAlsoWithStatesOnDisk) {
  TestFolder folder;
  Random random(8);
  Site site(folder.path());
  fill(site, random);
  const FeedbackPolicy feedback;
  const FeatureList features = all_features();
  const auto build = [&](FeatureStore& states) {
    auto built = build_training_set({.log = *site.log,
                                     .catalog = *site.catalog,
                                     .feedback = feedback,
                                     .states = states,
                                     .feature_names = names_of(features),
                                     .features = state_features(features, *site.catalog)},
                                    {});
    EXPECT_TRUE(built.ok()) << built.error().message;
    return std::move(built).value().set.ranking;
  };
  MemoryFeatureStore in_memory;
  const RankingSet set = build(in_memory);
  EXPECT_GT(set.group_count(), 50u);
  TestFolder scratch;
  const auto store = Store::open(scratch.path()).value();
  const auto cramped = EmbeddedFeatureStore::open(*store, {.cache_bytes = 64 * 1500}).value();
  EXPECT_EQ(build(*cramped).values, set.values);
}

}  // namespace
}  // namespace winnow
