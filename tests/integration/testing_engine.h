// A site over real stores, for tests of the engine.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "adapters/embedded/embedded_catalog.h"
#include "adapters/embedded/embedded_dead_letters.h"
#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/embedded_feature_store.h"
#include "adapters/embedded/embedded_impression_log.h"
#include "adapters/embedded/store.h"
#include "base/file.h"
#include "base/random.h"
#include "base/testing_folder.h"
#include "models/ranking/ranker_model.h"
#include "online/engine.h"

namespace winnow {

inline constexpr TimestampMs kNowMs = 1'700'000'000'000;

// A ranker of trees, each a leaf or one split: nothing of it needs training.
inline std::shared_ptr<RankerModel> ranker_by(const std::string& feature, float below, float above) {
  auto ranker = std::make_shared<RankerModel>();
  ranker->full_features = {feature};
  ranker->heads = {"like"};
  ranker->worth = {1};
  ranker->calibration.resize(1);
  TreeModel trees;
  trees.features = 1;
  trees.base = {0};
  trees.link = TreeLink::logistic;
  trees.trees = {{0, {{1, 2, 0, false, 0}, {0, 0, 0, false, below}, {0, 0, 0, false, above}}}};
  ranker->trees = {trees};
  return ranker;
}

// One site in a folder of its own; reopen() is a restart.
class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    options_.pipeline.impression_share = 1;
    reopen();
  }
  ~EngineTest() override { close(); }

  void close() {
    engine_.reset();
    impressions_.reset();
    features_.reset();
    dead_letters_.reset();
    catalog_.reset();
    log_.reset();
    store_.reset();
  }

  void reopen() {
    close();
    StoreOptions store_options;
    store_options.compress = false;  // so that a search of the files finds what is in them
    store_ = Store::open(folder_ / "log", store_options).value();
    log_ = EmbeddedEventLog::open(*store_, {}, clock_).value();
    catalog_ = EmbeddedCatalog::open(*store_).value();
    dead_letters_ = EmbeddedDeadLetters::open(*store_).value();
    features_ = EmbeddedFeatureStore::open(*store_, {}).value();
    registry_.emplace(ModelRegistry::open(folder_ / "models").value());
    impressions_ = EmbeddedImpressionLog::open(*store_, impression_options_).value();
    engine_ =
        Engine::open({*catalog_, *log_, *dead_letters_, *features_, *registry_, clock_, impressions_.get()},
                     options_)
            .value();
    ASSERT_TRUE(engine_->catch_up().ok());
  }

  void put_items(std::uint32_t count) {
    std::vector<Item> items;
    for (std::uint32_t i = 0; i < count; ++i) {
      Item item;
      item.id = "item" + std::to_string(i);
      item.title = "Title " + std::to_string(i);
      item.categories = {i % 2 == 0 ? "Even" : "Odd"};
      item.creator = "creator" + std::to_string(i % 7);
      item.created_ms = kNowMs - static_cast<TimestampMs>(i) * kDayMs;
      items.push_back(item);
    }
    ASSERT_TRUE(engine_->put_items(items).ok());
  }

  static Event make_event(const std::string& user, const std::string& item, Action action, double value = 0) {
    Event event;
    event.user_id = user;
    event.item_id = item;
    event.action = action;
    event.value = value;
    event.time_ms = kNowMs;
    return event;
  }

  // Appends through the engine and waits for the outcome.
  std::vector<EventOutcome> append(std::vector<Event> events) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<std::vector<EventOutcome>>> answer;
    engine_->append_events(std::move(events), [&](Result<std::vector<EventOutcome>> outcomes) {
      const std::lock_guard lock(mutex);
      answer.emplace(std::move(outcomes));
      changed.notify_one();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return answer.has_value(); });
    return std::move(*answer).value();
  }

  // Users of two kinds: even ones like even items, odd ones odd items.
  void append_tastes(std::uint32_t users, std::uint32_t items) {
    Random random(3);
    std::vector<Event> events;
    for (std::uint32_t u = 0; u < users; ++u) {
      for (int n = 0; n < 12; ++n) {
        const std::uint32_t item = (random.below(items / 2) * 2 + u % 2) % items;
        events.push_back(make_event("user" + std::to_string(u), "item" + std::to_string(item), Action::like));
        events.back().event_id = std::to_string(u) + "-" + std::to_string(n);
      }
    }
    append(std::move(events));
    ASSERT_TRUE(engine_->catch_up().ok());
  }

  // A bundle trained on the same two tastes, put live.
  std::string train_and_promote(std::uint32_t items, std::shared_ptr<const RankerModel> ranker = nullptr) {
    Interactions data;
    data.items = items;
    Random random(5);
    for (std::uint32_t u = 0; u < 200; ++u) {
      std::set<std::uint32_t> liked;
      for (int n = 0; n < 10; ++n) liked.insert((random.below(items / 2) * 2 + u % 2) % items);
      for (const std::uint32_t item : liked) {
        data.item.push_back(item);
        data.weight.push_back(1);
        data.time_ms.push_back(kNowMs);
      }
      data.offsets.push_back(data.item.size());
      ++data.users;
    }
    AlsOptions als;
    als.dims = 16;
    std::vector<std::string> ids;
    for (std::uint32_t i = 0; i < items; ++i) ids.push_back("item" + std::to_string(i));
    ModelBundle bundle{.version = "",
                       .created_ms = clock_.now_ms(),
                       .trained_to = 0,
                       .item_ids = ids,
                       .models = {.als = train_als(data, als).value(),
                                  .item_to_item = train_item_to_item(data, {}).value(),
                                  .popularity = train_popularity(data, {}).value()},
                       .blend = {},
                       .ranker = std::move(ranker),
                       .metrics = {},
                       .statistics = {}};
    const std::string version = registry_->put(std::move(bundle)).value();
    EXPECT_TRUE(registry_->promote(version).ok());
    return version;
  }

  // Until the running engine serves it.
  void await_version(const std::string& version) {
    const double give_up_s = steady_seconds() + 20;
    while (engine_->status().model_version != version && steady_seconds() < give_up_s)
      std::this_thread::yield();
    EXPECT_EQ(engine_->status().model_version, version);
  }

  Response recommend(const std::string& user, std::size_t count = 10, const std::string& cursor = "") {
    Query query;
    query.user_id = user;
    query.count = count;
    query.cursor = cursor;
    query.now_ms = clock_.now_ms();
    RequestTrace trace;
    return engine_->recommend(query, trace).value();
  }

  static std::set<std::string> ids_of(const std::vector<SlateItem>& items) {
    std::set<std::string> ids;
    for (const SlateItem& item : items) ids.insert(item.item_id);
    return ids;
  }

  TestFolder owned_;
  const std::filesystem::path folder_ = owned_.path();
  ManualClock clock_{kNowMs};
  EngineOptions options_;
  ImpressionLogOptions impression_options_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<EmbeddedEventLog> log_;
  std::unique_ptr<EmbeddedCatalog> catalog_;
  std::unique_ptr<EmbeddedDeadLetters> dead_letters_;
  std::unique_ptr<EmbeddedFeatureStore> features_;
  std::unique_ptr<EmbeddedImpressionLog> impressions_;
  std::optional<ModelRegistry> registry_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace winnow
