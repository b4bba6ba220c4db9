#include "math/huge_blocks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

namespace winnow {
namespace {

TEST(HugeBlocks, AreAlignedDistinctAndTakenAgain) {
  std::set<void*> taken;
  for (int i = 0; i < 100; ++i) taken.insert(HugeBlocks::take());
  EXPECT_EQ(taken.size(), 100u);
  for (void* const block : taken) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % HugeBlocks::kBytes, 0u);
    HugeBlocks::give_back(block);
  }
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(taken.contains(HugeBlocks::take()));
  for (void* const block : taken) HugeBlocks::give_back(block);
}

TEST(HugeBlockAllocator, ServesVectorsOfAnySize) {
  std::vector<std::uint64_t, HugeBlockAllocator<std::uint64_t>> numbers;
  for (std::uint64_t i = 0; i < 50'000; ++i) numbers.push_back(i);
  for (std::uint64_t i = 0; i < 50'000; ++i) ASSERT_EQ(numbers[i], i);
}

}  // namespace
}  // namespace winnow
