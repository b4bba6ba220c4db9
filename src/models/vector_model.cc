#include "models/vector_model.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "math/dense.h"

namespace winnow {

void VectorModel::score_all(std::span<const std::span<const HistoryEntry>> histories,
                            std::span<float> scores) const {
  WINNOW_CHECK(scores.size() == histories.size() * items());
  std::vector<float> users;
  users.reserve(histories.size() * dims());
  for (const auto history : histories) {
    const std::vector<float> user = fold_in(history);
    users.insert(users.end(), user.begin(), user.end());
  }
  multiply_transposed(users, item_vectors(), dims(), scores);
}

AlignedFloats picked_rows(std::span<const float> vectors, std::uint32_t dims,
                          std::span<const std::uint32_t> rows) {
  AlignedFloats out(rows.size() * dims, 0.0f);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t from = std::size_t{rows[i]} * dims;
    if (from + dims > vectors.size()) continue;
    std::ranges::copy(vectors.subspan(from, dims), out.begin() + static_cast<std::ptrdiff_t>(i * dims));
  }
  return out;
}

bool all_finite(const VectorModel& model) {
  return std::ranges::all_of(model.item_vectors(), [](float value) { return std::isfinite(value); });
}

}  // namespace winnow
