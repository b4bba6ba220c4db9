#include "models/graph/bspm.h"

#include <algorithm>
#include <utility>

#include "math/aligned.h"
#include "math/transpose.h"
#include "math/vector_kernels.h"
#include "models/graph/spectral.h"
#include "models/option_range.h"

namespace winnow {
namespace {

// So many users pass over the graph together.
constexpr std::size_t kBlock = 64;

}  // namespace

BspmModel::BspmModel(Propagation graph, ItemVectorsModel smooth, const BspmOptions& options)
    : graph_(std::move(graph)), smooth_(std::move(smooth)), options_(options) {}

void BspmModel::score_block(std::span<const std::span<const HistoryEntry>> histories,
                            std::span<float> scores) const {
  const std::size_t users = histories.size();
  const auto dims = static_cast<std::uint32_t>(users);
  // From here on items x users, as the graph spreads vectors of items.
  AlignedFloats asked(scores.size(), 0.0f);
  for (std::size_t u = 0; u < users; ++u) {
    for (const HistoryEntry& entry : histories[u]) {
      if (entry.item < items()) asked[entry.item * users + u] = entry.weight;
    }
  }
  AlignedFloats sharpened(scores.size());
  transpose(scores, items(), sharpened);
  axpy(1, graph_.spread(asked, dims), sharpened);
  AlignedFloats term = sharpened;
  float factor = 1;  // (-time)^k / k!
  constexpr int kOrder = 4;
  for (int k = 1; k <= kOrder && options_.time > 0; ++k) {
    term = graph_.spread(term, dims);
    factor *= -options_.time / static_cast<float>(k);
    axpy(factor, term, sharpened);
  }
  transpose(sharpened, users, scores);
}

void BspmModel::score_all(std::span<const std::span<const HistoryEntry>> histories,
                          std::span<float> scores) const {
  low_pass(smooth_, options_.smooth_weight, histories, scores);
  for (std::size_t first = 0; first < histories.size(); first += kBlock) {
    const auto block = histories.subspan(first, std::min(kBlock, histories.size() - first));
    score_block(block, scores.subspan(first * items(), block.size() * items()));
  }
}

Result<BspmModel> train_bspm(const Interactions& data, const BspmOptions& options,
                             const TrainProgress& progress) {
  WINNOW_RETURN_IF_ERROR(in_range("bspm.smooth_weight", options.smooth_weight, 0, 100));
  WINNOW_RETURN_IF_ERROR(in_range("bspm.time", options.time, 0, 10));
  WINNOW_TRY(
      ItemVectorsModel smooth,
      train_spectral(data, {.dims = options.dims, .iterations = options.iterations, .seed = options.seed},
                     progress));
  return BspmModel(Propagation(data), std::move(smooth), options);
}

}  // namespace winnow
