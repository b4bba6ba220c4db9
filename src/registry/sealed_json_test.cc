#include "registry/sealed_json.h"

#include <gtest/gtest.h>

#include <string>

namespace winnow {
namespace {

const SealedFile kFile{"models/live", 1, "run `winnow train`"};

TEST(SealedJson, GivesBackTheBodyItWasGiven) {
  const std::string body = R"({"a":[1,2],"b":"}"})";
  const auto read = unseal_json(seal_json(body, 1), kFile);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, body);
}

TEST(SealedJson, FindsEveryChangedByte) {
  const std::string intact = seal_json(R"({"live":"20261121-085133-1a2b3c"})", 1);
  for (std::size_t at = 0; at < intact.size(); ++at) {
    for (const unsigned char flip : {0x01, 0x10, 0x80}) {
      std::string damaged = intact;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      EXPECT_FALSE(unseal_json(damaged, kFile).ok()) << "byte " << at;
    }
  }
}

TEST(SealedJson, FindsEveryTruncationAndAnyTail) {
  const std::string intact = seal_json("{}", 1);
  for (std::size_t size = 0; size < intact.size(); ++size) {
    const auto read = unseal_json(std::string_view(intact).substr(0, size), kFile);
    ASSERT_FALSE(read.ok()) << size;
    EXPECT_EQ(read.error().code, ErrorCode::corrupt) << size;
  }
  EXPECT_FALSE(unseal_json(intact + " ", kFile).ok());
}

TEST(SealedJson, NamesFileAndRemedyWhenDamaged) {
  const auto read = unseal_json("nonsense", kFile);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::corrupt);
  EXPECT_EQ(read.error().message, "models/live is damaged: run `winnow train`");
}

TEST(SealedJson, RefusesAnotherFormatByItsNumber) {
  for (const std::string& text :
       {seal_json("{}", 2), std::string("{\"format\":2,\"layout\":\"of another release\"}")}) {
    const auto read = unseal_json(text, kFile);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, ErrorCode::unsupported);
    EXPECT_NE(read.error().message.find("has format 2, this release reads format 1"), std::string::npos);
    EXPECT_NE(read.error().message.find("winnow train"), std::string::npos);
  }
}

TEST(SealedJson, HexPutsTheHighHalfFirst) {
  EXPECT_EQ(hex({.low = 0x1, .high = 0xABCD}), "000000000000abcd0000000000000001");
}

}  // namespace
}  // namespace winnow
