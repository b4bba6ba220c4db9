#include "winnow/dashboard/dashboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace winnow {
namespace {

TEST(Dashboard, HasAFirstPageAndWhatItRefersTo) {
  std::string_view page;
  for (const EmbeddedFile& file : dashboard_files()) {
    EXPECT_FALSE(file.bytes.empty()) << file.path;
    if (file.path == "/index.html") page = file.bytes;
  }
  ASSERT_THAT(page, ::testing::StartsWith("<!doctype html>"));
  for (std::size_t at = page.find("\"/assets/"); at != page.npos; at = page.find("\"/assets/", at + 1)) {
    const std::string_view path = page.substr(at + 1, page.find('"', at + 1) - at - 1);
    const auto same = [&](const EmbeddedFile& file) { return file.path == path; };
    EXPECT_TRUE(std::ranges::any_of(dashboard_files(), same)) << path;
  }
}

}  // namespace
}  // namespace winnow
