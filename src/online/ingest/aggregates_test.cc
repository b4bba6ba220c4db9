#include "online/ingest/aggregates.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

struct Empty : Aggregates {
  Empty() : Aggregates{ItemStatistics({}), CoOccurrence({})} {}
};

struct Filled : Empty {
  Filled() {
    for (std::uint32_t i = 0; i < 3; ++i) {
      statistics.add({ItemIndex{i}, Action::like, Signal::positive, 5, 1000 + i, 0});
    }
    Visit visit;
    visit.item = ItemIndex{2};
    visit.before[visit.window++] = ItemIndex{1};
    visit.time_ms = 1000;
    co_occurrence.add(visit);
  }
};

TEST(Aggregates, ComeBackFromTheirBytes) {
  const std::string bytes = Filled().encode();
  Empty read;
  ASSERT_TRUE(read.decode(bytes).ok());
  EXPECT_EQ(read.encode(), bytes);
  EXPECT_EQ(read.co_occurrence.items(), 2u);
}

TEST(Aggregates, AnOlderReleasesStatisticsAreReadWithoutCoOccurrence) {
  Filled read;
  const std::string statistics = Filled().statistics.encode();
  ASSERT_TRUE(read.decode(statistics).ok());
  EXPECT_EQ(read.statistics.encode(), statistics);
  EXPECT_EQ(read.co_occurrence.items(), 0u);
}

TEST(Aggregates, DamagedBytesAreRefused) {
  const std::string bytes = Filled().encode();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    Empty read;
    const Status status = read.decode(std::string_view(bytes).substr(0, length));
    ASSERT_FALSE(status.ok()) << length;
    EXPECT_EQ(status.error().code, ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace winnow
