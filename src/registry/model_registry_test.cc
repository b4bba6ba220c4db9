#include "registry/model_registry.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <thread>

#include "base/file.h"
#include "base/random.h"
#include "base/testing_folder.h"
#include "models/model_index.h"
#include "registry/bundle_files.h"
#include "registry/live_file.h"
#include "registry/sealed_json.h"
#include "registry/testing_bundle.h"

namespace winnow {
namespace {

namespace fs = std::filesystem;

class ModelRegistryTest : public testing::Test {
 protected:
  ModelRegistry open() const {
    auto registry = ModelRegistry::open(directory_);
    WINNOW_CHECK(registry.ok());
    return std::move(registry).value();
  }
  std::string put(std::uint64_t seed) const {
    auto version = open().put(testing_bundle(seed));
    WINNOW_CHECK(version.ok());
    return *version;
  }
  std::string live() const {
    const auto version = open().live();
    WINNOW_CHECK(version.ok());
    return version->value_or("");
  }
  std::vector<VersionInfo> versions() const {
    auto infos = open().versions();
    WINNOW_CHECK(infos.ok());
    return std::move(infos).value();
  }
  std::string stage_of(const std::string& version) const {
    for (const VersionInfo& info : versions()) {
      if (info.version == version) return info.stage;
    }
    return "gone";
  }
  static void overwrite(const fs::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }

  TestFolder folder_;
  const fs::path directory_ = folder_.path();
};

TEST_F(ModelRegistryTest, GivesBackTheBundleThatWasPut) {
  const ModelBundle bundle = testing_bundle(7);
  const auto version = open().put(testing_bundle(7));
  ASSERT_TRUE(version.ok()) << version.error().message;
  const auto loaded = open().load(*version);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ((*loaded)->version, *version);
  EXPECT_EQ((*loaded)->created_ms, bundle.created_ms);
  EXPECT_EQ((*loaded)->trained_to, bundle.trained_to);
  EXPECT_EQ((*loaded)->item_ids, bundle.item_ids);
  EXPECT_EQ((*loaded)->models.als.encode(), bundle.models.als.encode());
  EXPECT_EQ((*loaded)->models.item_to_item.encode(), bundle.models.item_to_item.encode());
  EXPECT_EQ((*loaded)->models.popularity.encode(), bundle.models.popularity.encode());
  EXPECT_EQ((*loaded)->blend.encode(), bundle.blend.encode());
  EXPECT_EQ((*loaded)->metrics, bundle.metrics);
  EXPECT_EQ((*loaded)->statistics, bundle.statistics);
}

TEST_F(ModelRegistryTest, ABundleKeepsItsVectorIndex) {
  ModelBundle bundle = testing_bundle(1, 2000);
  bundle.indexes["als"] = build_model_index(bundle.models.als, {}, {.from_items = 1, .limit = 20}).value();
  const std::string version = open().put(bundle).value();
  const auto loaded = open().load(version);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  ASSERT_NE(index_of(**loaded, "als"), nullptr);
  const auto query = bundle.models.als.item_vector(7);
  EXPECT_EQ(index_of(**loaded, "als")->search(query, {.limit = 5}),
            index_of(bundle, "als")->search(query, {.limit = 5}));
  EXPECT_EQ(indexes_of(**loaded).front().tuning, index_of(bundle, "als")->profile().tuning);
}

TEST_F(ModelRegistryTest, ADamagedVectorIndexIsBuiltAnew) {
  ModelBundle bundle = testing_bundle(1, 2000);
  bundle.indexes["als"] = build_model_index(bundle.models.als, {}, {.from_items = 1, .limit = 20}).value();
  const std::string version = open().put(bundle).value();
  overwrite(directory_ / version / "als.index", "nonsense");
  const auto loaded = open().load(version);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  ASSERT_NE(index_of(**loaded, "als"), nullptr);
  EXPECT_EQ(index_of(**loaded, "als")->search(bundle.models.als.item_vector(7), {.limit = 1}).front().item,
            index_of(bundle, "als")->search(bundle.models.als.item_vector(7), {.limit = 1}).front().item);
}

TEST_F(ModelRegistryTest, StoresTheSameBundleOnce) {
  EXPECT_EQ(put(1), put(1));
  EXPECT_EQ(versions().size(), 1u);
}

TEST_F(ModelRegistryTest, FollowsAVersionThroughItsStages) {
  const std::string a = put(1), b = put(2), c = put(3);
  EXPECT_EQ(live(), "");
  EXPECT_EQ(stage_of(a), "candidate");
  ASSERT_TRUE(open().promote(a).ok());
  EXPECT_EQ(stage_of(a), "live");
  ASSERT_TRUE(open().promote(b).ok());
  EXPECT_EQ(live(), b);
  EXPECT_EQ(stage_of(a), "retired");
  ASSERT_TRUE(open().reject(c, "NDCG@10 fell by 12%").ok());
  EXPECT_EQ(stage_of(c), "rejected");
  EXPECT_EQ(versions().front().note, "NDCG@10 fell by 12%");

  const auto back = open().roll_back();
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(*back, a);
  EXPECT_EQ(live(), a);
  EXPECT_EQ(stage_of(b), "retired");
  const auto further = open().roll_back();
  ASSERT_FALSE(further.ok());
  EXPECT_EQ(further.error().code, ErrorCode::conflict);
}

// Of a feature that this release knows or does not.
std::shared_ptr<const RankerModel> ranker_of(const std::string& feature) {
  auto ranker = std::make_shared<RankerModel>();
  ranker->full_features = {feature};
  ranker->heads = {"like"};
  ranker->worth = {1};
  ranker->calibration.resize(1);
  TreeModel trees;
  trees.features = 1;
  trees.base = {0};
  trees.trees = {{0, {{0, 0, 0, false, 1}}}};
  ranker->trees = {trees};
  return ranker;
}

TEST_F(ModelRegistryTest, ARankerThatCannotBeOpenedNeverComesToServe) {
  const auto put_with = [&](std::uint64_t seed, const std::string& feature) {
    ModelBundle bundle = testing_bundle(seed);
    bundle.ranker = ranker_of(feature);
    return open().put(std::move(bundle)).value();
  };
  const std::string good = put_with(1, "source.blend");
  const std::string bad = put_with(2, "no.such_feature");
  const std::string newest = put_with(3, "source.blend");
  ASSERT_TRUE(open().promote(good).ok());
  const Status promoted = open().promote(bad);
  ASSERT_FALSE(promoted.ok());
  EXPECT_EQ(promoted.error().code, ErrorCode::unsupported);
  EXPECT_NE(promoted.error().message.find("no.such_feature"), std::string::npos);
  EXPECT_NE(promoted.error().message.find("ranker.bin"), std::string::npos);
  EXPECT_EQ(live(), good);

  overwrite(directory_ / "live", encode_live({newest, {bad, good}, {}}));
  EXPECT_EQ(open().roll_back().value(), good) << "beyond what cannot serve";
  EXPECT_EQ(open().earlier().value(), std::vector<std::string>());
  overwrite(directory_ / "live", encode_live({newest, {bad}, {}}));
  EXPECT_EQ(open().roll_back().error().code, ErrorCode::unsupported);
  EXPECT_EQ(live(), newest);
}

TEST_F(ModelRegistryTest, RefusesWhatMustNotServe) {
  const std::string a = put(1), b = put(2);
  ASSERT_TRUE(open().promote(a).ok());
  ASSERT_TRUE(open().reject(b, "it is worse").ok());
  EXPECT_EQ(open().promote(b).error().code, ErrorCode::conflict);
  EXPECT_EQ(open().reject(a, "too late").error().code, ErrorCode::conflict);
  EXPECT_EQ(open().promote("20260101-000000-000000").error().code, ErrorCode::not_found);
  EXPECT_EQ(open().load("../../etc/passwd").error().code, ErrorCode::not_found);
  EXPECT_EQ(open().roll_back().error().code, ErrorCode::conflict);
  EXPECT_EQ(live(), a);
}

TEST_F(ModelRegistryTest, ListsTheNewestFirst) {
  const std::string older = put(1), newest = put(9), old = put(4);
  const std::vector<VersionInfo> infos = versions();
  ASSERT_EQ(infos.size(), 3u);
  EXPECT_EQ(infos[0].version, newest);
  EXPECT_EQ(infos[1].version, old);
  EXPECT_EQ(infos[2].version, older);
  EXPECT_GT(infos[0].bytes, 1000u);
  EXPECT_EQ(infos[0].metrics, testing_bundle(9).metrics);
}

TEST_F(ModelRegistryTest, PrunesAllButTheNewestAndTheWayBack) {
  std::vector<std::string> stored;
  for (std::uint64_t seed = 0; seed < 6; ++seed) stored.push_back(put(seed));
  for (const std::size_t i : {0, 2, 1}) ASSERT_TRUE(open().promote(stored[i]).ok());
  ASSERT_TRUE(open().prune(2).ok());
  std::set<std::string> left;
  for (const VersionInfo& info : versions()) left.insert(info.version);
  EXPECT_EQ(left, (std::set<std::string>{stored[1], stored[2], stored[4], stored[5]}));
  EXPECT_EQ(*open().roll_back(), stored[2]);
  EXPECT_EQ(open().roll_back().error().code, ErrorCode::conflict)
      << "the oldest is gone, so the way back ends";
}

// Damage: whatever byte of whatever file changes, is cut off or goes missing, loading says corrupt, names the
// file and the remedy, and the version cannot come to serve.
TEST_F(ModelRegistryTest, FindsDamageInEveryRegionOfEveryFile) {
  const std::string version = put(5);
  const fs::path folder = directory_ / version;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string intact = *read_file(entry.path());
    const std::string name = entry.path().filename().string();
    const auto expect_corrupt = [&](const std::string& how) {
      const auto loaded = open().load(version);
      ASSERT_FALSE(loaded.ok()) << name << " " << how;
      EXPECT_EQ(loaded.error().code, ErrorCode::corrupt)
          << name << " " << how << ": " << loaded.error().message;
      EXPECT_NE(loaded.error().message.find(name), std::string::npos) << loaded.error().message;
      EXPECT_NE(loaded.error().message.find("winnow rollback"), std::string::npos) << loaded.error().message;
      EXPECT_FALSE(open().promote(version).ok());
    };
    // Every 37th byte; of the manifest the format number aside, which makes it a file of another release.
    for (std::size_t at = name == "manifest.json" ? 11 : 0; at < intact.size(); at += 37) {
      std::string bytes = intact;
      bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
      overwrite(entry.path(), bytes);
      expect_corrupt("byte " + std::to_string(at));
    }
    for (const std::size_t size : {std::size_t{0}, intact.size() / 2, intact.size() - 1}) {
      overwrite(entry.path(), std::string_view(intact).substr(0, size));
      expect_corrupt("cut to " + std::to_string(size));
    }
    overwrite(entry.path(), intact + "x");
    expect_corrupt("with a tail");
    fs::remove(entry.path());
    expect_corrupt("missing");
    overwrite(entry.path(), intact);
    EXPECT_TRUE(open().load(version).ok()) << name;
  }
}

TEST_F(ModelRegistryTest, RefusesABundleOfAnotherRelease) {
  const std::string version = put(5);
  const fs::path manifest = directory_ / version / kManifestFile;
  overwrite(manifest, seal_json("{\"layout\":\"unknown\"}", kBundleFormat + 1));
  const auto loaded = open().load(version);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::unsupported);
  EXPECT_NE(loaded.error().message.find("winnow train"), std::string::npos);
  EXPECT_EQ(versions().front().stage, "damaged");
}

TEST_F(ModelRegistryTest, GoesForwardFromADamagedLiveFile) {
  const std::string a = put(1), b = put(2);
  ASSERT_TRUE(open().promote(a).ok());
  overwrite(directory_ / "live", "{\"format\":1,");
  const auto live_version = open().live();
  ASSERT_FALSE(live_version.ok());
  EXPECT_EQ(live_version.error().code, ErrorCode::corrupt);
  EXPECT_NE(live_version.error().message.find("winnow train"), std::string::npos);
  EXPECT_EQ(open().roll_back().error().code, ErrorCode::corrupt);
  ASSERT_TRUE(open().promote(b).ok());
  EXPECT_EQ(live(), b);
}

TEST_F(ModelRegistryTest, LeavesNothingBehindWhenABundleCannotBeStored) {
  ModelBundle bad = testing_bundle(1);
  bad.metrics["blend.ndcg@10"] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(open().put(std::move(bad)).error().code, ErrorCode::invalid);
  bad = testing_bundle(1);
  bad.created_ms = std::numeric_limits<TimestampMs>::max();
  EXPECT_EQ(open().put(std::move(bad)).error().code, ErrorCode::invalid);
  std::size_t entries = 0;
  for (const auto& entry : fs::directory_iterator(directory_)) entries += entry.path().filename() != "lock";
  EXPECT_EQ(entries, 0u);
}

// Runs `work` in a child process and returns its id.
template <class Work>
pid_t in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  return child;
}

TEST_F(ModelRegistryTest, TakesTurnsBetweenProcesses) {
  constexpr std::uint64_t kEach = 8;
  const auto writer = [&](std::uint64_t first) {
    for (std::uint64_t seed = first; seed < first + kEach; ++seed) {
      auto version = open().put(testing_bundle(seed));
      if (!version.ok() || !open().promote(*version).ok()) return false;
    }
    return true;
  };
  const pid_t a = in_child([&] { return writer(100); });
  const pid_t b = in_child([&] { return writer(200); });
  for (const pid_t child : {a, b}) {
    int status = 1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(versions().size(), 2 * kEach);
  std::size_t steps_back = 0;
  for (; open().roll_back().ok(); ++steps_back) {
  }
  EXPECT_EQ(steps_back, 2 * kEach - 1) << "no promotion was lost";
}

// A writer killed at any moment leaves the old state or the new one: what is live loads, what is listed is
// whole.
TEST_F(ModelRegistryTest, SurvivesWritersKilledAtAnyMoment) {
  Random random(20'260'101);
  ASSERT_TRUE(open().promote(put(1)).ok());
  for (std::uint64_t round = 0; round < 40; ++round) {
    const pid_t child = in_child([&] {
      for (std::uint64_t seed = 1000 * (round + 1);; ++seed) {
        auto version = open().put(testing_bundle(seed));
        if (!version.ok() || !open().promote(*version).ok() || !open().prune(3).ok()) return false;
      }
    });
    const double until = steady_seconds() + 0.02 * random.uniform();
    while (steady_seconds() < until) {
    }
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed before it was killed";

    const auto bundle = open().load(live());
    ASSERT_TRUE(bundle.ok()) << bundle.error().message;
    for (const VersionInfo& info : versions()) {
      EXPECT_NE(info.stage, "damaged") << info.note;
      EXPECT_TRUE(open().load(info.version).ok());
    }
  }
  ASSERT_TRUE(open().promote(put(2)).ok());
  for (const auto& entry : fs::directory_iterator(directory_)) {
    EXPECT_FALSE(entry.path().filename().string().starts_with(".unfinished-")) << entry.path();
  }
}

}  // namespace
}  // namespace winnow
