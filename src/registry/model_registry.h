// The only door from batch to online: checksummed, versioned model bundles and which of them is live.
//
// A bundle is a folder DIR/<version>/ that appears whole (written beside, synced, renamed). DIR/live names
// the live version and the one before it; it is replaced atomically. Batch and serving processes share DIR
// and nothing else, so a server notices a new live version by looking at DIR/live. Writers of all processes
// take turns (DIR/lock); readers never wait. A writer that is killed leaves the old state or the new one.
// Format: docs/formats/bundle.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "index/vector_index.h"
#include "models/blend/blend.h"
#include "models/model_set.h"
#include "models/ranking/ranker_model.h"

namespace winnow {

// One version of everything that is trained. Immutable; holds no data of single users.
struct ModelBundle {
  std::string version;  // "20261121-085133-1a2b3c": UTC time of training and checksum
  TimestampMs created_ms = 0;
  std::uint64_t trained_to = 0;       // log position up to which events were read
  std::vector<std::string> item_ids;  // the models' vocabulary: row -> external item id
  ModelSet models;
  BlendWeights blend;
  std::shared_ptr<const RankerModel> ranker = nullptr;  // null where the blend alone ranks
  // By model of vectors ("als"): the index of its items; none where an exact search is as fast.
  std::map<std::string, std::shared_ptr<const VectorIndex>, std::less<>> indexes = {};
  std::map<std::string, double> metrics;     // "blend.ndcg@10" -> value, on the held-out part
  std::map<std::string, double> statistics;  // "events", "users", "train_seconds", ...
};

// A source's vector index: what it was tuned to reach.
struct IndexStatus {
  std::string source;
  std::string kind;
  std::uint32_t items = 0;
  Tuning tuning;
};

// Null when the model has no index.
const VectorIndex* index_of(const ModelBundle& bundle, std::string_view model);

std::vector<IndexStatus> indexes_of(const ModelBundle& bundle);

struct VersionInfo {
  std::string version;
  TimestampMs created_ms = 0;
  std::string stage;  // "candidate", "live", "retired", "rejected"; "damaged" when it cannot be read
  std::map<std::string, double> metrics;
  std::map<std::string, double> statistics;
  std::uint64_t bytes = 0;
  std::string note;  // why a gate rejected it, or what is damaged
};

class ModelRegistry final {
 public:
  static Result<ModelRegistry> open(std::filesystem::path directory);

  // Stores the bundle as a candidate and returns its version (bundle.version is ignored). invalid when a
  // metric is not finite, exhausted when the disk is full; nothing is left behind then.
  Result<std::string> put(ModelBundle bundle);
  // All of it, ready to serve. corrupt when a checksum fails, unsupported for a format or a feature of
  // another release, invalid when its ranker fails its check; the message says what to do.
  Result<std::shared_ptr<const ModelBundle>> load(const std::string& version) const;

  Result<std::optional<std::string>> live() const;   // cheap: reads one small file
  Result<std::vector<std::string>> earlier() const;  // where roll_back leads, newest first
  // To live, after reading all of it; the old live one is retired but kept. conflict when it was rejected.
  Status promote(const std::string& version);
  Status reject(const std::string& version, const std::string& why);
  // Back to the newest version that was live before and can be loaded; returns it. Again: one further.
  // conflict when there is none; else what is wrong with the newest.
  Result<std::string> roll_back();
  Result<std::vector<VersionInfo>> versions() const;  // newest first
  // Removes all but the newest `keep` versions; never the live one or the one before it.
  Status prune(std::size_t keep);

 private:
  explicit ModelRegistry(std::filesystem::path directory) : directory_(std::move(directory)) {}
  std::filesystem::path directory_;
};

}  // namespace winnow
