#include "registry/live_file.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

const std::string kA = "20260101-000000-aaaaaa";
const std::string kB = "20260102-000000-bbbbbb";
const std::string kC = "20260103-000000-cccccc";
using Versions = std::vector<std::string>;

TEST(LiveState, LeadsBackThroughThePromotionsOneByOne) {
  LiveState state = LiveState{}.promoted(kA).promoted(kB).promoted(kC);
  EXPECT_EQ(state.live, kC);
  EXPECT_EQ(state.earlier, (Versions{kB, kA}));
  state = state.rolled_back();
  EXPECT_EQ(state.live, kB);
  EXPECT_EQ(state.earlier, Versions{kA});
  EXPECT_EQ(state.retired, Versions{kC});
  state = state.rolled_back();
  EXPECT_EQ(state.live, kA);
  EXPECT_TRUE(state.earlier.empty());
}

TEST(LiveState, NeverListsAVersionTwice) {
  const LiveState state =
      LiveState{}.promoted(kA).promoted(kB).rolled_back().promoted(kB).promoted(kB).promoted(kA);
  EXPECT_EQ(state.live, kA);
  EXPECT_EQ(state.earlier, Versions{kB});
  EXPECT_TRUE(state.retired.empty());
}

TEST(LiveState, ForgetsWhatIsGone) {
  const LiveState state = LiveState{}.promoted(kA).promoted(kB).promoted(kC).without({kA});
  EXPECT_EQ(state.earlier, Versions{kB});
  EXPECT_FALSE(state.was_live(kA));
  EXPECT_TRUE(state.was_live(kB));
}

TEST(LiveFile, ComesBackExactlyFromItsText) {
  for (const LiveState& state :
       {LiveState{}, LiveState{}.promoted(kA), LiveState{}.promoted(kA).promoted(kB).rolled_back()}) {
    const auto read = decode_live(encode_live(state), "models/live");
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(*read, state);
  }
}

TEST(LiveFile, FindsEveryChangedByteAndTruncation) {
  const std::string text = encode_live(LiveState{}.promoted(kA).promoted(kB));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    EXPECT_FALSE(decode_live(damaged, "models/live").ok()) << at;
    EXPECT_FALSE(decode_live(text.substr(0, at), "models/live").ok()) << at;
  }
}

}  // namespace
}  // namespace winnow
