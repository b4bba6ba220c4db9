#include "batch/job.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "base/file.h"
#include "base/testing_folder.h"
#include "batch/testing_ports.h"
#include "batch/validate/live_version.h"
#include "math/vector_kernels.h"

namespace winnow {
namespace {

namespace fs = std::filesystem;

// Small models: the tests are about the job.
TrainOptions small_options() {
  TrainOptions options;
  options.models.als.dims = 16;
  options.models.als.epochs = 4;
  options.models.item_to_item.neighbours = 20;
  options.popularity_half_lives = {0, 30};
  return options;
}

// A site in a folder of its own.
class Workshop final {
 public:
  explicit Workshop(std::vector<Event> events = tasteful_events({})) {
    WINNOW_CHECK(log_.append(std::move(events)).ok());
  }

  Result<JobReport> train(const TrainOptions& options = small_options(), const JobProgress& progress = {}) {
    ModelRegistry models = registry();
    return run_training({log_, catalog_, feedback_, models, clock_, folder_.path() / "work"}, options,
                        progress);
  }
  ModelRegistry registry() const {
    auto opened = ModelRegistry::open(folder_.path() / "models");
    WINNOW_CHECK(opened.ok());
    return std::move(opened).value();
  }
  std::string live() const { return registry().live()->value_or(""); }
  // The bytes of the version's models and vocabulary: everything but the manifest, which has times in it.
  std::map<std::string, std::string> model_bytes(const std::string& version) const {
    std::map<std::string, std::string> bytes;
    for (const auto& entry : fs::directory_iterator(folder_.path() / "models" / version)) {
      if (entry.path().extension() == ".bin") bytes[entry.path().filename()] = *read_file(entry.path());
    }
    return bytes;
  }
  void damage(const std::string& version) const {
    fs::resize_file(folder_.path() / "models" / version / "items.bin", 5);
  }
  std::size_t kept_outputs() const {
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / "work")) {
      files += entry.is_regular_file() && entry.path().filename() != "lock";
    }
    return files;
  }
  TestingEventLog& log() { return log_; }
  ManualClock& clock() { return clock_; }

 private:
  TestFolder folder_;
  TestingEventLog log_;
  TestingCatalog catalog_;
  FeedbackPolicy feedback_;
  ManualClock clock_{1'750'000'000'000};
};

TEST(TrainingJob, MakesAModelThatBeatsPopularityLive) {
  Workshop workshop;
  const auto report = workshop.train();
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_TRUE(report->promoted) << report->refusal;
  EXPECT_EQ(workshop.live(), report->version);
  EXPECT_EQ(report->extract.events, 1920u);
  EXPECT_EQ(report->data.users, 120u);
  EXPECT_EQ(report->data.items, 80u);
  EXPECT_EQ(report->gates.size(), 5u);
  const auto ndcg = [&](const char* model) { return report->judgement.models.at(model).at("ndcg@10").value; };
  EXPECT_GT(ndcg("blend"), 1.5 * ndcg("popular"));
  EXPECT_EQ(workshop.kept_outputs(), 0u);

  const auto bundle = workshop.registry().load(report->version);
  ASSERT_TRUE(bundle.ok());
  EXPECT_EQ((*bundle)->trained_to, 1920u);
  EXPECT_EQ((*bundle)->item_ids.size(), 80u);
  EXPECT_EQ((*bundle)->created_ms, 1'750'000'000'000);
  EXPECT_DOUBLE_EQ((*bundle)->metrics.at("blend.ndcg@10"), ndcg("blend"));
  EXPECT_EQ((*bundle)->statistics.at("newest_event_ms"), static_cast<double>(report->extract.newest_ms));
}

TEST(TrainingJob, GivesTheSameBytesForTheSameSeed) {
  Workshop a, b, c;
  TrainOptions other = small_options();
  other.seed = 99;
  const auto first = a.train(), second = b.train(), third = c.train(other);
  EXPECT_EQ(a.model_bytes(first->version), b.model_bytes(second->version));
  EXPECT_NE(a.model_bytes(first->version), c.model_bytes(third->version));
}

// The steps in order, from a run that nothing stops.
std::vector<std::pair<std::string, std::size_t>> announcements() {
  std::vector<std::pair<std::string, std::size_t>> all;
  WINNOW_CHECK(Workshop()
                   .train(small_options(),
                          [&](std::string_view step, std::size_t done, std::size_t) {
                            all.emplace_back(step, done);
                            return true;
                          })
                   .ok());
  return all;
}

TEST(TrainingJob, GoesOnWhereItWasStoppedAndEndsInTheSameBytes) {
  Workshop undisturbed;
  const auto expected = undisturbed.train();
  ASSERT_TRUE(expected.ok());
  const auto all = announcements();
  std::set<std::string> resumed_steps;
  for (std::size_t stop = 0; stop < all.size(); ++stop) {
    Workshop workshop;
    std::size_t seen = 0;
    const auto stopped = workshop.train(
        small_options(), [&](std::string_view, std::size_t, std::size_t) { return seen++ != stop; });
    ASSERT_FALSE(stopped.ok()) << "at " << all[stop].first << " " << all[stop].second;
    EXPECT_EQ(stopped.error().code, ErrorCode::unavailable);
    EXPECT_EQ(workshop.live(), "") << "a stopped job changes nothing that serves";
    workshop.clock().advance(kHourMs);
    const auto report = workshop.train();
    ASSERT_TRUE(report.ok()) << report.error().message;
    for (const StepTime& step : report->steps) {
      if (step.resumed) resumed_steps.insert(step.step);
    }
    EXPECT_EQ(workshop.model_bytes(report->version), undisturbed.model_bytes(expected->version));
    EXPECT_EQ(report->judgement.encode(), expected->judgement.encode());
    EXPECT_EQ(workshop.live(), report->version);
    EXPECT_EQ(workshop.kept_outputs(), 0u);
  }
  EXPECT_EQ(resumed_steps, (std::set<std::string>{"start", "prepare", "train", "evaluate", "retrain"}));
}

// Trains in a process of its own that ends itself with SIGKILL at the given announcement. True when it was
// killed.
bool killed_at(Workshop& workshop, std::size_t announcement) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::size_t seen = 0;
    const auto report = workshop.train(small_options(), [&](std::string_view, std::size_t, std::size_t) {
      if (seen++ == announcement) ::raise(SIGKILL);
      return true;
    });
    ::_exit(report.ok() ? 0 : 1);
  }
  int status = 0;
  WINNOW_CHECK(::waitpid(child, &status, 0) == child);
  WINNOW_CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status);
}

TEST(TrainingJob, SurvivesBeingKilledAgainAndAgain) {
  Workshop undisturbed;
  const auto expected = undisturbed.train();
  Workshop workshop;
  // Each run gets one announcement further into what the last ones left to do, until one comes through.
  std::size_t runs = 0;
  while (killed_at(workshop, runs)) {
    EXPECT_EQ(workshop.live(), "");
    ++runs;
  }
  EXPECT_GE(runs, 5u);
  EXPECT_EQ(workshop.registry().versions()->size(), 1u);
  EXPECT_EQ(workshop.model_bytes(workshop.live()), undisturbed.model_bytes(expected->version));
  EXPECT_EQ(workshop.kept_outputs(), 0u);
}

TEST(TrainingJob, StartsAfreshWhenTheLogOrTheOptionsChange) {
  Workshop workshop;
  const auto stop_after_train = [](std::string_view step, std::size_t, std::size_t) {
    return step != "evaluate";
  };
  ASSERT_FALSE(workshop.train(small_options(), stop_after_train).ok());
  TrainOptions other = small_options();
  other.clean.daily_cap = 7;
  ASSERT_FALSE(workshop.train(other, stop_after_train).ok());
  // An erased user must not live on in the outputs of a stopped job.
  EXPECT_GT(*workshop.log().erase_subject("user-3"), 0u);
  const auto report = workshop.train(other);
  ASSERT_TRUE(report.ok());
  for (const StepTime& step : report->steps) EXPECT_FALSE(step.resumed) << step.step;
  EXPECT_EQ(report->data.users, 119u);
}

TEST(TrainingJob, TakesNoStepOverFromOtherOptionsOfItsModels) {
  const auto resumed_after = [](auto change) {
    Workshop workshop;
    const auto stop = [](std::string_view step, std::size_t, std::size_t) { return step != "train"; };
    WINNOW_CHECK(!workshop.train(small_options(), stop).ok());
    TrainOptions options = small_options();
    change(options);
    const auto report = workshop.train(options);
    return report.ok() && report->steps.front().resumed;
  };
  EXPECT_TRUE(resumed_after([](TrainOptions&) {}));
  EXPECT_FALSE(resumed_after([](TrainOptions& o) { o.models.als.regularization *= 2; }));
  EXPECT_FALSE(resumed_after([](TrainOptions& o) { o.models.als.epochs += 1; }));
  EXPECT_FALSE(resumed_after([](TrainOptions& o) { o.models.item_to_item.shrinkage += 1; }));
  EXPECT_FALSE(resumed_after([](TrainOptions& o) { o.extract.window_days = 30; }));
  EXPECT_FALSE(resumed_after([](TrainOptions& o) { o.seed = 2; }));
}

TEST(TrainingJob, RefreshingMovesTheLiveVersionOnToNewEventsAndItems) {
  Workshop workshop;
  TrainOptions options = small_options();
  options.models.extra = {"spectral", "graph"};
  options.models.spectral.dims = 16;
  options.models.graph.dims = 16;
  options.models.graph.epochs = 2;
  const auto trained = workshop.train(options);
  ASSERT_TRUE(trained.ok()) << trained.error().message;
  ASSERT_TRUE(trained->promoted) << trained->refusal;

  // Everybody of the first taste takes to an item that is new.
  std::vector<Event> events;
  const TasteOptions tastes;
  for (std::uint32_t user = 0; user < tastes.users; user += tastes.tastes) {
    events.push_back(click("user-" + std::to_string(user), "novelty",
                           trained->extract.newest_ms + kHourMs + user * kMinuteMs));
  }
  ASSERT_TRUE(workshop.log().append(std::move(events)).ok());
  workshop.clock().advance(kHourMs);
  options.refresh = true;
  const auto refreshed = workshop.train(options);
  ASSERT_TRUE(refreshed.ok()) << refreshed.error().message;
  EXPECT_TRUE(refreshed->promoted) << refreshed->refusal;
  EXPECT_TRUE(refreshed->refreshed);
  EXPECT_EQ(refreshed->previous_live, trained->version);
  EXPECT_EQ(workshop.live(), refreshed->version);

  const auto bundle = *workshop.registry().load(refreshed->version);
  const auto before = *workshop.registry().load(trained->version);
  EXPECT_EQ(bundle->blend, before->blend);
  EXPECT_EQ(bundle->metrics, before->metrics);
  EXPECT_EQ(bundle->statistics.at(kRefreshedStatistic), 1);
  const auto row_of = [&](std::string_view id) {
    return static_cast<std::uint32_t>(std::ranges::find(bundle->item_ids, id) - bundle->item_ids.begin());
  };
  ASSERT_LT(row_of("novelty"), bundle->item_ids.size());
  ASSERT_TRUE(bundle->models.spectral && bundle->models.graph);

  // ALS has learned whose item it is.
  const HistoryEntry first_taste{row_of("item-0"), 1, 0};
  const HistoryEntry second_taste{row_of("item-" + std::to_string(tastes.items / tastes.tastes)), 1, 0};
  const auto score = [&](const HistoryEntry& entry) {
    const std::vector<float> user = bundle->models.als.fold_in(std::span(&entry, 1));
    return dot(user, bundle->models.als.item_vector(row_of("novelty")));
  };
  EXPECT_GT(score(first_taste), 3 * std::abs(score(second_taste)));
}

TEST(TrainingJob, ThereMustBeALiveVersionToRefresh) {
  Workshop workshop;
  TrainOptions options = small_options();
  options.refresh = true;
  const auto report = workshop.train(options);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::conflict);
  EXPECT_NE(report.error().message.find("without --refresh"), std::string::npos);
}

TEST(TrainingJob, RefusesAModelThatIsWorseThanTheLiveOneAndSaysWhy) {
  Workshop workshop;
  ASSERT_TRUE(workshop.train()->promoted);
  const std::string good = workshop.live();

  // The same data again, learned badly: hardly any dimensions and no neighbours worth the name.
  TrainOptions bad = small_options();
  bad.models.als.epochs = 1;
  bad.models.als.regularization = 1000;
  bad.models.item_to_item.neighbours = 1;
  bad.models.item_to_item.shrinkage = 1e6;
  workshop.clock().advance(kHourMs);
  const auto report = workshop.train(bad);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_FALSE(report->promoted);
  EXPECT_NE(report->refusal.find("gate \"live\""), std::string::npos) << report->refusal;
  EXPECT_EQ(report->previous_live, good);
  EXPECT_EQ(workshop.live(), good);
  const auto versions = workshop.registry().versions();
  ASSERT_EQ(versions->size(), 2u);
  EXPECT_EQ(versions->front().stage, "rejected");
  EXPECT_EQ(versions->front().note, report->refusal);
}

TEST(TrainingJob, IsComparedWithTheLiveVersionOnWhatHappenedSince) {
  Workshop workshop;
  ASSERT_TRUE(workshop.train()->promoted);
  ASSERT_TRUE(
      workshop.log()
          .append(tasteful_events({.per_user = 4, .start_ms = 1'700'000'000'000 + 16 * kDayMs, .seed = 2}))
          .ok());
  workshop.clock().advance(kHourMs);
  const auto report = workshop.train();
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->promoted) << report->refusal;
  EXPECT_GE(report->judgement.with_live.users, 30u);
  EXPECT_GT(report->judgement.with_live.theirs, 0.0);
  EXPECT_NE(report->judgement.live_words.find("after version"), std::string::npos);
  EXPECT_EQ(report->gates.back().name, "live");
}

TEST(TrainingJob, TrainsPastADamagedLiveVersion) {
  Workshop workshop;
  const auto first = workshop.train();
  workshop.clock().advance(kHourMs);
  workshop.damage(first->version);
  const auto second = workshop.train();
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_TRUE(second->promoted);
  EXPECT_EQ(second->judgement.with_live.users, 0u);
}

TEST(TrainingJob, KeepsAsManyVersionsAsItIsTold) {
  Workshop workshop;
  TrainOptions options = small_options();
  options.rollout.keep_versions = 2;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    options.seed = seed;
    workshop.clock().advance(kHourMs);
    ASSERT_TRUE(workshop.train(options)->promoted);
  }
  EXPECT_EQ(workshop.registry().versions()->size(), 2u);
}

TEST(TrainingJob, SaysWhatIsMissingWhenThereIsNothingToLearn) {
  Workshop empty{std::vector<Event>()};
  const auto nothing = empty.train();
  ASSERT_FALSE(nothing.ok());
  EXPECT_EQ(nothing.error().code, ErrorCode::conflict);
  EXPECT_NE(nothing.error().message.find("feedback.positive"), std::string::npos);

  Workshop tiny({click("a", "x", 1000), click("a", "y", 2000), click("b", "x", 3000), click("b", "z", 4000)});
  const auto refused = tiny.train();
  ASSERT_TRUE(refused.ok()) << refused.error().message;
  EXPECT_FALSE(refused->promoted);
  EXPECT_NE(refused->refusal.find("gate \"data\""), std::string::npos) << refused->refusal;
}

TEST(TrainingJob, RefusesOptionsOutOfRange) {
  const auto field_of = [](auto change) {
    TrainOptions options;
    change(options);
    const Status status = check(options);
    return status.ok() ? std::string("none") : status.error().field;
  };
  EXPECT_EQ(field_of([](TrainOptions&) {}), "none");
  EXPECT_EQ(field_of([](TrainOptions& o) { o.extract.window_days = -1; }), "train.window_days");
  EXPECT_EQ(field_of([](TrainOptions& o) { o.clean.decay_per_day = -0.1; }), "train.decay_per_day");
  EXPECT_EQ(field_of([](TrainOptions& o) { o.parts.test_share = 0.9; }), "train.test_share");
  EXPECT_EQ(field_of([](TrainOptions& o) { o.popularity_half_lives = {}; }), "train.popularity_half_lives");
}

TEST(TrainingJob, ReportsItselfAsJson) {
  Workshop workshop;
  const auto report = workshop.train();
  const std::string json = report_json(*report);
  for (const char* part : {"\"version\":\"", "\"promoted\":true", "\"over_cap\":", "\"ndcg@10\":{\"value\":",
                           "\"gates\":[{\"name\":\"finite\"", "\"step\":\"retrain\"", "\"cut\":\"by_"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(json.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace winnow
