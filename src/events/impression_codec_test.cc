#include "events/impression_codec.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace winnow {
namespace {

ServedImpression example() {
  return {.recommendation_id = "r-1",
          .subject = "user",
          .surface = "home",
          .model_version = "m7",
          .time_ms = 1'700'000'000'000,
          .state_position = 42,
          .schema = schema_fingerprint({"item.age", "user.events"}),
          .items = {{ItemIndex{3}, 1, 5, 1.0f}, {ItemIndex{70'000}, 2, 0x80000000u, 0.25f}},
          .features = {0.5f, -1.0f, 3.25f, 1e-8f}};
}

TEST(ImpressionCodec, WhatIsReadIsWhatWasWritten) {
  const ServedImpression all = example();
  EXPECT_EQ(decode_impression(encode_impression(all)).value(), all);
  const ServedImpression nothing;
  EXPECT_EQ(decode_impression(encode_impression(nothing)).value(), nothing);
}

TEST(ImpressionCodec, OlderBytesStayReadable) {
  const auto golden = read_file(WINNOW_SOURCE_DIR "/tests/golden/impression_v1.bin");
  ASSERT_TRUE(golden.ok()) << golden.error().message;
  EXPECT_EQ(encode_impression(example()), *golden);
  EXPECT_EQ(decode_impression(*golden).value(), example());
}

TEST(ImpressionCodec, EveryDamagedByteIsNoticed) {
  const std::string bytes = encode_impression(example());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_FALSE(decode_impression(damaged).ok()) << i;
    EXPECT_FALSE(decode_impression(bytes.substr(0, i)).ok()) << i;
  }
}

TEST(ImpressionCodec, AFingerprintTellsSchemasApart) {
  EXPECT_EQ(schema_fingerprint({"a", "b"}), schema_fingerprint({"a", "b"}));
  EXPECT_NE(schema_fingerprint({"a", "b"}), schema_fingerprint({"b", "a"}));
  EXPECT_NE(schema_fingerprint({"a", "b"}), schema_fingerprint({"ab"}));
}

}  // namespace
}  // namespace winnow
