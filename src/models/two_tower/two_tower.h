// The two-tower model: a user's last actions become a vector, an item is a vector, and their inner product
// says how likely the item is to come next.
//
// User tower: a small causal Transformer (SASRec, Kang and McAuley 2018; normalisation before each block)
// over the newest `length` actions. An action's token is its item's vector times token_scale, plus an
// embedding of its kind, of the time since the action before, and of the user's profile. Positions enter
// attention as a learned bias by distance (T5, Raffel et al. 2020), so a history's prefix reads as it did in
// training. Item tower: an embedding of the id plus a small network over the bag of the item's hashed
// features; its output for every item of training lies in the model, and item_vector() gives new items
// theirs.
//
// winnow-trainer makes the model (libtorch); here it is only run, by kernels of our own. Weight matrices are
// kept as bfloat16, since that costs no measurable quality and halves them; arithmetic is single precision.
// The model carries probes: invented histories with the user vectors that libtorch computed for them in
// single precision. decode() runs them, so a model whose forward pass went wrong is refused, not served.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "math/panel_matrix.h"
#include "models/two_tower/actions.h"
#include "models/vector_model.h"

namespace winnow {

struct FeatureBags;

struct TwoTowerShape {
  std::uint32_t items = 0;
  std::uint32_t dims = 64;            // multiple of 32 and of 16 * heads, 32 to 512
  std::uint32_t layers = 2;           // 1 to 8
  std::uint32_t heads = 2;            // 1 to 16
  std::uint32_t inner = 64;           // width of the feed-forward networks: multiple of 32, 32 to 4096
  std::uint32_t length = 50;          // newest actions that are read, 1 to 1000
  std::uint32_t item_buckets = 0;     // 0: items have no features
  std::uint32_t profile_buckets = 0;  // 0: users have no profile
  float token_scale = 1;

  // The field that is out of range, with what it may be.
  Status check() const;
};

// One layer as training leaves it. Matrices are inputs x outputs, row-major.
struct TowerLayerWeights {
  std::vector<float> attention_gain, attention_bias;  // dims: normalisation before attention
  std::vector<float> project, project_bias;           // dims x 3 dims: queries, keys, values
  std::vector<float> distance_bias;                   // heads x length
  std::vector<float> merge, merge_bias;               // dims x dims
  std::vector<float> inner_gain, inner_bias;          // dims: normalisation before the network
  std::vector<float> widen, widen_bias;               // dims x inner
  std::vector<float> narrow, narrow_bias;             // inner x dims
};

// An invented history and the user vector that the trainer's own forward pass gives it.
struct TowerProbe {
  std::vector<TowerAction> actions;
  std::vector<std::uint32_t> profile;
  std::vector<float> user;
};

struct TwoTowerWeights {
  TwoTowerShape shape;
  std::vector<float> item_vectors;        // items x dims, both parts of the item tower together
  std::vector<float> kinds;               // kActionKinds x dims
  std::vector<float> gaps;                // kGapBuckets x dims
  std::vector<float> profile_embeddings;  // profile_buckets x dims
  std::vector<TowerLayerWeights> layers;
  std::vector<float> last_gain, last_bias;  // dims: normalisation of the result
  // The item tower's second part, empty without buckets: the mean of the features' embeddings (item_buckets x
  // dims), then dims x dims with ReLU, then dims x dims.
  std::vector<float> feature_embeddings;
  std::vector<float> feature_widen, feature_widen_bias;
  std::vector<float> feature_narrow, feature_narrow_bias;
  std::vector<TowerProbe> probes;

  // Every array has the size that the shape asks for, and every number is finite; else the error names it.
  Status check() const;
};

class TwoTowerModel final : public VectorModel {
 public:
  // weights pass check().
  explicit TwoTowerModel(TwoTowerWeights weights);

  const TwoTowerShape& shape() const { return weights_.shape; }
  std::uint32_t items() const override { return weights_.shape.items; }
  std::uint32_t dims() const override { return weights_.shape.dims; }
  std::span<const float> item_vectors() const override { return weights_.item_vectors; }
  // As they are used: matrices rounded to bfloat16.
  const TwoTowerWeights& weights() const { return weights_; }

  // The vector (dims) of an item that training has not seen, from its feature_bucket()s; zeros when it has
  // none or the model has no item features. O(features * dims + dims^2).
  std::vector<float> vector_of_features(std::span<const std::uint32_t> features) const;

  // The user vector (dims) after these actions, oldest first; only the newest shape().length count, those of
  // items without a vector are passed over. Zeros when none is left. profile: feature_bucket()s.
  // O(length * dims^2 * layers); thread-safe.
  std::vector<float> user_vector(std::span<const TowerAction> actions,
                                 std::span<const std::uint32_t> profile = {}) const;

  // user_vector() of a history in order of time; kinds are unknown.
  std::vector<float> fold_in(std::span<const HistoryEntry> history) const override;

  // The model of a vocabulary whose item i has the row rows[i] here. Items whose row is not below items() get
  // the vector of their features (rows: the vocabulary's items); zeros where they have none.
  TwoTowerModel with_items(std::span<const std::uint32_t> rows, const FeatureBags& features) const;

  // The largest distance between a probe's user vector here and the trainer's, relative to the latter's
  // length.
  float worst_probe_error() const;
  // What rounding weights to bfloat16 may cost; beyond it decode() refuses the model.
  static constexpr float kLargestProbeError = 0.02f;

  std::string encode() const;  // docs/formats/two-tower.md
  // corrupt for other bytes or a probe beyond the bound, unsupported for another version.
  static Result<TwoTowerModel> decode(std::string_view bytes);

 private:
  struct Layer {
    PanelMatrix project_query, project_rest, merge, widen, narrow;  // rest: keys, then values
  };

  TwoTowerWeights weights_;    // matrices rounded to bfloat16
  std::vector<Layer> layers_;  // the same matrices as kernels read them
};

namespace reference {
// The user vector by the definition, slowly: every layer at every position, no kernels.
std::vector<float> user_vector(const TwoTowerWeights& weights, std::span<const TowerAction> actions,
                               std::span<const std::uint32_t> profile = {});
}  // namespace reference

}  // namespace winnow
