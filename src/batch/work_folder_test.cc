#include "batch/work_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/testing_folder.h"
#include "batch/testing_ports.h"

namespace winnow {
namespace {

TEST(WorkFolder, KeepsOutputsForTheNextRunOfTheSameJob) {
  const TestFolder folder;
  {
    const auto work = WorkFolder::open(folder.path(), hash128("job"));
    ASSERT_TRUE(work.ok());
    EXPECT_FALSE(work->load("train").has_value());
    ASSERT_TRUE(work->save("train", "bytes").ok());
  }
  const auto work = WorkFolder::open(folder.path(), hash128("job"));
  EXPECT_EQ(work->load("train"), "bytes");
  ASSERT_TRUE(work->clear().ok());
  EXPECT_FALSE(work->load("train").has_value());
}

TEST(WorkFolder, TakesNothingFromAnotherJob) {
  const TestFolder folder;
  ASSERT_TRUE(WorkFolder::open(folder.path(), hash128("job"))->save("train", "bytes").ok());
  EXPECT_FALSE(WorkFolder::open(folder.path(), hash128("other"))->load("train").has_value());
  EXPECT_FALSE(WorkFolder::open(folder.path(), hash128("job"))->load("train").has_value())
      << "leftovers are removed";
}

TEST(WorkFolder, DoesNotBelieveDamagedOutputs) {
  const TestFolder folder;
  ASSERT_TRUE(WorkFolder::open(folder.path(), hash128("job"))->save("train", "some output").ok());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (entry.path().filename() != "train") continue;
    const std::string intact = *read_file(entry.path());
    for (std::size_t at = 0; at < intact.size(); ++at) {
      std::string damaged = intact;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      std::ofstream(entry.path(), std::ios::binary) << damaged;
      EXPECT_FALSE(WorkFolder::open(folder.path(), hash128("job"))->load("train").has_value()) << at;
      std::ofstream(entry.path(), std::ios::binary) << intact.substr(0, at);
      EXPECT_FALSE(WorkFolder::open(folder.path(), hash128("job"))->load("train").has_value()) << at;
    }
  }
}

TEST(WorkFolder, LetsOneJobRunAtATime) {
  const TestFolder folder;
  const auto first = WorkFolder::open(folder.path(), hash128("job"));
  ASSERT_TRUE(first.ok());
  const auto second = WorkFolder::open(folder.path(), hash128("job"));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_NE(second.error().message.find("another training runs"), std::string::npos);
}

}  // namespace
}  // namespace winnow
