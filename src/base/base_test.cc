// The small types of base: Result, Random, hashes, Published, files, processors.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <thread>

#include "base/file.h"
#include "base/hash.h"
#include "base/processors.h"
#include "base/published.h"
#include "base/random.h"
#include "base/result.h"
#include "base/testing_folder.h"

namespace winnow {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return Error{ErrorCode::invalid, "odd", "value"};
  return value / 2;
}

Result<int> quarter(int value) {
  WINNOW_TRY(const int once, half(value));
  WINNOW_TRY(const int twice, half(once));
  return twice;
}

TEST(Result, TryReturnsTheFirstError) {
  EXPECT_EQ(*quarter(8), 2);
  ASSERT_FALSE(quarter(6).ok());
  EXPECT_EQ(quarter(6).error().field, "value");
  EXPECT_EQ(quarter(3).value_or(-1), -1);
}

TEST(Result, AnErrorSaysWhatWasBeingDone) {
  const Error error = while_doing("reading x", {ErrorCode::corrupt, "bad byte"});
  EXPECT_EQ(error.message, "reading x: bad byte");
  EXPECT_EQ(error.code, ErrorCode::corrupt);
}

TEST(Processors, AQuotaOfTimeIsRoundedUp) {
  EXPECT_EQ(processors_of_quota("200000 100000"), 2u);
  EXPECT_EQ(processors_of_quota("250000 100000\n"), 3u);
  EXPECT_EQ(processors_of_quota("1000 100000"), 1u);
  for (const char* none : {"max 100000", "", "200000", "0 100000", "1 0", "a b"}) {
    EXPECT_EQ(processors_of_quota(none), 0u) << none;
  }
  EXPECT_GE(available_processors(), 1u);
  EXPECT_LE(available_processors(), std::max(1u, std::thread::hardware_concurrency()));
}

TEST(Random, TheSameSeedGivesTheSameNumbers) {
  Random one(42);
  Random other(42);
  Random third(43);
  EXPECT_EQ(one.next(), other.next());
  EXPECT_NE(one.next(), third.next());
}

TEST(Random, NumbersBelowABoundAreSpreadEvenly) {
  Random random(8);
  std::vector<int> counts(10);
  for (int i = 0; i < 100'000; ++i) ++counts[random.below(10)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Random, NormalsHaveMeanZeroAndVarianceOne) {
  Random random(6);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 100'000, 0, 0.02);
  EXPECT_NEAR(squares / 100'000, 1, 0.02);
}

TEST(Random, ShufflingKeepsEveryElement) {
  Random random(2);
  std::vector<int> values = {1, 2, 3, 4, 5, 6, 7, 8};
  random.shuffle(values);
  EXPECT_EQ(std::set<int>(values.begin(), values.end()).size(), 8u);
}

TEST(Hash128, BytesSortLikeTheNumber) {
  const Hash128 small{5, 1};
  const Hash128 large{1, 2};
  EXPECT_LT(small.bytes(), large.bytes());
  EXPECT_NE(hash128("a"), hash128("b"));
}

TEST(Published, AReaderKeepsThePinnedValueWhileAWriterReplacesIt) {
  Published<int> published(std::make_shared<const int>(0));
  const auto pinned = published.pin();
  std::thread writer([&] {
    for (int i = 1; i <= 1000; ++i) published.publish(std::make_shared<const int>(i));
  });
  int last = 0;
  for (int i = 0; i < 1000; ++i) {
    const int seen = *published.pin();
    EXPECT_GE(seen, last);
    last = seen;
  }
  writer.join();
  EXPECT_EQ(*pinned, 0);
  EXPECT_EQ(*published.pin(), 1000);
}

class FileTest : public testing::Test {
 protected:
  TestFolder owned_;
  const std::filesystem::path folder_ = owned_.path();
};

TEST_F(FileTest, AnAtomicWriteReplacesTheWholeFileAndLeavesNothingElse) {
  const auto path = folder_ / "x";
  ASSERT_TRUE(write_file_atomically(path, "one").ok());
  ASSERT_TRUE(write_file_atomically(path, "two").ok());
  EXPECT_EQ(*read_file(path), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(FileTest, AMissingFileIsNotFoundAndAFolderIsNoFile) {
  const auto missing = read_file(folder_ / "nothing");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_NE(missing.error().message.find("nothing"), std::string::npos);
  EXPECT_EQ(read_file(folder_).error().code, ErrorCode::invalid);
}

TEST_F(FileTest, AFullDiskIsCalledExhausted) {
  EXPECT_EQ(file_error(ENOSPC, "cannot write", "x").code, ErrorCode::exhausted);
  EXPECT_EQ(file_error(EACCES, "cannot write", "x").code, ErrorCode::forbidden);
}

}  // namespace
}  // namespace winnow
