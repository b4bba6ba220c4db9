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
};

// Immutable and thread-safe, each thread with a workspace of its own.
class MmoeNetwork {
 public:
  // Rows that pass through all steps together, so that what lies between stays in the second-level cache.
  static constexpr std::size_t kBlockRows = 64;

  virtual ~MmoeNetwork() = default;

  enum class Outcome { done, bad_input, bad_score };
  // rows: at most kBlockRows x inputs; scores: the same number x heads. Not finite numbers, read or computed,
  // are told apart.
  virtual Outcome run(std::span<const float> rows, MmoeWorkspace& workspace,
                      std::span<float> scores) const = 0;
};

// model: one that passes check(); for int8 with at least one sample row.
std::unique_ptr<const MmoeNetwork> make_float_network(const MmoeModel& model);
// Weights rounded to bfloat16. Where the processor does not multiply bfloat16, arithmetic is single
// precision.
std::unique_ptr<const MmoeNetwork> make_bfloat16_network(const MmoeModel& model, CpuLevel cpu);
std::unique_ptr<const MmoeNetwork> make_int8_network(const MmoeModel& model, CpuLevel cpu);

}  // namespace winnow
