#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace winnow {
namespace {

TEST(Bytes, ReadBackWhatWasWritten) {
  Random random(1);
  for (int round = 0; round < 500; ++round) {
    const std::uint64_t number = random.next() >> random.below(64);
    const auto negative = -static_cast<std::int64_t>(number >> 1);
    const std::string text(random.below(300), 'x');
    const std::vector<float> values(random.below(20), 1.5f);
    ByteWriter out;
    out.varint(number);
    out.signed_varint(negative);
    out.string(text);
    out.array<float>(values);
    out.fixed(2.25);
    ByteReader in(out.bytes());
    EXPECT_EQ(in.varint(), number);
    EXPECT_EQ(in.signed_varint(), negative);
    EXPECT_EQ(in.string(), text);
    EXPECT_EQ(in.array<float>(), values);
    EXPECT_EQ(in.fixed<double>(), 2.25);
    EXPECT_TRUE(in.at_end());
    EXPECT_FALSE(in.failed());
  }
}

TEST(Bytes, ExtremeNumbersSurvive) {
  for (const std::int64_t value :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), std::int64_t{0},
        std::int64_t{-1}}) {
    ByteWriter out;
    out.signed_varint(value);
    EXPECT_EQ(ByteReader(out.bytes()).signed_varint(), value);
  }
}

TEST(Bytes, AReaderFailsOnceAndStaysAtTheEnd) {
  ByteWriter out;
  out.varint(1'000'000);  // a length without its bytes
  ByteReader in(out.bytes());
  EXPECT_EQ(in.string(), "");
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.fixed<std::uint64_t>(), 0u);
  EXPECT_TRUE(in.array<double>().empty());
}

TEST(Bytes, AnEndlessVarintIsRefused) {
  const std::string bytes(20, '\xFF');
  ByteReader in(bytes);
  in.varint();
  EXPECT_TRUE(in.failed());
}

}  // namespace
}  // namespace winnow
