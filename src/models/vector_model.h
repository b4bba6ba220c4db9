// VectorModel: a model whose opinion of an item is the inner product of two vectors, one of the item and one
// of what the user did before.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/aligned.h"
#include "models/scoring_model.h"

namespace winnow {

class VectorModel : public ScoringModel {
 public:
  virtual std::uint32_t dims() const = 0;

  // What a vector index holds: items() x dims(), row-major.
  virtual std::span<const float> item_vectors() const = 0;
  std::span<const float> item_vector(std::uint32_t item) const {
    return item_vectors().subspan(std::size_t{item} * dims(), dims());
  }

  // The user's vector (dims()); zeros for a history that says nothing. Entries beyond items() are passed
  // over. Thread-safe.
  virtual std::vector<float> fold_in(std::span<const HistoryEntry> history) const = 0;

  // Every user folded in, then one product of matrices.
  void score_all(std::span<const std::span<const HistoryEntry>> histories,
                 std::span<float> scores) const final;

 protected:
  VectorModel() = default;
  VectorModel(const VectorModel&) = default;
  VectorModel& operator=(const VectorModel&) = default;
};

// The vectors (each `dims` long) of other rows: out[i] is vectors[rows[i]], and zero where that is beyond
// them.
AlignedFloats picked_rows(std::span<const float> vectors, std::uint32_t dims,
                          std::span<const std::uint32_t> rows);

// True when every number of the model's item vectors is finite.
bool all_finite(const VectorModel& model);

}  // namespace winnow
