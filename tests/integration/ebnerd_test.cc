// From files in EB-NeRD's shape to a Parquet file that rankers learn from: import, join, write, read back.
#include "adapters/parquet/ebnerd.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

#include <bit>
#include <cmath>

#include "adapters/embedded/embedded_catalog.h"
#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/store.h"
#include "adapters/parquet/ranking_parquet.h"
#include "base/random.h"
#include "base/testing_folder.h"
#include "batch/impressions/build.h"
#include "batch/impressions/state_features.h"
#include "features/memory_feature_store.h"

namespace winnow {
namespace {

constexpr TimestampMs kStartMs = 1'677'000'000'000;

struct Impression {
  std::uint32_t id;
  std::uint32_t user;
  TimestampMs time_ms;
  std::vector<std::int32_t> in_view;
  std::vector<std::int32_t> clicked;
  float next_seconds;  // NaN: null
};

void write_table(const arrow::FieldVector& fields, const arrow::ArrayVector& columns,
                 const std::filesystem::path& path) {
  const auto table = arrow::Table::Make(arrow::schema(fields), columns);
  const auto out = arrow::io::FileOutputStream::Open(path.string()).ValueOrDie();
  ASSERT_TRUE(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), out).ok());
}

std::shared_ptr<arrow::Array> finish(arrow::ArrayBuilder& builder) { return builder.Finish().ValueOrDie(); }

void write_behaviors(const std::vector<Impression>& impressions, const std::filesystem::path& path) {
  auto* const pool = arrow::default_memory_pool();
  const auto micros = arrow::timestamp(arrow::TimeUnit::MICRO);
  arrow::UInt32Builder ids;
  arrow::UInt32Builder users;
  arrow::UInt32Builder sessions;
  arrow::Int32Builder articles;
  arrow::Int8Builder ages;
  arrow::TimestampBuilder times(micros, pool);
  arrow::FloatBuilder next;
  const auto in_view_values = std::make_shared<arrow::Int32Builder>();
  const auto clicked_values = std::make_shared<arrow::Int32Builder>();
  arrow::LargeListBuilder in_view(pool, in_view_values);
  arrow::ListBuilder clicked(pool, clicked_values);
  for (const Impression& each : impressions) {
    ASSERT_TRUE(ids.Append(each.id).ok() && users.Append(each.user).ok() && sessions.Append(each.user).ok());
    ASSERT_TRUE(each.id % 2 == 0 ? articles.AppendNull().ok() : articles.Append(9).ok());
    ASSERT_TRUE(each.user % 2 == 0 ? ages.AppendNull().ok() : ages.Append(40).ok());
    ASSERT_TRUE(times.Append(each.time_ms * 1000).ok());
    ASSERT_TRUE(std::isnan(each.next_seconds) ? next.AppendNull().ok() : next.Append(each.next_seconds).ok());
    ASSERT_TRUE(in_view.Append().ok() && in_view_values->AppendValues(each.in_view).ok());
    ASSERT_TRUE(clicked.Append().ok() && clicked_values->AppendValues(each.clicked).ok());
  }
  write_table({arrow::field("impression_id", arrow::uint32()), arrow::field("user_id", arrow::uint32()),
               arrow::field("session_id", arrow::uint32()), arrow::field("article_id", arrow::int32()),
               arrow::field("age", arrow::int8()), arrow::field("impression_time", micros),
               arrow::field("next_read_time", arrow::float32()),
               arrow::field("article_ids_inview", arrow::large_list(arrow::int32())),
               arrow::field("article_ids_clicked", arrow::list(arrow::int32()))},
              {finish(ids), finish(users), finish(sessions), finish(articles), finish(ages), finish(times),
               finish(next), finish(in_view), finish(clicked)},
              path);
}

// Every user has read the articles 1 to `articles`, a minute apart, a day before.
void write_history(std::uint32_t users, std::int32_t articles, const std::filesystem::path& path) {
  auto* const pool = arrow::default_memory_pool();
  const auto micros = arrow::timestamp(arrow::TimeUnit::MICRO);
  arrow::UInt32Builder ids;
  const auto time_values = std::make_shared<arrow::TimestampBuilder>(micros, pool);
  const auto article_values = std::make_shared<arrow::Int32Builder>();
  const auto second_values = std::make_shared<arrow::FloatBuilder>();
  arrow::LargeListBuilder times(pool, time_values);
  arrow::LargeListBuilder read(pool, article_values);
  arrow::LargeListBuilder seconds(pool, second_values);
  for (std::uint32_t user = 0; user < users; ++user) {
    ASSERT_TRUE(ids.Append(user).ok() && times.Append().ok() && read.Append().ok() && seconds.Append().ok());
    for (std::int32_t k = 1; k <= articles; ++k) {
      ASSERT_TRUE(time_values->Append((kStartMs - kDayMs + k * kMinuteMs) * 1000).ok());
      ASSERT_TRUE(article_values->Append(k).ok());
      ASSERT_TRUE(k == 1 ? second_values->AppendNull().ok() : second_values->Append(20).ok());
    }
  }
  write_table({arrow::field("user_id", arrow::uint32()),
               arrow::field("impression_time_fixed", arrow::large_list(micros)),
               arrow::field("article_id_fixed", arrow::large_list(arrow::int32())),
               arrow::field("read_time_fixed", arrow::large_list(arrow::float32()))},
              {finish(ids), finish(times), finish(read), finish(seconds)}, path);
}

std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

TEST(Ebnerd, FromItsFilesToATrainingSetAndBack) {
  TestFolder folder;
  Random random(3);
  std::vector<Impression> impressions;
  std::size_t shown = 0;
  for (std::uint32_t i = 0; i < 300; ++i) {
    Impression each{i, random.below(20), kStartMs + i * kHourMs, {}, {}, 30};
    const std::size_t count = 5 + random.below(10);
    for (std::size_t k = 0; k < count; ++k)
      each.in_view.push_back(static_cast<std::int32_t>(100 + i % 7 * 20 + k));
    each.clicked = {each.in_view[random.below(static_cast<std::uint32_t>(count))]};
    if (i % 10 == 0) each.next_seconds = std::nanf("");
    shown += count;
    impressions.push_back(std::move(each));
  }
  write_behaviors(impressions, folder.path() / "behaviors.parquet");
  write_history(20, 5, folder.path() / "history.parquet");
  ASSERT_TRUE(is_ebnerd_folder(folder.path()));

  ManualClock clock(kStartMs + 400 * kHourMs);
  const auto store = Store::open(folder.path() / "log").value();
  const auto log = EmbeddedEventLog::open(*store, {}, clock).value();
  const auto catalog = EmbeddedCatalog::open(*store).value();
  const auto report = import_ebnerd(folder.path(), *catalog, *log);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->impressions, 300u);
  EXPECT_EQ(report->shown, shown);
  EXPECT_EQ(report->clicks, 300u);
  EXPECT_EQ(report->read, 100u);
  EXPECT_EQ(report->events, shown + 300 + 270 + 100 + 80);  // clicks, watches, views and watches of the past
  EXPECT_EQ(catalog->user("1").value().age_group, "40");
  const auto again = import_ebnerd(folder.path(), *catalog, *log);
  EXPECT_EQ(again->events, 0u);
  EXPECT_EQ(again->duplicates, report->events);

  const FeedbackPolicy feedback;
  MemoryFeatureStore states;
  TrainingSetOptions options;
  options.thinning.negatives_kept = 1;
  const FeatureList features = all_features();
  const auto built = build_training_set({.log = *log,
                                         .catalog = *catalog,
                                         .feedback = feedback,
                                         .states = states,
                                         .feature_names = names_of(features),
                                         .features = state_features(features, *catalog)},
                                        options);
  ASSERT_TRUE(built.ok()) << built.error().message;
  const RankingSet& set = built->set.ranking;
  EXPECT_EQ(set.group_count(), 300u);
  EXPECT_EQ(set.rows(), shown);
  float clicks = 0;
  float watched = 0;
  for (std::size_t r = 0; r < set.rows(); ++r) {
    clicks += set.labels_of(r)[0] > 0 ? 1.0f : 0.0f;
    watched += set.labels_of(r)[1] > 0 ? set.labels_of(r)[1] : 0.0f;
  }
  EXPECT_EQ(clicks, 300);
  EXPECT_EQ(watched, 270 * 0.5f);  // thirty seconds of a minute

  ASSERT_TRUE(write_parquet(set, folder.path() / "set.parquet").ok());
  const auto back = read_parquet(folder.path() / "set.parquet");
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->features, set.features);
  EXPECT_EQ(back->groups, set.groups);
  EXPECT_EQ(back->time_ms, set.time_ms);
  EXPECT_EQ(bits_of(back->values), bits_of(set.values));
  EXPECT_EQ(bits_of(back->labels), bits_of(set.labels));
}

TEST(Ebnerd, AColumnThatIsMissingIsNamed) {
  TestFolder folder;
  arrow::Int64Builder ids;
  ASSERT_TRUE(ids.Append(1).ok());
  write_table({arrow::field("impression_id", arrow::int64())}, {finish(ids)},
              folder.path() / "behaviors.parquet");
  ManualClock clock(kStartMs);
  const auto store = Store::open(folder.path() / "log").value();
  const auto log = EmbeddedEventLog::open(*store, {}, clock).value();
  const auto catalog = EmbeddedCatalog::open(*store).value();
  const auto report = import_ebnerd(folder.path(), *catalog, *log);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().field, "user_id");
}

}  // namespace
}  // namespace winnow
