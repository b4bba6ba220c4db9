#include "adapters/files/erase_rejected.h"

#include <gtest/gtest.h>

#include <string>

#include "adapters/files/rejects_file.h"
#include "base/file.h"
#include "base/testing_folder.h"

namespace winnow {
namespace {

// A rejects file as an import writes it, of these rows.
void reject(const TestFolder& folder, const std::vector<std::string>& rows) {
  auto file = RejectsFile::open(folder.path() / "import-1.jsonl", {});
  ASSERT_TRUE(file.ok());
  for (const std::string& row : rows) {
    ASSERT_TRUE(file->add({rejection_of(
                              "events.csv", {.line = 2, .text = row},
                              {ErrorCode::invalid, "action is \"jump\": give one that is known", "action"})})
                    .ok());
  }
}

std::string left(const TestFolder& folder) {
  const auto text = read_file(folder.path() / "import-1.jsonl");
  return text.ok() ? *text : "";
}

TEST(EraseRejected, RemovesTheRowsOfOneUserAndKeepsTheOthers) {
  const TestFolder folder;
  reject(folder, {"ann,i1,jump", "ann.b,i2,jump", "joann,i3,jump", "\"ann\",i4,jump", "bob,i5,jump"});
  EXPECT_EQ(erase_rejected(folder.path(), "ann").value(), 3u);
  EXPECT_EQ(left(folder).find("\"row\":\"ann"), std::string::npos);
  EXPECT_NE(left(folder).find("joann,i3"), std::string::npos);
  EXPECT_NE(left(folder).find("bob,i5"), std::string::npos);
}

TEST(EraseRejected, FindsAnIdThatJsonEscapes) {
  const TestFolder folder;
  reject(folder, {"a\"b\\c,i1,jump", "bob,i2,jump"});
  EXPECT_EQ(erase_rejected(folder.path(), "a\"b\\c").value(), 1u);
}

TEST(EraseRejected, TakesARowThatWasCutWithinTheId) {
  const TestFolder folder;
  const std::string id = "person-4711-of-the-far-north";
  reject(folder, {std::string(kMaxRejectedRowBytes - 10, 'x') + id + ",jump", "bob,i2,jump"});
  ASSERT_NE(left(folder).find("person-"), std::string::npos);
  EXPECT_EQ(erase_rejected(folder.path(), id).value(), 1u);
  EXPECT_EQ(left(folder).find("person-"), std::string::npos);
}

TEST(EraseRejected, AFileWithNothingLeftGoesAndAMissingFolderIsNoError) {
  const TestFolder folder;
  reject(folder, {"ann,i1,jump"});
  EXPECT_EQ(erase_rejected(folder.path(), "ann").value(), 1u);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(erase_rejected(folder.path() / "none", "ann").value(), 0u);
}

}  // namespace
}  // namespace winnow
