// Matrix factorisation for implicit feedback by alternating least squares.
//
// Objective: Hu, Koren, Volinsky 2008, in the form of Rendle et al. 2021 (iALS++/"Revisiting iALS"): observed pairs have
// confidence 1 + alpha * weight on target 1, all pairs have confidence `unobserved_weight` on target 0, and the
// L2 term of a row scales with frequency^nu. Solved in the eigenbasis of the Gramian, where implicit term plus
// regularisation is diagonal, by a few warm-started Jacobi-preconditioned conjugate-gradient steps; exact Cholesky
// is the oracle. User vectors are not part of the model: a user is folded in from the history at request time, so
// the newest event counts and the model holds no personal data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "models/interactions.h"

namespace winnow {

struct AlsOptions {
  std::uint32_t dims = 64;  // multiple of 16, 16 to 512
  std::uint32_t epochs = 16;
  float unobserved_weight = 0.1f;
  float regularization = 0.003f;
  float frequency_exponent = 1.0f;  // nu
  float confidence = 0;             // alpha: extra confidence per unit of weight; 0 treats all pairs alike
  std::uint32_t cg_steps = 3;
  bool exact = false;               // Cholesky instead of conjugate gradients: the oracle
  std::uint64_t seed = 1;
};

class AlsModel final {
 public:
  // factors: items x dims, row-major.
  AlsModel(std::uint32_t items, AlsOptions options, std::vector<float> factors);

  std::uint32_t items() const { return items_; }
  std::uint32_t dims() const { return options_.dims; }
  const AlsOptions& options() const { return options_; }
  std::span<const float> factor(std::uint32_t item) const {
    return std::span(factors_).subspan(std::size_t{item} * dims(), dims());
  }
  std::span<const float> factors() const { return factors_; }

  // The user vector (dims) that the objective gives this history; zeros for an empty one. Entries beyond
  // items() are passed over. O(|history| * dims * steps); thread-safe.
  std::vector<float> fold_in(std::span<const HistoryEntry> history) const;

  // scores[i] = <user, factor(i)> for all items; scores.size() == items(). O(items * dims).
  void score_all(std::span<const float> user, std::span<float> scores) const;

  std::string encode() const;  // docs/formats/bundle.md
  static Result<AlsModel> decode(std::string_view bytes);

 private:
  void prepare();  // the Gramian and its eigenbasis, for fold_in

  std::uint32_t items_;
  AlsOptions options_;
  std::vector<float> factors_;
  std::vector<float> rotated_;      // factors in the eigenbasis
  std::vector<float> basis_;        // dims x dims, columns are eigenvectors
  std::vector<float> eigenvalues_;  // dims
};

// Same data, options and seed give the same bytes on one machine type. Errors: no interactions, options out of range.
Result<AlsModel> train_als(const Interactions& data, const AlsOptions& options, const TrainProgress& progress = {});

}  // namespace winnow
