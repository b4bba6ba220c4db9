#include "winnow/cli/output_file.h"

#include <gmock/gmock.h>

#include "base/testing_folder.h"

namespace winnow {
namespace {

TEST(OutputFile, AFileInAFolderThatIsThereIsFine) {
  const TestFolder folder;
  EXPECT_TRUE(check_output_file("--out", folder.path() / "set.parquet").ok());
  EXPECT_TRUE(check_output_file("--out", folder.write("there", "before")).ok());
  EXPECT_TRUE(check_output_file("--out", "plain-name").ok());
}

TEST(OutputFile, AFolderOrOneThatIsMissingIsRefusedByTheFlagsName) {
  const TestFolder folder;
  for (const std::filesystem::path& wrong : {folder.path(), folder.path() / "", std::filesystem::path(".")}) {
    const Status status = check_output_file("--out", wrong);
    ASSERT_FALSE(status.ok()) << wrong;
    EXPECT_EQ(status.error().code, ErrorCode::invalid);
    EXPECT_EQ(status.error().field, "--out");
    EXPECT_THAT(status.error().message, testing::HasSubstr("which is a folder"));
  }
  const Status missing = check_output_file("--json", folder.path() / "nosuch" / "x.json");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_THAT(missing.error().message, testing::HasSubstr((folder.path() / "nosuch").string()));
}

}  // namespace
}  // namespace winnow
