// From answers to a ranker: requests log what they serve, visitors react, and a training learns from that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "batch/job.h"
#include "batch/testing_ports.h"
#include "features/memory_feature_store.h"
#include "integration/testing_engine.h"
#include "models/gbdt/xgboost_library.h"

namespace winnow {
namespace {

class LearnFromShownTest : public EngineTest {
 protected:
  LearnFromShownTest() {
    options_.deadline_ms = options_.pipeline.retrieve.source_deadline_ms = 60'000;
    train_.ranker.network = false;
    train_.ranker.tree.rounds = 20;
    train_.ranker.least_groups = 20;
    train_.shown.least = 100;
    train_.shown.set.window_days = 0;
  }

  Result<JobReport> train() {
    MemoryFeatureStore states;
    return run_training({.log = *log_,
                         .catalog = *catalog_,
                         .feedback = options_.feedback,
                         .registry = *registry_,
                         .clock = clock_,
                         .work_folder = folder_ / "work",
                         .impressions = impressions_.get(),
                         .states = &states},
                        train_);
  }

  // Visitors of four tastes look at answers, and click what is of their taste.
  void look_at_answers(std::uint32_t answers) {
    Random random(9);
    for (std::uint32_t a = 0; a < answers; ++a) {
      clock_.advance(kMinuteMs);
      const std::uint32_t user = random.below(120);
      const Response response = recommend("user-" + std::to_string(user));
      std::vector<Event> events;
      for (const SlateItem& item : response.items) {
        Event event = make_event("user-" + std::to_string(user), item.item_id, Action::impression);
        event.time_ms = clock_.now_ms();
        event.recommendation_id = response.recommendation_id;
        events.push_back(event);
        const int number = std::stoi(item.item_id.substr(item.item_id.find('-') + 1));
        const bool liked = static_cast<std::uint32_t>(number / 20) == user % 4;
        if (random.below(10) >= (liked ? 4u : 1u)) continue;
        event.action = Action::click;
        event.time_ms += 5 * kSecondMs;
        events.push_back(event);
      }
      append(std::move(events));
    }
    ASSERT_TRUE(impressions_->flush().ok());
    ASSERT_TRUE(engine_->catch_up().ok());
  }

  TrainOptions train_;
};

TEST_F(LearnFromShownTest, ATrainingLearnsFromWhatAnswersShowedOnceThereIsEnough) {
  if (!XgboostLibrary::open().ok()) GTEST_SKIP() << "XGBoost's library is not installed";
  ASSERT_TRUE(log_->append(tasteful_events({.start_ms = kNowMs - 30 * kDayMs})).ok());
  ASSERT_TRUE(engine_->catch_up().ok());
  train_.rank = true;
  const auto first = train();
  ASSERT_TRUE(first.ok()) << first.error().message;
  ASSERT_TRUE(first->promoted) << first->refusal;
  ASSERT_TRUE(first->ranker.has_value()) << first->ranker_note;
  EXPECT_EQ(first->ranker->examples, "history");
  EXPECT_EQ(first->ranker->answers, 0u);

  reopen();
  look_at_answers(400);
  const auto second = train();
  ASSERT_TRUE(second.ok()) << second.error().message;
  ASSERT_TRUE(second->ranker.has_value()) << second->ranker_note;
  EXPECT_EQ(second->ranker->examples, "shown");
  EXPECT_EQ(second->ranker->answers, 400u);
  EXPECT_GT(second->ranker->answers_with_outcome, 100u);
  EXPECT_NE(second->ranker->judgement.find("all", "click", "full"), nullptr);
  EXPECT_EQ(second->ranker->judgement.find("all", "watch", "full"), nullptr) << "a day is not over";
  EXPECT_GT(second->ranker->judgement.ndcg("blend"), 0);

  train_.shown.least = 500;
  const auto third = train();
  ASSERT_TRUE(third.ok()) << third.error().message;
  ASSERT_TRUE(third->ranker.has_value()) << third->ranker_note;
  EXPECT_EQ(third->ranker->examples, "history");

  train_.rank = false;
  const auto fourth = train();
  ASSERT_TRUE(fourth.ok()) << fourth.error().message;
  EXPECT_THAT(fourth->ranker_note, testing::HasSubstr("the live version's ranker stays"));
  const auto bundle = registry_->load(fourth->version);
  ASSERT_TRUE(bundle.ok()) << bundle.error().message;
  EXPECT_NE((*bundle)->ranker, nullptr);
}

}  // namespace
}  // namespace winnow
