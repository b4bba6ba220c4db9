#include "options.h"

#include <gmock/gmock.h>

#include <vector>

#include "mmoe_options.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<TrainerOptions> parse(std::vector<const char*> words) { return parse_options(words); }

TEST(TrainerOptions, AreReadFromTheCommandLine) {
  const auto options = parse({"--input", "a", "--output", "b", "--dims", "128", "--softmax", "sampled",
                              "--dropout", "0.25", "--progress"});
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ(options->input, "a");
  EXPECT_EQ(options->output, "b");
  EXPECT_EQ(options->dims, 128u);
  EXPECT_EQ(options->softmax, Softmax::sampled);
  EXPECT_EQ(options->dropout, 0.25);
  EXPECT_TRUE(options->progress);
}

TEST(TrainerOptions, ErrorsNameTheFlagAndTheRemedy) {
  const auto error = [](std::vector<const char*> words) {
    const auto options = parse(std::move(words));
    return options.ok() ? Error{} : options.error();
  };
  EXPECT_EQ(error({"--input", "a"}).field, "--output");
  EXPECT_EQ(error({"--nonsense"}).field, "--nonsense");
  EXPECT_THAT(error({"--dims", "1.5"}).message, HasSubstr("32 to 512"));
  EXPECT_THAT(error({"--dims", "many"}).message, HasSubstr("'many'"));
  EXPECT_THAT(error({"--dims"}).message, HasSubstr("--dims"));
  EXPECT_THAT(error({"--device", "tpu"}).message, HasSubstr("auto, cpu, cuda"));
  EXPECT_EQ(error({"--input", "a", "--output", "b", "--resume"}).field, "--checkpoint");
}

TEST(TrainerOptions, HelpNamesEveryFlag) {
  for (const char* flag : {"--input", "--checkpoint", "--workers", "--hard-negatives", "--measure"}) {
    EXPECT_THAT(trainer_help(), HasSubstr(flag));
  }
}

TEST(MmoeTrainerOptions, AreReadFromTheCommandLine) {
  const auto parse_mmoe = [](std::vector<const char*> words) { return parse_mmoe_options(words); };
  const auto options = parse_mmoe({"--input", "a", "--output", "b", "--experts", "6", "--head-weights",
                                   "1,0.5", "--no-refit", "--listwise-share", "0.3"});
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ(options->experts, 6u);
  EXPECT_THAT(options->head_weights, ElementsAre(1, 0.5));
  EXPECT_FALSE(options->refit);
  EXPECT_EQ(options->listwise_share, 0.3);
  EXPECT_THAT(parse_mmoe({"--head-weights", "1,x"}).error().message, HasSubstr("by commas"));
  EXPECT_EQ(parse_mmoe({"--input", "a"}).error().field, "--output");
  EXPECT_EQ(parse_mmoe({"--dims", "64"}).error().field, "--dims");
  EXPECT_THAT(mmoe_help(), HasSubstr("--listwise-share"));
}

}  // namespace
}  // namespace winnow
