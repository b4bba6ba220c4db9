#include "features/user_state.h"

#include <gtest/gtest.h>

#include <set>

#include "base/file.h"
#include "base/random.h"

namespace winnow {
namespace {

template <class Value, class Make>
std::vector<Value> with_keys(Random& random, std::uint32_t most, std::uint64_t bound, Make make) {
  std::set<std::uint64_t> keys;
  for (std::uint32_t i = random.below(most + 1); i > 0; --i) keys.insert(random.next() % bound);
  std::vector<Value> values;
  for (const std::uint64_t key : keys) values.push_back(make(key));
  return values;
}

UserState random_state(std::uint64_t seed) {
  Random random(seed);
  UserState state;
  state.events = random.next() >> random.below(64);
  state.last_ms = static_cast<TimestampMs>(random.next());
  for (std::uint32_t i = random.below(101); i > 0; --i) {
    state.history.push_back({ItemIndex{static_cast<std::uint32_t>(random.next())},
                             static_cast<Action>(random.below(kActionCount)),
                             static_cast<Signal>(random.below(3)), static_cast<float>(random.normal()),
                             static_cast<TimestampMs>(random.next()),
                             static_cast<std::uint32_t>(random.next())});
  }
  state.seen = with_keys<SeenItem>(random, 300, 1ull << 32, [&](std::uint64_t key) {
    return SeenItem{ItemIndex{static_cast<std::uint32_t>(key)}, static_cast<std::uint8_t>(random.below(64)),
                    static_cast<TimestampMs>(random.next())};
  });
  const auto affinity = [&](std::uint64_t key) {
    return Affinity{key, static_cast<float>(random.uniform()), static_cast<float>(random.uniform()),
                    static_cast<TimestampMs>(random.next())};
  };
  state.categories = with_keys<Affinity>(random, 50, ~0ull, affinity);
  state.creators = with_keys<Affinity>(random, 50, ~0ull, affinity);
  state.follows = with_keys<NameKey>(random, 10, ~0ull, [](std::uint64_t key) { return key; });
  return state;
}

TEST(UserState, DecodesToWhatWasEncoded) {
  EXPECT_EQ(UserState::decode(UserState{}.encode()).value(), UserState{});
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const UserState state = random_state(seed);
    const std::string bytes = state.encode();
    const auto back = UserState::decode(bytes);
    ASSERT_TRUE(back.ok()) << "seed " << seed << ": " << back.error().message;
    ASSERT_EQ(*back, state) << "seed " << seed;
    ASSERT_EQ(back->encode(), bytes) << "seed " << seed;
  }
}

TEST(UserState, FindsWhatWasSeenAndNothingElse) {
  const UserState state = random_state(3);
  ASSERT_FALSE(state.seen.empty());
  std::set<std::uint32_t> seen;
  for (const SeenItem& entry : state.seen) {
    seen.insert(row(entry.item));
    EXPECT_EQ(state.find_seen(entry.item), &entry);
  }
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const auto item = static_cast<std::uint32_t>(random.next());
    if (seen.contains(item)) continue;
    EXPECT_EQ(state.find_seen(ItemIndex{item}), nullptr);
  }
  EXPECT_EQ(UserState{}.find_seen(ItemIndex{0}), nullptr);
}

TEST(UserState, NoBytesMakeDecodingCrashAndWhatItAcceptsIsWellFormed) {
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    Random random(seed);
    std::string bytes = random_state(seed % 50).encode();
    for (std::uint32_t changes = 1 + random.below(3); changes > 0; --changes) {
      bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] = static_cast<char>(random.next());
    }
    if (random.below(4) == 0) bytes.resize(random.below(static_cast<std::uint32_t>(bytes.size())));
    const auto state = UserState::decode(bytes);
    if (!state.ok()) continue;
    for (std::size_t i = 1; i < state->seen.size(); ++i)
      ASSERT_LT(state->seen[i - 1].item, state->seen[i].item);
    ASSERT_EQ(UserState::decode(state->encode()).value(), *state);
  }
}

TEST(UserState, EveryTruncationIsRefused) {
  const std::string bytes = random_state(5).encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto state = UserState::decode(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(state.ok());
    EXPECT_EQ(state.error().code, ErrorCode::corrupt);
  }
}

TEST(UserState, RefusesTheFormatOfAnotherRelease) {
  std::string bytes = UserState{}.encode();
  bytes[0] = 2;
  const auto state = UserState::decode(bytes);
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(state.error().code, ErrorCode::unsupported);
}

// The file is part of the format: a change that breaks it needs a new format number, and code that reads
// both.
TEST(UserState, ReadsTheGoldenFileAndWritesTheSameBytes) {
  UserState state;
  state.events = 3;
  state.last_ms = 1'700'000'000'000;
  state.history = {{ItemIndex{7}, Action::rating, Signal::positive, 5, 1'699'999'000'000, 42},
                   {ItemIndex{300}, Action::hide, Signal::negative, 0, 1'700'000'000'000, 0}};
  state.seen = {{ItemIndex{7}, SeenItem::engaged | SeenItem::liked, 1'699'999'000'500},
                {ItemIndex{300}, SeenItem::hidden, 1'700'000'000'500}};
  state.categories = {{11, 1.5f, 0.25f, 1'700'000'000'000}};
  state.creators = {{12, 0.5f, 0, 1'699'999'000'000}, {13, 0, 1, 1'700'000'000'000}};
  state.follows = {12, 99};
  const auto golden = read_file(WINNOW_SOURCE_DIR "/tests/golden/user_state_v1.bin");
  ASSERT_TRUE(golden.ok()) << golden.error().message;
  EXPECT_EQ(state.encode(), *golden);
  EXPECT_EQ(UserState::decode(*golden).value(), state);
}

}  // namespace
}  // namespace winnow
