// What is logged when a request is answered is what the log of events gives again: to the bit.
#include <gtest/gtest.h>

#include <cstring>
#include <optional>

#include "batch/impressions/state_features.h"
#include "batch/impressions/state_replay.h"
#include "features/feature_schema.h"
#include "features/memory_feature_store.h"
#include "integration/testing_engine.h"

namespace winnow {
namespace {

constexpr std::uint32_t kItems = 60;
constexpr std::uint32_t kUsers = 12;

bool equal_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

class SkewTest : public EngineTest {
 protected:
  SkewTest() {
    // No source runs out of time, and lists are made anew only where the test says so.
    options_.deadline_ms = options_.pipeline.retrieve.source_deadline_ms = 60'000;
    options_.speed.trend_interval_ms = 1'000'000'000;
  }

  // Of a site with items, tastes and a live version; its engine consumes by itself.
  void begin(std::shared_ptr<const RankerModel> ranker) {
    put_items(kItems);
    Item gone;
    gone.id = "gone";
    gone.categories = {"Odd"};
    gone.available = false;
    ASSERT_TRUE(engine_->put_items({&gone, 1}).ok());
    append_tastes(kUsers, kItems);
    train_and_promote(kItems, std::move(ranker));
    reopen();
    ASSERT_TRUE(engine_->refresh_content().ok());
    engine_->start();
  }

  Event random_event() {
    static constexpr Action kActions[] = {Action::view,       Action::click,  Action::like,
                                          Action::watch,      Action::finish, Action::dislike,
                                          Action::impression, Action::follow};
    const std::uint32_t item = random_.below(kItems + 6);
    const std::string id = item < kItems       ? "item" + std::to_string(item)
                           : item < kItems + 3 ? std::string("gone")
                                               : "made" + std::to_string(random_.below(4));
    Event event = make_event("user" + std::to_string(random_.below(kUsers)), id, kActions[random_.below(8)],
                             random_.below(3000));
    event.time_ms = clock_.now_ms() - random_.below(5000);
    return event;
  }

  // Appends events and waits until they are applied; what they did to items is seen by requests only where
  // `publish`.
  void happen(std::uint32_t events, bool publish) {
    for (std::uint32_t i = 0; i < events; ++i) {
      clock_.advance(random_.below(kMinuteMs));
      append({random_event()});
    }
    if (publish) {
      ASSERT_TRUE(engine_->catch_up().ok());
    }
    await_applied(*engine_, log_->statistics().last);
    ASSERT_TRUE(engine_->refresh_content().ok());  // events make items
  }

  static void await_applied(const Engine& engine, LogPosition position) {
    while (engine.status().applied < position) std::this_thread::yield();
  }

  Query random_query() {
    Query query;
    query.user_id = "user" + std::to_string(random_.below(kUsers));
    query.surface = random_.below(2) == 0 ? "home" : "player";
    query.count = 1 + random_.below(20);
    query.now_ms = clock_.now_ms();
    query.seed = 1 + random_.next() % 1'000'000;
    return query;
  }

  static ServedImpression serve(const Engine& engine, ImpressionLog& impressions, const Query& query) {
    RequestTrace trace;
    const Response response = engine.recommend(query, trace).value();
    EXPECT_TRUE(response.missing.empty());
    EXPECT_TRUE(impressions.flush().ok());
    const auto found = impressions.find(response.recommendation_id).value();
    EXPECT_TRUE(found.has_value());
    return found.value_or(ServedImpression{});
  }

  // The features of the impression's items, worked out again from the log of events as training sets do.
  // further: events after the moment that are replayed too.
  std::vector<float> replayed(const ServedImpression& served, LogPosition further = 0) {
    MemoryFeatureStore states;
    const auto replay =
        StateReplay::start(*catalog_, options_.feedback, states, {options_.speed.user, options_.speed.items})
            .value();
    std::optional<ItemStatistics> statistics;
    const LogPosition last = served.state_position + further;
    const std::vector<LogRecord> records = log_->read(1, last).value();
    replay->expect(records);
    for (const LogRecord& record : records) {
      if (record.position > served.items_position && !statistics) statistics = replay->statistics();
      EXPECT_TRUE(replay->apply(record).ok());
    }
    if (!statistics) statistics = replay->statistics();
    std::vector<ItemIndex> items;
    for (const ServedItem& item : served.items) items.push_back(item.item);
    std::vector<float> rows(items.size() * features_.size());
    const ImpressionMoment moment{.subject = served.subject,
                                  .session_id = {},
                                  .recommendation_id = served.recommendation_id,
                                  .surface = served.surface,
                                  .time_ms = served.time_ms,
                                  .position = last + 1,
                                  .user = *replay->user(served.subject).value(),
                                  .statistics = *statistics,
                                  .catalog = replay->items(),
                                  .items = items};
    EXPECT_TRUE(state_features(features_, *catalog_)(moment, rows).ok());
    return rows;
  }

  // The names of the features that differ, those of sources apart: training does not know them of the past.
  std::vector<std::string> skewed(const ServedImpression& served, const std::vector<float>& again) {
    std::vector<std::string> out;
    for (std::size_t k = 0; k < features_.size(); ++k) {
      const FeatureDefinition& definition = feature_definitions()[features_[k]];
      if (definition.subject == FeatureSubject::source) continue;
      for (std::size_t at = k; at < again.size(); at += features_.size()) {
        if (equal_bits({&again[at], 1}, {&served.features[at], 1})) continue;
        out.push_back(definition.name);
        break;
      }
    }
    return out;
  }

  void serve_between_events() {
    std::size_t lagging = 0;
    for (int round = 0; round < 60; ++round) {
      happen(1 + random_.below(12), random_.below(3) == 0);
      const ServedImpression served = serve(*engine_, *impressions_, random_query());
      ASSERT_EQ(served.state_position, log_->statistics().last);
      ASSERT_EQ(served.features.size(), served.items.size() * features_.size());
      if (served.items_position < served.state_position) ++lagging;
      EXPECT_EQ(skewed(served, replayed(served)), std::vector<std::string>{}) << "round " << round;
    }
    EXPECT_GT(lagging, 10u) << "lists were to be older than states now and then";
  }

  const FeatureList features_ = all_features();
  Random random_{17};
};

TEST_F(SkewTest, WithoutARankerTheLogOfEventsGivesTheLoggedFeaturesAgain) {
  begin(nullptr);
  serve_between_events();
}

TEST_F(SkewTest, WithARankerTheLogOfEventsGivesTheLoggedFeaturesAgain) {
  begin(ranker_by("source.blend", -1, 1));  // so that a request goes through the cascade
  serve_between_events();
}

TEST_F(SkewTest, OneEventMoreIsNoticed) {
  begin(ranker_by("source.blend", -1, 1));  // so that a request goes through the cascade
  happen(5, true);
  const Query query = random_query();
  const ServedImpression served = serve(*engine_, *impressions_, query);
  ASSERT_EQ(skewed(served, replayed(served)), std::vector<std::string>{});
  append({make_event(query.user_id, "item3", Action::like)});
  EXPECT_NE(skewed(served, replayed(served, 1)), std::vector<std::string>{});
}

// A second site that is told the same events in the same order, and asked the same.
class Twin {
 public:
  Twin(const std::filesystem::path& folder, std::span<const Item> items, ModelRegistry& registry,
       const EngineOptions& options)
      : store_(Store::open(folder).value()),
        log_(EmbeddedEventLog::open(*store_, {}, clock_).value()),
        catalog_(EmbeddedCatalog::open(*store_).value()),
        dead_letters_(EmbeddedDeadLetters::open(*store_).value()),
        features_(EmbeddedFeatureStore::open(*store_, {}).value()),
        impressions_(EmbeddedImpressionLog::open(*store_).value()) {
    EXPECT_TRUE(catalog_->put_items(items).ok());
    engine_ =
        Engine::open({*catalog_, *log_, *dead_letters_, *features_, registry, clock_, impressions_.get()},
                     options)
            .value();
  }

  void take(std::span<const LogRecord> records) {
    for (const LogRecord& record : records) {
      clock_.advance(record.received_ms - clock_.now_ms());
      ASSERT_TRUE(log_->append({record.event}).ok());
    }
  }

  ManualClock clock_{kNowMs};
  std::unique_ptr<Store> store_;
  std::unique_ptr<EmbeddedEventLog> log_;
  std::unique_ptr<EmbeddedCatalog> catalog_;
  std::unique_ptr<EmbeddedDeadLetters> dead_letters_;
  std::unique_ptr<EmbeddedFeatureStore> features_;
  std::unique_ptr<EmbeddedImpressionLog> impressions_;
  std::unique_ptr<Engine> engine_;
};

class TwinTest : public SkewTest {
 protected:
  // The twin of this site as of a position of its log; the items' statistics as of another.
  std::unique_ptr<Twin> twin_at(LogPosition items, LogPosition state,
                                const std::vector<Event>& planted = {}) {
    std::vector<Item> all;
    EXPECT_TRUE(catalog_
                    ->for_each_item([&](ItemIndex, const Item& item) -> Status {
                      all.push_back(item);
                      return {};
                    })
                    .ok());
    auto twin =
        std::make_unique<Twin>(folder_ / ("twin" + std::to_string(++twins_)), all, *registry_, options_);
    const std::vector<LogRecord> records = log_->read(1, state).value();
    twin->take(std::span(records).first(items));
    if (!planted.empty()) {
      EXPECT_TRUE(twin->log_->append(planted).ok());
    }
    EXPECT_TRUE(twin->engine_->catch_up().ok());
    EXPECT_TRUE(twin->engine_->refresh_content().ok());
    twin->engine_->start();
    twin->take(std::span(records).subspan(items));
    await_applied(*twin->engine_, state + planted.size());
    return twin;
  }

  void serve_beside_twins() {
    for (int round = 0; round < 4; ++round) {
      happen(10, round % 2 == 0);
      const Query query = random_query();
      const ServedImpression served = serve(*engine_, *impressions_, query);
      const auto twin = twin_at(served.items_position, served.state_position);
      const ServedImpression again = serve(*twin->engine_, *twin->impressions_, query);
      EXPECT_EQ(served.items, again.items);
      EXPECT_TRUE(equal_bits(served.features, again.features)) << "round " << round;
    }
  }
  int twins_ = 0;
};

TEST_F(TwinTest, WithoutARankerTheSameRequestHasTheSameFeaturesSourcesIncluded) {
  begin(nullptr);
  serve_beside_twins();
}

TEST_F(TwinTest, WithARankerTheSameRequestHasTheSameFeaturesSourcesIncluded) {
  begin(ranker_by("source.blend", -1, 1));  // so that a request goes through the cascade
  serve_beside_twins();
}

TEST_F(TwinTest, OneEventMoreIsNoticed) {
  begin(ranker_by("source.blend", -1, 1));  // so that a request goes through the cascade
  happen(10, true);
  const Query query = random_query();
  const ServedImpression served = serve(*engine_, *impressions_, query);
  const auto twin = twin_at(served.items_position, served.state_position,
                            {make_event(query.user_id, "item3", Action::like)});
  EXPECT_FALSE(equal_bits(served.features, serve(*twin->engine_, *twin->impressions_, query).features));
}

}  // namespace
}  // namespace winnow
