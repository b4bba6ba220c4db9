#include "online/ingest/aggregates.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

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
  ByteWriter old;  // statistics alone, in their format 1: no sums of the last hour
  old.fixed(std::uint8_t{1});
  old.varint(7);            // positives of all items
  old.varint(2);            // negatives
  old.signed_varint(1000);  // the newest event
  old.varint(1);            // items
  for (const double sum : {3.0, 2.0, 4.0}) old.fixed(sum);
  for (const std::uint64_t count : {6, 1, 5}) old.varint(count);
  old.signed_varint(1000);
  old.varint(0);  // countries
  Filled read;
  ASSERT_TRUE(read.decode(old.take()).ok());
  const ItemActivity activity = read.statistics.activity(ItemIndex{0});
  EXPECT_FLOAT_EQ(activity.fast, 2);
  EXPECT_FLOAT_EQ(activity.impressions, 5);
  EXPECT_EQ(read.statistics.newest_ms(), 1000);
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
