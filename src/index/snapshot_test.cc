#include "index/snapshot.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "index/testing_vectors.h"
#include "index/tune.h"

namespace winnow {
namespace {

using testing::ElementsAreArray;

class Snapshot : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path path() const { return folder_ / "index"; }
  void write(std::string_view bytes) const { ASSERT_TRUE(write_file_atomically(path(), bytes).ok()); }

 private:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("winnow_snapshot_" + std::to_string(getpid()));
};

// A small index with everything in it, tuned and with a health check.
std::unique_ptr<VectorIndex> small_index(const TestVectors& data, IndexKind kind, Metric metric) {
  auto index = build_index(data.items, data.dims, {.kind = kind, .metric = metric}).value();
  IndexProfile profile;
  profile.tuning = tune(*index, data.queries, {.limit = 10}).value();
  index->set_profile(profile);
  profile.health = make_health_check(*index, data.query(0));
  index->set_profile(profile);
  return index;
}

TEST_F(Snapshot, GivesBackTheIndexThatWasSaved) {
  const TestVectors data = clustered_vectors(3000, 20, 1);
  for (const IndexKind kind : {IndexKind::flat, IndexKind::ivf_int8, IndexKind::ivf_int4}) {
    for (const Metric metric : {Metric::inner_product, Metric::cosine, Metric::l2}) {
      const auto saved = small_index(data, kind, metric);
      ASSERT_TRUE(save_index(*saved, path()).ok());
      for (const bool into_memory : {false, true}) {
        const auto loaded = load_index(path(), {.verify_all = true, .into_memory = into_memory});
        ASSERT_TRUE(loaded.ok()) << loaded.error().message;
        EXPECT_EQ((*loaded)->info().items, saved->info().items);
        EXPECT_EQ((*loaded)->info().kind, kind);
        EXPECT_EQ((*loaded)->info().metric, metric);
        EXPECT_EQ((*loaded)->profile().tuning, saved->profile().tuning);
        for (std::size_t q = 0; q < 10; ++q) {
          EXPECT_THAT((*loaded)->search(data.query(q), {.limit = 10}),
                      ElementsAreArray(saved->search(data.query(q), {.limit = 10})));
        }
      }
    }
  }
}

TEST_F(Snapshot, RefusesEveryTruncation) {
  const TestVectors data = clustered_vectors(300, 16, 2);
  ASSERT_TRUE(save_index(*small_index(data, IndexKind::ivf_int8, Metric::l2), path()).ok());
  const std::string bytes = *read_file(path());
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    write(std::string_view(bytes).substr(0, random.below(static_cast<std::uint32_t>(bytes.size()))));
    const auto loaded = load_index(path());
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code, ErrorCode::corrupt) << loaded.error().message;
  }
}

TEST_F(Snapshot, NoticesEveryFlippedBitThatCountsAndSurvivesTheOthers) {
  const TestVectors data = clustered_vectors(300, 16, 2);
  for (const IndexKind kind : {IndexKind::flat, IndexKind::ivf_int4}) {
    ASSERT_TRUE(save_index(*small_index(data, kind, Metric::inner_product), path()).ok());
    const std::string bytes = *read_file(path());
    Random random(4);
    for (int round = 0; round < 400; ++round) {
      std::string flipped = bytes;
      // The header and the small sections as often as the rest.
      const std::size_t range = round % 2 == 0 ? 400 : bytes.size();
      const std::size_t at = random.below(static_cast<std::uint32_t>(range));
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << random.below(8)));
      write(flipped);
      // Quick loading may miss what only changes scores; it still searches safely.
      const auto quick = load_index(path());
      if (quick.ok()) static_cast<void>((*quick)->search(data.query(1), {.limit = 10}));
      const auto thorough = load_index(path(), {.verify_all = true});
      if (!thorough.ok()) continue;
      // Only padding between sections is no part of any checksum.
      const auto good = (*thorough)->search(data.query(1), {.limit = 10});
      write(bytes);
      EXPECT_THAT(good, ElementsAreArray((*load_index(path()))->search(data.query(1), {.limit = 10}))) << at;
    }
  }
}

TEST_F(Snapshot, NamesTheVersionThatItCannotRead) {
  const TestVectors data = clustered_vectors(100, 16, 5);
  ASSERT_TRUE(save_index(*small_index(data, IndexKind::flat, Metric::cosine), path()).ok());
  std::string bytes = *read_file(path());
  bytes[8] = 9;
  write(bytes);
  const auto loaded = load_index(path());
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::unsupported);
  EXPECT_THAT(loaded.error().message, testing::HasSubstr("version 9"));
  EXPECT_EQ(load_index(path() / "nowhere").error().code, ErrorCode::unavailable);
}

TEST_F(Snapshot, FailsItsHealthCheckWhenVectorsWereDamaged) {
  const TestVectors data = clustered_vectors(500, 16, 6);
  ASSERT_TRUE(save_index(*small_index(data, IndexKind::ivf_int8, Metric::inner_product), path()).ok());
  std::string bytes = *read_file(path());
  // The vectors are the last section: all of them are turned round.
  for (std::size_t i = bytes.size() - 500 * 16 * 4 + 3; i < bytes.size(); i += 4)
    bytes[i] = static_cast<char>(bytes[i] ^ 0x80);
  write(bytes);
  EXPECT_EQ(load_index(path()).error().code, ErrorCode::corrupt);
  EXPECT_TRUE(load_index(path(), {.check_health = false}).ok());
}

TEST(SnapshotFormat, StillReadsTheFileThatTheFirstVersionWrote) {
  // Its health check holds the answer that was given then.
  const auto loaded = load_index(WINNOW_SOURCE_DIR "/tests/golden/vector_index_v1.bin", {.verify_all = true});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ((*loaded)->info().items, 60u);
  EXPECT_EQ((*loaded)->info().metric, Metric::l2);
  EXPECT_EQ((*loaded)->profile().health.answer.size(), 5u);
  EXPECT_EQ((*loaded)->profile().tuning.limit, 5u);
}

TEST(SnapshotFormat, StillReadsTheFileThatTheSecondVersionWrote) {
  const auto loaded = load_index(WINNOW_SOURCE_DIR "/tests/golden/vector_index_v2.bin", {.verify_all = true});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ((*loaded)->info().items, 150u);
  EXPECT_EQ((*loaded)->info().lists, 7u);
  EXPECT_EQ((*loaded)->profile().health.answer.size(), 5u);
  EXPECT_EQ((*loaded)->profile().tuning.effort, (SearchEffort{3, 9, 4}));
}

TEST_F(Snapshot, RefusesOtherFiles) {
  write("");
  EXPECT_EQ(load_index(path()).error().code, ErrorCode::corrupt);
  write("user,item,action\n1,2,view\n");
  EXPECT_THAT(load_index(path()).error().message, testing::HasSubstr("no vector index"));
  std::filesystem::remove(path());
  EXPECT_EQ(load_index(path()).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace winnow
