#include "events/impression_codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "base/file.h"
#include "base/random.h"

namespace winnow {
namespace {

ServedImpression example() {
  return {.recommendation_id = "r-1",
          .subject = "user",
          .surface = "home",
          .model_version = "m7",
          .time_ms = 1'700'000'000'000,
          .state_position = 42,
          .items_position = 40,
          .schema = schema_fingerprint({"item.age", "user.events"}),
          .items = {{ItemIndex{3}, 1, 5, 1.0f}, {ItemIndex{70'000}, 2, 0x80000000u, 0.25f}},
          .features = {0.5f, -1.0f, 3.25f, 1e-8f}};
}

// Columns of every form: zeros, one number, flags, numbers.
ServedImpression example_of_all_forms() {
  ServedImpression out = example();
  out.features.clear();
  for (std::uint32_t i = 0; i < 19; ++i) {
    if (i >= out.items.size()) out.items.push_back({ItemIndex{i}, static_cast<std::uint16_t>(i + 1), 1, 1});
    out.features.insert(out.features.end(),
                        {0.0f, 2.5f, i % 3 == 0 ? 1.0f : 0.0f, static_cast<float>(i) * 0.1f, -0.0f});
  }
  return out;
}

TEST(ImpressionCodec, WhatIsReadIsWhatWasWritten) {
  const ServedImpression all = example();
  EXPECT_EQ(decode_impression(encode_impression(all)).value(), all);
  const ServedImpression every = example_of_all_forms();
  EXPECT_EQ(decode_impression(encode_impression(every)).value(), every);
  const ServedImpression nothing;
  EXPECT_EQ(decode_impression(encode_impression(nothing)).value(), nothing);
}

TEST(ImpressionCodec, EveryBitOfAFeatureIsKept) {
  ServedImpression impression = example_of_all_forms();
  Random random(11);
  for (int round = 0; round < 300; ++round) {
    for (float& value : impression.features) {
      const std::uint32_t kind = random.below(4);
      value = kind == 0   ? 0.0f
              : kind == 1 ? 1.0f
              : kind == 2 ? -0.0f
                          : std::bit_cast<float>(static_cast<std::uint32_t>(random.next()));
    }
    const std::vector<float> read = decode_impression(encode_impression(impression)).value().features;
    ASSERT_EQ(read.size(), impression.features.size());
    ASSERT_EQ(std::memcmp(read.data(), impression.features.data(), read.size() * sizeof(float)), 0) << round;
  }
}

TEST(ImpressionCodec, WhatSaysTheSameOfAllItemsIsWrittenOnce) {
  ServedImpression impression = example_of_all_forms();
  const std::size_t before = encode_impression(impression).size();
  for (std::size_t k = 3; k < impression.features.size(); k += 5) impression.features[k] = 7;
  EXPECT_EQ(encode_impression(impression).size(), before - 18 * sizeof(float));
}

TEST(ImpressionCodec, OlderBytesStayReadable) {
  const auto first = read_file(WINNOW_SOURCE_DIR "/tests/golden/impression_v1.bin");
  ASSERT_TRUE(first.ok()) << first.error().message;
  ServedImpression without_items_position = example();
  without_items_position.items_position = without_items_position.state_position;
  EXPECT_EQ(decode_impression(*first).value(), without_items_position);
  const auto golden = read_file(WINNOW_SOURCE_DIR "/tests/golden/impression_v2.bin");
  ASSERT_TRUE(golden.ok()) << golden.error().message;
  EXPECT_EQ(encode_impression(example_of_all_forms()), *golden);
  EXPECT_EQ(decode_impression(*golden).value(), example_of_all_forms());
}

TEST(ImpressionCodec, EveryDamagedByteIsNoticed) {
  const std::string bytes = encode_impression(example_of_all_forms());
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
