// The forward pass of a mixture of experts for some rows, once for each kind of number that it computes in.
// Private to MmoeScorer.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "math/aligned.h"
#include "math/cpu_level.h"
#include "models/multitask/mmoe_model.h"

namespace winnow {

using NetworkBytes = std::vector<std::byte, CacheAligned<std::byte>>;

// What a block of rows needs between its steps. Any network fits it to itself, once.
struct MmoeWorkspace {
  NetworkBytes inputs, hidden, mixed;  // of the network's own numbers
  AlignedFloats outputs, gates, head, probabilities;
  // What the common inputs come to, which is the bias of the first layers: the experts', then the gates'.
  AlignedFloats bias;
};

// The first inputs of a row, its common ones, are the same for all rows of a run: they go through the first
// layers once a run, and the others once a row.
//
// Immutable and thread-safe, each thread with a workspace of its own.
class MmoeNetwork {
 public:
  // Rows that pass through all steps together, so that what lies between stays in the second-level cache.
  static constexpr std::size_t kBlockRows = 64;

  virtual ~MmoeNetwork() = default;

  enum class Outcome { done, bad_input, bad_score };
  // Before the first block of a run. row: any of the run's.
  virtual Outcome begin_run(std::span<const float> row, MmoeWorkspace& workspace) const = 0;
  // rows: at most kBlockRows x inputs, of the run; scores: the same number x heads. Not finite numbers, read
  // or computed, are told apart.
  virtual Outcome run(std::span<const float> rows, MmoeWorkspace& workspace,
                      std::span<float> scores) const = 0;
};

// model: one that passes check(); for int8 with at least one sample row. common: how many of its inputs are
// common ones, less than all.
std::unique_ptr<const MmoeNetwork> make_float_network(const MmoeModel& model, std::size_t common);
// Weights rounded to bfloat16. Where the processor does not multiply bfloat16, arithmetic is single
// precision.
std::unique_ptr<const MmoeNetwork> make_bfloat16_network(const MmoeModel& model, std::size_t common,
                                                         CpuLevel cpu);
std::unique_ptr<const MmoeNetwork> make_int8_network(const MmoeModel& model, std::size_t common,
                                                     CpuLevel cpu);

}  // namespace winnow
