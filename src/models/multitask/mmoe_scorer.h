// Scores candidates by a mixture of experts (mmoe_model.h), many rows at a time, in the precision of choice.
//
// fp32 is the oracle. bf16 halves the weights and int8 quarters them; both are computed as such where the
// processor can (CpuLevel). int8 is calibrated on the model's own sample rows, channel by channel, and what
// it loses on them is measured when it is loaded: error().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/object_pool.h"
#include "base/result.h"
#include "math/cpu_level.h"
#include "models/multitask/mmoe_model.h"
#include "models/multitask/mmoe_network.h"

namespace winnow {

enum class Precision : std::uint8_t { fp32, bf16, int8 };

// "fp32", "bf16", "int8".
std::string_view name_of(Precision precision);
std::optional<Precision> parse_precision(std::string_view name);

struct MmoeScorerOptions {
  Precision precision = Precision::fp32;
  std::optional<CpuLevel> cpu{};  // of bf16 and int8; unset: the best of this machine
  // How many inputs, from the first one on, the candidates of a request have in common: what describes the
  // user and the moment. They are multiplied once for rows that follow each other and agree in them, however
  // many these are; scores are the same to the bit however rows are put together.
  std::size_t common = 0;
};

// How far probabilities are from the plain forward pass in single precision, over the model's sample rows.
struct PrecisionError {
  float largest = 0;
  float mean = 0;
};

// Immutable and thread-safe.
class MmoeScorer final {
 public:
  // invalid: the model fails its check, has no sample rows for int8, or this machine cannot run `cpu`. Takes
  // about a forward pass over the sample rows.
  static Result<MmoeScorer> open(const MmoeModel& model, MmoeScorerOptions options = {});

  // rows: any number x inputs(), row-major; scores: the same number x heads(), probabilities. Allocates
  // nothing once as many threads have called it at once as ever will. invalid: a feature, or what it leads
  // to, is not finite; scores then mean nothing. O(rows x weights).
  Status score(std::span<const float> rows, std::span<float> scores) const;

  std::size_t inputs() const { return shape_.inputs; }
  std::size_t heads() const { return shape_.heads; }
  const PrecisionError& error() const { return error_; }

 private:
  MmoeScorer(MmoeShape shape, std::size_t common, std::unique_ptr<const MmoeNetwork> network);

  // The first row after `begin` that differs from that one in a common input.
  std::size_t end_of_run(std::span<const float> rows, std::size_t begin) const;
  // first_row: of the caller's, for messages.
  Status score_run(std::span<const float> rows, std::size_t first_row, MmoeWorkspace& workspace,
                   std::span<float> scores) const;

  MmoeShape shape_;
  std::size_t common_;
  std::unique_ptr<const MmoeNetwork> network_;
  std::unique_ptr<ObjectPool<MmoeWorkspace>> workspaces_;
  PrecisionError error_;
};

}  // namespace winnow
