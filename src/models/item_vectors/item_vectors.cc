#include "models/item_vectors/item_vectors.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "math/dense.h"
#include "math/sparse_rows.h"
#include "math/vector_kernels.h"
#include "models/encoding.h"
#include "models/history_decay.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WVEC";
constexpr std::uint32_t kFormat = 1;

}  // namespace

ItemVectorsModel::ItemVectorsModel(std::uint32_t dims, AlignedFloats spoken, AlignedFloats answers,
                                   float history_half_life_days)
    : dims_(dims),
      history_half_life_days_(history_half_life_days),
      spoken_(std::move(spoken)),
      answers_(std::move(answers)) {
  WINNOW_CHECK(dims > 0 && answers_.size() % dims == 0 && spoken_.size() == answers_.size());
}

std::vector<float> ItemVectorsModel::sum_of(std::span<const HistoryEntry> history) const {
  const std::vector<float> weights = decayed_weights(history, history_half_life_days_);
  std::vector<std::uint32_t> rows;
  std::vector<float> known;
  for (std::size_t h = 0; h < history.size(); ++h) {
    if (history[h].item >= items()) continue;
    rows.push_back(history[h].item);
    known.push_back(weights[h]);
  }
  std::vector<float> user(dims_);
  sum_rows(spoken_, rows, known, user);
  return user;
}

std::vector<float> ItemVectorsModel::fold_in(std::span<const HistoryEntry> history) const {
  std::vector<float> user = sum_of(history);
  const float length = std::sqrt(dot(user, user));
  if (length > 0) {
    for (float& value : user) value /= length;
  }
  return user;
}

ItemVectorsModel ItemVectorsModel::with_items(std::span<const std::uint32_t> rows) const {
  return {dims_, picked_rows(spoken_, dims_, rows), picked_rows(answers_, dims_, rows),
          history_half_life_days_};
}

std::string ItemVectorsModel::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  out.fixed(dims_);
  out.fixed(history_half_life_days_);
  out.array<float>(spoken_);
  out.array<float>(answers_);
  return out.take();
}

Result<ItemVectorsModel> ItemVectorsModel::decode(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_model(bytes, kTag, kFormat, "item_vectors"));
  const auto dims = in.fixed<std::uint32_t>();
  const auto half_life = in.fixed<float>();
  const std::vector<float> spoken = in.array<float>();
  const std::vector<float> answers = in.array<float>();
  const auto finite = [](float value) { return std::isfinite(value); };
  if (in.failed() || !in.at_end() || dims == 0 || answers.size() % dims != 0 ||
      spoken.size() != answers.size() || !(half_life >= 0) || !finite(half_life) ||
      !std::ranges::all_of(spoken, finite) || !std::ranges::all_of(answers, finite)) {
    return corrupt_model("item_vectors");
  }
  return ItemVectorsModel(dims, {spoken.begin(), spoken.end()}, {answers.begin(), answers.end()}, half_life);
}

}  // namespace winnow
