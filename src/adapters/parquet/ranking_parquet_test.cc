#include "adapters/parquet/ranking_parquet.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/file.h"
#include "base/random.h"
#include "base/testing_folder.h"

namespace winnow {
namespace {

RankingSet random_set(Random& random, std::size_t groups) {
  RankingSet set;
  set.features = {"user.events", "item.age_years", "häufig \"quoted\""};
  set.heads = {"click", "watch"};
  set.negatives_kept = 0.1 + random.uniform() * 0.8;
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t rows = 1 + random.below(20);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t f = 0; f < 3; ++f) {
        set.values.push_back(random.below(5) == 0 ? std::nanf("") : static_cast<float>(random.normal()));
      }
      for (std::size_t h = 0; h < 2; ++h) {
        set.labels.push_back(random.below(4) == 0 ? std::nanf("") : static_cast<float>(random.uniform()));
      }
      set.weights.push_back(static_cast<float>(0.1 + random.uniform()));
    }
    set.groups.push_back(set.weights.size());
    set.time_ms.push_back(1'700'000'000'000 + random.below(1'000'000));
  }
  return set;
}

std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

void expect_equal(const RankingSet& a, const RankingSet& b) {
  EXPECT_EQ(a.features, b.features);
  EXPECT_EQ(a.heads, b.heads);
  EXPECT_EQ(bits_of(a.values), bits_of(b.values));
  EXPECT_EQ(bits_of(a.labels), bits_of(b.labels));
  EXPECT_EQ(a.weights, b.weights);
  EXPECT_EQ(a.groups, b.groups);
  EXPECT_EQ(a.time_ms, b.time_ms);
  EXPECT_EQ(a.negatives_kept, b.negatives_kept);
}

TEST(RankingParquet, WhatIsReadIsWhatWasWritten) {
  TestFolder folder;
  Random random(1);
  for (const std::size_t groups : {std::size_t{1}, std::size_t{30}, std::size_t{15'000}}) {
    const RankingSet set = random_set(random, groups);  // the largest has several row groups
    ASSERT_TRUE(write_parquet(set, folder.path() / "set.parquet").ok());
    const auto back = read_parquet(folder.path() / "set.parquet");
    ASSERT_TRUE(back.ok()) << back.error().message;
    expect_equal(*back, set);
  }
}

// A table as another tool would make it.
void write_table(const std::filesystem::path& path, const arrow::FieldVector& fields,
                 const std::vector<std::vector<double>>& columns) {
  arrow::ArrayVector arrays;
  for (std::size_t c = 0; c < fields.size(); ++c) {
    const auto builder = arrow::MakeBuilder(fields[c]->type()).ValueOrDie();
    for (const double value : columns[c]) {
      const auto scalar = arrow::MakeScalar(value)->CastTo(fields[c]->type()).ValueOrDie();
      ASSERT_TRUE(builder->AppendScalar(*scalar).ok());
    }
    arrays.push_back(builder->Finish().ValueOrDie());
  }
  const auto table = arrow::Table::Make(arrow::schema(fields), arrays);
  const auto out = arrow::io::FileOutputStream::Open(path.string()).ValueOrDie();
  ASSERT_TRUE(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), out).ok());
}

TEST(RankingParquet, TakesNumbersOfEveryTypeAndWantsNoMoreThanGroups) {
  TestFolder folder;
  write_table(folder.path() / "other.parquet",
              {arrow::field("x", arrow::int8()), arrow::field("label:click", arrow::int64()),
               arrow::field("group", arrow::uint16()), arrow::field("y", arrow::float64())},
              {{1, 2, 3}, {0, 1, 0}, {7, 7, 9}, {0.5, 1.5, -2}});
  const auto set = read_parquet(folder.path() / "other.parquet");
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_EQ(set->features, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(set->values, (std::vector<float>{1, 0.5f, 2, 1.5f, 3, -2}));
  EXPECT_EQ(set->labels, (std::vector<float>{0, 1, 0}));
  EXPECT_EQ(set->groups, (std::vector<std::uint64_t>{0, 2, 3}));
  EXPECT_EQ(set->weights, (std::vector<float>{1, 1, 1}));
  EXPECT_EQ(set->negatives_kept, 1);
}

TEST(RankingParquet, ErrorsNameTheColumn) {
  TestFolder folder;
  const auto field_of = [&](const arrow::FieldVector& fields,
                            const std::vector<std::vector<double>>& columns) {
    write_table(folder.path() / "x.parquet", fields, columns);
    const auto set = read_parquet(folder.path() / "x.parquet");
    return set.ok() ? std::string("none") : set.error().field;
  };
  const auto group = arrow::field("group", arrow::int64());
  const auto x = arrow::field("x", arrow::float64());
  EXPECT_EQ(field_of({x}, {{1, 2}}), "group");
  EXPECT_EQ(field_of({group, x}, {{1, 2, 1}, {0, 0, 0}}), "group");
  EXPECT_EQ(field_of({group, arrow::field("x", arrow::utf8())}, {{1}, {3}}), "x");
  EXPECT_EQ(read_parquet(folder.path() / "none.parquet").error().code, ErrorCode::not_found);
  ASSERT_TRUE(write_file_atomically(folder.path() / "x.parquet", "group,x\n1,2\n").ok());
  EXPECT_EQ(read_parquet(folder.path() / "x.parquet").error().code, ErrorCode::invalid);
  Random random(2);
  RankingSet set = random_set(random, 1);
  set.features[1] = "weight";
  EXPECT_EQ(write_parquet(set, folder.path() / "set.parquet").error().field, "weight");
  set.features[1] = "label:click";
  EXPECT_EQ(write_parquet(set, folder.path() / "set.parquet").error().field, "label:click");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "set.parquet"));
}

}  // namespace
}  // namespace winnow
