// Where a training stands, on disk: what it takes to go on as if it had never ended.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "learner.h"

namespace winnow {

// Epochs at the full learning rate, at the rate after its first fall, and so on: those that led to the best
// epoch.
using Schedule = std::vector<std::uint32_t>;

// How early stopping stands.
struct Standing {
  std::uint32_t epoch = 0;  // begun so far
  std::uint32_t best_epoch = 0;
  double ndcg = -1;  // NDCG@10 of the last validation; -1: none yet, or nothing is held out
  double best_ndcg = -1;
  std::uint32_t fell_after_epoch = 0;  // the last fall of the learning rate
  Schedule schedule{0};                // one more than the rate's falls
};

// Written aside and renamed into place, so that there is always a whole one. identity: of the data and
// options.
void save_archive(const std::filesystem::path& path, std::uint64_t identity,
                  torch::serialize::OutputArchive& archive);
// conflict for a checkpoint of another identity, corrupt for other bytes.
Result<torch::serialize::InputArchive> load_archive(const std::filesystem::path& path,
                                                    std::uint64_t identity);

// What a checkpoint must agree on with the run that goes on from it.
std::uint64_t fingerprint(const TrainingSequences& sequences, const TrainerOptions& options);

void save_checkpoint(const std::filesystem::path& path, std::uint64_t identity, const Standing& standing,
                     const Learner& learner, const Snapshot& best);

// Fills learner and best. Errors: those of load_archive.
Result<Standing> load_checkpoint(const std::filesystem::path& path, std::uint64_t identity, Learner& learner,
                                 Snapshot& best);

}  // namespace winnow
