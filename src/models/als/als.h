// Matrix factorisation for implicit feedback by alternating least squares.
//
// Objective: Hu, Koren, Volinsky 2008, in the form of Rendle et al. 2021 ("Revisiting the Performance of
// iALS"):
//
//     sum over users of s_u * ( sum over observed i of c_ui (1 - <x_u, y_i>)^2  +  a0 * sum over all i of
//     <x_u, y_i>^2
//                               + lambda_u |x_u|^2 )  +  sum over items of lambda_i |y_i|^2
//
//     c_ui = (1 + alpha * w_ui / mean w) / (1 + alpha): 1 on average, so that alpha changes how much the
//     weights
//            matter and nothing else; alpha = 0 treats all pairs alike
//     a0 = unobserved_weight; an observed pair carries its term of the second sum as well
//     s_u proportional to (items of u)^-user_exponent, 1 on average over pairs: heavy users say less per pair
//     lambda_row = regularization * (sum of the row's c s + a0 * number of columns)^nu; s_u cancels for users
//
// Solved in the eigenbasis of the Gramian, where the second sum and the regularisation are diagonal together,
// by a few warm-started preconditioned conjugate-gradient steps (math/ridge.h); exact Cholesky is the oracle.
// The model keeps its factors in that basis, since scores are the same in any. User vectors are not part of
// it: a user is folded in from the history at request time, so the newest event counts and the model holds no
// personal data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "math/aligned.h"
#include "models/als/als_team.h"
#include "models/interactions.h"
#include "models/vector_model.h"

namespace winnow {

struct AlsOptions {
  std::uint32_t dims = 64;  // multiple of 16, 16 to 512
  std::uint32_t epochs = 10;
  // a0; 0 lets the data's density choose: all unobserved pairs together weigh kUnobservedMass times the
  // observed ones.
  float unobserved_weight = 0;
  float regularization = 0.008f;
  float frequency_exponent = 1.0f;  // nu
  float user_exponent = 0.5f;       // of s
  float confidence = 1;             // alpha
  std::uint32_t cg_steps = 3;
  bool exact = false;  // Cholesky instead of conjugate gradients: the oracle
  std::uint64_t seed = 1;

  // Found good from 100 thousand to a million interactions, at densities from 0.0006 to 0.03.
  static constexpr float kUnobservedMass = 20;
};

// What folding in an item needs of the users that the model was trained on, none of whom can be told from it.
struct AlsUserSide {
  std::vector<float> gramian;  // dims x dims: sum of s_u x_u x_u', in the basis of the factors
  std::uint32_t users = 0;
  double share_scale = 1;  // s_u = share_scale * (items of u)^-user_exponent
};

class AlsModel final : public VectorModel {
 public:
  // factors: items x dims, row-major, in any basis. mean_weight: of the training pairs, the unit of their
  // confidence. users: empty when items are not to be folded in.
  AlsModel(std::uint32_t items, AlsOptions options, std::span<const float> factors, float mean_weight = 1,
           AlsUserSide users = {});

  std::uint32_t items() const override { return items_; }
  std::uint32_t dims() const override { return options_.dims; }
  const AlsOptions& options() const { return options_; }  // unobserved_weight resolved
  std::span<const float> item_vectors() const override { return factors_; }

  // The user vector (dims) that the objective gives this history; zeros for an empty one. Entries beyond
  // items() are passed over. O(|history| * dims * steps); thread-safe.
  std::vector<float> fold_in(std::span<const HistoryEntry> history) const override;

  // The factor (dims) that the objective gives an item whom these users had to do with: what a new item is
  // worth before the next training. An empty one for a model without a user side, or without users.
  // O(users * dims + dims^3): well below a millisecond up to some hundred users of 128 dims. Thread-safe.
  struct ItemUser {
    std::span<const float> vector;  // dims, as fold_in() gives it
    float weight = 1;               // of the pair
    std::uint32_t items = 1;        // in the user's history
  };
  std::vector<float> fold_in_item(std::span<const ItemUser> users) const;

  std::string encode() const;  // docs/formats/models.md
  static Result<AlsModel> decode(std::string_view bytes);

 private:
  AlsModel() = default;

  std::uint32_t items_ = 0;
  AlsOptions options_;
  float mean_weight_ = 1;
  AlignedFloats factors_;           // items x dims, in the eigenbasis of their Gramian
  std::vector<float> eigenvalues_;  // dims, of that Gramian
  AlsUserSide users_;               // its Gramian in the same basis
};

// The a0 that unobserved_weight = 0 stands for on this data.
float density_weight(const Interactions& data);

// Same data, options and seed give the same bytes on one machine type. When `progress` returns false, the
// model is what was learned so far. Errors: no interactions, options out of range (the field is named).
// team: of processes that train together, all with the same arguments (als_team.h); null to train alone. The
// result is the same; `progress` must be too, or none.
Result<AlsModel> train_als(const Interactions& data, const AlsOptions& options,
                           const TrainProgress& progress = {}, AlsTeam* team = nullptr);

// Between two full trainings: the model moved on to newer data by `epochs` epochs that start from its factors
// instead of from random ones, with its own options. model_row: for each item of the data its row in the
// model; one that is not below model.items() stands for a new item. One epoch on data that has grown by a few
// per cent ends near where a full training does. Errors: as train_als; not one row for each item.
Result<AlsModel> refresh_als(const AlsModel& model, std::span<const std::uint32_t> model_row,
                             const Interactions& data, std::uint32_t epochs = 1,
                             const TrainProgress& progress = {});

}  // namespace winnow
