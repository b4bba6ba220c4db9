#include "models/graph/graph.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "math/sparse_rows.h"
#include "math/vector_kernels.h"
#include "models/encoding.h"
#include "models/graph/softmax_users.h"
#include "models/history_decay.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WGRA";
constexpr std::uint32_t kFormat = 1;

// The users' vectors hardly move any more after these.
constexpr int kSteps = 4;

}  // namespace

GraphModel::GraphModel(std::uint32_t dims, float temperature, GraphVectors vectors,
                       float history_half_life_days)
    : dims_(dims),
      temperature_(temperature),
      history_half_life_days_(history_half_life_days),
      vectors_(std::move(vectors)) {
  WINNOW_CHECK(dims > 1 && temperature > 0 && vectors_.answers.size() % dims == 0);
  WINNOW_CHECK(!vectors_.landmarks.empty() && vectors_.landmarks.size() % dims == 0);
}

std::vector<float> GraphModel::fold_in(std::span<const HistoryEntry> history) const {
  const std::vector<float> weights = decayed_weights(history, history_half_life_days_);
  std::vector<std::uint32_t> rows;
  std::vector<float> known;
  float sum = 0;
  for (std::size_t h = 0; h < history.size(); ++h) {
    if (history[h].item >= items()) continue;
    rows.push_back(history[h].item);
    known.push_back(weights[h]);
    sum += weights[h];
  }
  std::vector<float> user(dims_);
  if (!(sum > 0)) return user;
  for (float& weight : known) weight /= sum;
  std::vector<float> mean(dims_);
  sum_rows(vectors_.answers, rows, known, mean);
  mean.back() = 0;
  if (!std::ranges::any_of(mean, [](float value) { return value != 0; })) return user;
  user = mean;
  normalise_rows(user, dims_);
  for (int step = 0; step < kSteps; ++step) {
    move_towards(mean, softmaxes_of(user, vectors_.landmarks, dims_, temperature_), vectors_.landmarks, user);
  }
  user.back() = 1;
  return user;
}

GraphModel GraphModel::with_items(std::span<const std::uint32_t> rows) const {
  return {dims_,
          temperature_,
          {picked_rows(vectors_.answers, dims_, rows), vectors_.landmarks},
          history_half_life_days_};
}

std::string GraphModel::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  out.fixed(dims_);
  out.fixed(temperature_);
  out.fixed(history_half_life_days_);
  out.array<float>(vectors_.answers);
  out.array<float>(vectors_.landmarks);
  return out.take();
}

Result<GraphModel> GraphModel::decode(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_model(bytes, kTag, kFormat, "graph"));
  const auto dims = in.fixed<std::uint32_t>();
  const auto temperature = in.fixed<float>();
  const auto half_life = in.fixed<float>();
  const std::vector<float> answers = in.array<float>();
  const std::vector<float> landmarks = in.array<float>();
  const auto finite = [](float value) { return std::isfinite(value); };
  if (in.failed() || !in.at_end() || dims < 2 || answers.size() % dims != 0 || landmarks.empty() ||
      landmarks.size() % dims != 0 || !(temperature > 0) || !finite(temperature) || !(half_life >= 0) ||
      !finite(half_life) || !std::ranges::all_of(answers, finite) ||
      !std::ranges::all_of(landmarks, finite)) {
    return corrupt_model("graph");
  }
  return GraphModel(dims, temperature,
                    {{answers.begin(), answers.end()}, {landmarks.begin(), landmarks.end()}}, half_life);
}

}  // namespace winnow
