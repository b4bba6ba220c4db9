#include "base/partition_place.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace winnow {
namespace {

TEST(PartitionPlace, CountsWhatIsBeforeInRangesOfAnyLength) {
  for (std::size_t size = 0; size <= 70; ++size) {
    std::vector<std::size_t> values(size);
    std::iota(values.begin(), values.end(), std::size_t{0});
    for (std::size_t before = 0; before <= size; ++before) {
      const std::size_t place =
          partition_place<std::size_t>(values, [&](std::size_t value) { return value < before; });
      ASSERT_EQ(place, before) << "of " << size;
    }
  }
}

}  // namespace
}  // namespace winnow
