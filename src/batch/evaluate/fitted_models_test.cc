#include "batch/evaluate/fitted_models.h"

#include <gmock/gmock.h>

#include "models/popularity/popularity.h"

namespace winnow {
namespace {

using testing::ElementsAre;

// A sequence's parts learn from the same, so one training serves both, unless the model may learn more for
// the test part.
TEST(FittedModels, OfSequencesAreTrainedTwiceOnlyWhereTheyRefit) {
  EvaluationData data;
  data.protocol = Protocol::sequence;
  data.users = data.items = 1;
  data.test.train = interactions_of({{0, 0}}, 1, 1);
  data.validation.train = data.test.train;
  const TrainingInput test{.data = data, .split = data.test, .for_test = true};
  const TrainingInput validation{.data = data, .split = data.validation};
  for (const bool refits : {false, true}) {
    std::vector<bool> trained_for_test;
    ModelRow row;
    row.name = "counted";
    row.refits = refits;
    row.defaults = [](const ModelOptions&) { return Parameters(); };
    row.train = [&](const TrainingInput& in, const Parameters&) -> Result<TrainedModel> {
      trained_for_test.push_back(in.for_test);
      WINNOW_TRY(auto model, train_popularity(in.split.train, {}));
      return TrainedModel{std::make_unique<decltype(model)>(std::move(model)), {}, ""};
    };
    const StartingPoint start;
    FittedModels models(test, validation, start);
    const auto on_validation = models.on_validation(row);
    const auto on_test = models.on_test(row);
    ASSERT_TRUE(on_validation.ok() && on_test.ok());
    EXPECT_EQ(*on_validation == *on_test, !refits);
    if (refits) {
      EXPECT_THAT(trained_for_test, ElementsAre(false, true));
    } else {
      EXPECT_THAT(trained_for_test, ElementsAre(false));
    }
  }
}

}  // namespace
}  // namespace winnow
