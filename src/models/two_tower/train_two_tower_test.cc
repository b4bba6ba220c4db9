// The trainer stands in as a shell script: what is tested is how winnow runs it and reads what it leaves.
#include "models/two_tower/train_two_tower.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/testing_folder.h"
#include "models/two_tower/testing_two_tower.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TrainerProcessTest : public testing::Test {
 protected:
  TrainerProcessTest() {
    sequences_.items = 5;
    sequences_.add_user(std::vector<TowerAction>{{1, 0, 1}, {2, 0, 2}}, 0);
  }

  // $input and $output are the paths that the flags name.
  std::filesystem::path script(std::string_view body) const {
    const auto path = folder_.write(
        "trainer",
        "#!/bin/sh\nwhile [ $# -gt 0 ]; do\n  case $1 in --input) input=$2;; --output) output=$2;; esac\n  "
        "shift\ndone\n" +
            std::string(body) + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  TestFolder folder_;
  TrainingSequences sequences_;
};

TEST_F(TrainerProcessTest, ReadsTheModelAndHandsProgressOn) {
  const TwoTowerModel model(
      random_two_tower({.items = 5, .dims = 32, .layers = 1, .heads = 1, .inner = 32, .length = 4}, 1));
  const auto made = folder_.write("made", model.encode());
  const auto given = folder_.path() / "given";
  std::vector<double> shares;
  std::vector<std::string> words;
  const auto trained =
      train_two_tower(sequences_, {},
                      script("echo progress 0.25 epoch 1, loss 2\necho something else\necho progress 1\ncp " +
                             made.string() + " $output\ncp $input " + given.string()),
                      [&](double share, std::string_view said) {
                        shares.push_back(share);
                        words.emplace_back(said);
                        return true;
                      });
  ASSERT_TRUE(trained.ok()) << trained.error().message;
  EXPECT_EQ(trained->encode(), model.encode());
  EXPECT_EQ(*read_file(given), sequences_.encode());
  EXPECT_THAT(shares, ElementsAre(0.25, 1));
  EXPECT_THAT(words, ElementsAre("epoch 1, loss 2", IsEmpty()));
}

TEST_F(TrainerProcessTest, WhatIsLearnedFromLiesInNoFolderWhileTheTrainerRuns) {
  const auto given = folder_.path() / "given";
  const auto trained = train_two_tower(
      sequences_, {},
      script(
          "n=0\nwhile [ -e $(dirname $output)/input ]; do\n  n=$((n+1)); [ $n -lt 500 ] || exit 1\n  sleep "
          "0.01\ndone\ncp $input " +
          given.string() + "\necho nonsense > $output"));
  ASSERT_TRUE(std::filesystem::exists(given)) << "it stayed in the folder: " << trained.error().message;
  EXPECT_EQ(*read_file(given), sequences_.encode());
}

TEST_F(TrainerProcessTest, AnErrorSaysWhatTheTrainerSaid) {
  const auto trained = train_two_tower(sequences_, {}, script("echo 'error: no luck today' >&2\nexit 1"));
  ASSERT_FALSE(trained.ok());
  EXPECT_EQ(trained.error().code, ErrorCode::unavailable);
  EXPECT_THAT(trained.error().message, HasSubstr("no luck today"));
}

TEST_F(TrainerProcessTest, AnErrorSaysThatTheTrainerWasKilled) {
  const auto trained = train_two_tower(sequences_, {}, script("kill -9 $$"));
  ASSERT_FALSE(trained.ok());
  EXPECT_THAT(trained.error().message, HasSubstr("signal 9"));
}

TEST_F(TrainerProcessTest, ProgressCanEndTheTraining) {
  const auto trained = train_two_tower(sequences_, {}, script("echo progress 0.1 slowly\nexec sleep 600"),
                                       [](double, std::string_view) { return false; });
  ASSERT_FALSE(trained.ok());
  EXPECT_EQ(trained.error().code, ErrorCode::unavailable);
}

TEST_F(TrainerProcessTest, AMissingOrDamagedModelIsAnError) {
  EXPECT_FALSE(train_two_tower(sequences_, {}, script("true")).ok());
  const auto damaged = train_two_tower(sequences_, {}, script("echo nonsense > $output"));
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().code, ErrorCode::corrupt);
}

TEST_F(TrainerProcessTest, AGivenTrainerMustBeAProgram) {
  EXPECT_EQ(find_trainer(folder_.path() / "none").error().code, ErrorCode::not_found);
  EXPECT_EQ(find_trainer(script("true")).value(), folder_.path() / "trainer");
}

}  // namespace
}  // namespace winnow
