// What every FeatureStore must do. Harness:
//   FeatureStore& open();   // opens or re-opens the same store
//   FeatureStore& crash();  // the same, as after an end without notice: what was put since the last
//   checkpoint is gone
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "features/feature_store.h"

namespace winnow {

template <class Harness>
class FeatureStoreConformance : public ::testing::Test {
 protected:
  static std::shared_ptr<const UserState> state(std::uint64_t events) {
    UserState value;
    value.events = events;
    value.last_ms = static_cast<TimestampMs>(events);
    for (std::uint64_t i = 0; i < events % 20; ++i) {
      value.history.push_back(
          {ItemIndex{static_cast<std::uint32_t>(i)}, Action::click, Signal::positive, 3, 5, 0});
    }
    return std::make_shared<const UserState>(std::move(value));
  }
  using Model = std::map<std::string, std::uint64_t>;  // subject -> events
  static Model contents(const FeatureStore& store) {
    Model found;
    const Status status = store.for_each_user([&](std::string_view subject, const UserState& value) {
      EXPECT_TRUE(found.emplace(subject, value.events).second) << subject << " came twice";
      return Status();
    });
    EXPECT_TRUE(status.ok()) << status.error().message;
    return found;
  }
  Harness harness_;
};
TYPED_TEST_SUITE_P(FeatureStoreConformance);

TYPED_TEST_P(FeatureStoreConformance, KnowsNobodyAtFirst) {
  FeatureStore& store = this->harness_.open();
  EXPECT_EQ(store.user("u").value(), nullptr);
  EXPECT_EQ(store.user_count(), 0u);
  EXPECT_EQ(store.last_checkpoint()->position, 0u);
  EXPECT_FALSE(store.erase_user("u").value());
}

TYPED_TEST_P(FeatureStoreConformance, WhatIsPutIsReadableAtOnce) {
  FeatureStore& store = this->harness_.open();
  ASSERT_TRUE(store.put_users({{"a", this->state(1)}, {"b", this->state(2)}}).ok());
  ASSERT_TRUE(store.put_users({{"a", this->state(3)}, {"a", this->state(4)}}).ok());
  EXPECT_EQ((*store.user("a"))->events, 4u);
  EXPECT_EQ(**store.user("b"), *this->state(2));
  EXPECT_EQ(store.user_count(), 2u);
}

// Against two maps, what is put and what is checkpointed, over many random calls and ends without notice.
TYPED_TEST_P(FeatureStoreConformance, AfterACrashStandsExactlyTheLastCheckpoint) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    FeatureStore* store = &this->harness_.open();
    ASSERT_TRUE(store->clear().ok());
    std::map<std::string, std::uint64_t> put;
    std::map<std::string, std::uint64_t> saved;
    LogPosition position = 0;
    std::string aggregates;
    for (std::uint64_t step = 1; step < 150; ++step) {
      const auto subject = [&] { return "user-" + std::to_string(random.below(80)); };
      switch (random.below(12)) {
        case 0:
          position = step;
          aggregates = std::string(random.below(2000), static_cast<char>(random.next()));
          ASSERT_TRUE(store->checkpoint(position, aggregates).ok());
          saved = put;
          break;
        case 1:
          if (random.below(3) != 0) break;
          store = &this->harness_.crash();
          put = saved;
          ASSERT_EQ(store->last_checkpoint()->position, position);
          ASSERT_EQ(store->last_checkpoint()->aggregates, aggregates);
          break;
        case 2: {
          const std::string victim = subject();
          ASSERT_EQ(store->erase_user(victim).value(), put.erase(victim) == 1);
          saved.erase(victim);
          break;
        }
        default: {
          std::vector<UserUpdate> updates;
          for (std::uint32_t i = random.below(6); i > 0; --i) {
            updates.push_back({subject(), this->state(step * 10 + i)});
            put[updates.back().subject] = updates.back().state->events;
          }
          ASSERT_TRUE(store->put_users(std::move(updates)).ok());
        }
      }
      const std::string one = subject();
      const auto found = store->user(one);
      ASSERT_TRUE(found.ok());
      ASSERT_EQ(*found != nullptr, put.contains(one));
      if (*found) {
        ASSERT_EQ((*found)->events, put[one]);
      }
      ASSERT_EQ(store->user_count(), put.size());
    }
    EXPECT_EQ(this->contents(*store), put);
  }
}

TYPED_TEST_P(FeatureStoreConformance, ClearForgetsEverything) {
  FeatureStore& store = this->harness_.open();
  ASSERT_TRUE(store.put_users({{"a", this->state(1)}}).ok());
  ASSERT_TRUE(store.checkpoint(7, "x").ok());
  ASSERT_TRUE(store.put_users({{"b", this->state(1)}}).ok());
  ASSERT_TRUE(store.clear().ok());
  FeatureStore& again = this->harness_.open();
  EXPECT_EQ(again.user_count(), 0u);
  EXPECT_EQ(again.user("a").value(), nullptr);
  EXPECT_EQ(again.user("b").value(), nullptr);
  EXPECT_EQ(again.last_checkpoint()->position, 0u);
  EXPECT_TRUE(this->contents(again).empty());
}

// A user's events only grow here, so a reader must never see them fall, whatever is evicted and loaded
// meanwhile.
TYPED_TEST_P(FeatureStoreConformance, ReadersNeverSeeAnOlderStateThanBefore) {
  FeatureStore& store = this->harness_.open();
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&, r] {
      Random random(static_cast<std::uint64_t>(r));
      std::map<std::string, std::uint64_t> newest;
      while (!stop) {
        const std::string subject = "user-" + std::to_string(random.below(200));
        const auto found = store.user(subject);
        ASSERT_TRUE(found.ok());
        if (!*found) continue;
        ASSERT_GE((*found)->events, newest[subject]);
        newest[subject] = (*found)->events;
      }
    });
  }
  Random random(9);
  for (std::uint64_t step = 1; step < 400; ++step) {
    std::vector<UserUpdate> updates;
    for (int i = 0; i < 20; ++i)
      updates.push_back({"user-" + std::to_string(random.below(200)), this->state(step)});
    ASSERT_TRUE(store.put_users(std::move(updates)).ok());
    if (step % 5 == 0) {
      ASSERT_TRUE(store.checkpoint(step, "").ok());
    }
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

REGISTER_TYPED_TEST_SUITE_P(FeatureStoreConformance, KnowsNobodyAtFirst, WhatIsPutIsReadableAtOnce,
                            AfterACrashStandsExactlyTheLastCheckpoint, ClearForgetsEverything,
                            ReadersNeverSeeAnOlderStateThanBefore);

}  // namespace winnow
