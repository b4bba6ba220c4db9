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

bool all_finite(const VectorModel& model) {
  return std::ranges::all_of(model.item_vectors(), [](float value) { return std::isfinite(value); });
}

}  // namespace winnow
