#include "registry/manifest.h"

#include <gtest/gtest.h>

#include <limits>

namespace winnow {
namespace {

Manifest example() {
  return {.created_ms = 1'795'251'093'123,  // 2026-11-21 08:51:33.123 UTC
          .trained_to = 100'836,
          .files = {{"als.bin", {1234, std::string(32, 'a')}}, {"items.bin", {99, std::string(32, 'b')}}},
          .metrics = {{"blend.ndcg@10", 0.1234567890123456789}, {"popular.recall@20", 1}},
          .statistics = {{"events", 1e15}, {"train_seconds", 0.1}}};
}

TEST(Manifest, ComesBackExactlyFromItsText) {
  const auto text = encode_manifest(example());
  ASSERT_TRUE(text.ok());
  const auto read = decode_manifest(*text, "m/manifest.json");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, example());
  EXPECT_EQ(read->bytes(), 1333u);
}

TEST(Manifest, IsNamedByItsSecondAndItsContents) {
  EXPECT_EQ(example().version().substr(0, 16), "20261121-085133-");
  EXPECT_TRUE(is_version(example().version()));
  Manifest other = example();
  other.metrics["blend.ndcg@10"] += 0.001;
  EXPECT_NE(other.version(), example().version());
}

TEST(Manifest, RefusesNumbersThatAreNotFinite) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Manifest manifest = example();
    manifest.metrics["blend.ndcg@10"] = bad;
    const auto text = encode_manifest(manifest);
    ASSERT_FALSE(text.ok());
    EXPECT_EQ(text.error().code, ErrorCode::invalid);
    EXPECT_EQ(text.error().field, "metrics");
  }
}

TEST(Manifest, FindsEveryChangedByte) {
  const auto text = encode_manifest(example());
  ASSERT_TRUE(text.ok());
  for (std::size_t at = 0; at < text->size(); ++at) {
    std::string damaged = *text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(decode_manifest(damaged, "m/manifest.json").ok()) << "byte " << at;
  }
}

TEST(Manifest, TakesOnlyVersionsForVersions) {
  EXPECT_TRUE(is_version("20261121-085133-1a2b3c"));
  for (const char* name : {"", "live", "..", "20261121-085133-1A2B3C", "20261121-085133-1a2b3",
                           "../61121-085133-1a2b3c", ".unfinished-2026-1a2b3"}) {
    EXPECT_FALSE(is_version(name)) << name;
  }
}

}  // namespace
}  // namespace winnow
