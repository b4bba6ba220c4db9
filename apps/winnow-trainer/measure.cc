#include "measure.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "base/random.h"
#include "math/vector_kernels.h"
#include "threads.h"
#include "tower.h"

namespace winnow {
namespace {

constexpr std::uint32_t kWarmUp = 20;
constexpr double kSpread = 0.05;  // added to first weights, so that every part has something to do

std::vector<TowerAction> random_history(const TwoTowerShape& shape, Random& random) {
  std::vector<TowerAction> out;
  TimestampMs time_ms = 1'700'000'000'000;
  for (std::uint32_t k = 0; k < shape.length; ++k) {
    time_ms += random.below(7 * kDayMs);
    out.push_back(
        {random.below(shape.items), static_cast<std::uint8_t>(random.below(kActionKinds)), time_ms});
  }
  return out;
}

ForwardMeasurement::Times times_of(std::vector<double> values) {
  std::ranges::sort(values);
  return {values[values.size() / 2], values[values.size() * 99 / 100]};
}

double relative_distance(const std::vector<float>& ours, const std::vector<float>& theirs) {
  double off = 0;
  double length = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    off += std::pow(static_cast<double>(ours[i]) - theirs[i], 2);
    length += std::pow(static_cast<double>(theirs[i]), 2);
  }
  return std::sqrt(off / length);
}

}  // namespace

ForwardMeasurement measure_forward(const TwoTowerShape& shape, std::uint32_t rounds, std::uint64_t seed) {
  use_threads(1);
  torch::manual_seed(seed);
  const torch::NoGradGuard no_grad;
  TwoTowers exact(shape, 0);
  for (torch::Tensor& parameter : exact->parameters()) parameter.add_(torch::randn_like(parameter) * kSpread);
  const torch::Tensor vectors = torch::randn({shape.items, shape.dims});
  TwoTowerWeights weights = exact->weights();
  weights.item_vectors = floats_of(vectors);
  const TwoTowerModel model(std::move(weights));
  TwoTowers rounded(shape, 0);
  rounded->set_weights(model.weights());
  exact->eval();
  rounded->eval();

  const std::vector<std::uint32_t> user = {0};
  const BagTensors no_profile = {torch::empty({0}, torch::kLong), torch::zeros({1}, torch::kLong)};
  Random random(seed);
  std::vector<double> ours_us;
  std::vector<double> libtorch_us;
  ForwardMeasurement out;
  out.rounds = rounds;
  for (std::uint32_t round = 0; round < rounds + kWarmUp; ++round) {
    const std::vector<TowerAction> history = random_history(shape, random);
    const std::vector<std::span<const TowerAction>> histories = {history};
    const double start_s = steady_seconds();
    const std::vector<float> ours = model.user_vector(history);
    const double between_s = steady_seconds();
    const torch::Tensor theirs =
        rounded->user_vectors(query_batch(histories, user, shape.length), vectors, no_profile);
    const double end_s = steady_seconds();
    if (round < kWarmUp) continue;
    ours_us.push_back((between_s - start_s) * 1e6);
    libtorch_us.push_back((end_s - between_s) * 1e6);
    out.error_of_arithmetic = std::max(out.error_of_arithmetic, relative_distance(ours, floats_of(theirs)));
    const torch::Tensor unrounded =
        exact->user_vectors(query_batch(histories, user, shape.length), vectors, no_profile);
    out.error_of_rounding = std::max(out.error_of_rounding, relative_distance(ours, floats_of(unrounded)));
  }
  out.ours = times_of(std::move(ours_us));
  out.libtorch = times_of(std::move(libtorch_us));
  return out;
}

std::string measurement_json(const TwoTowerShape& shape, const ForwardMeasurement& measured) {
  const auto result = [](std::string_view engine, const ForwardMeasurement::Times& times) {
    return fmt::format(R"({{"engine":"{}","p50_us":{:.1f},"p99_us":{:.1f}}})", engine, times.p50_us,
                       times.p99_us);
  };
  return fmt::format(
      R"({{"dims":{},"layers":{},"heads":{},"inner":{},"length":{},"simd":"{}","rounds":{},)"
      R"("error_of_arithmetic":{:.3g},"error_of_rounding":{:.3g},"error_bound":{:.3g},"results":[{},{}]}})",
      shape.dims, shape.layers, shape.heads, shape.inner, shape.length, simd_name(), measured.rounds,
      measured.error_of_arithmetic, measured.error_of_rounding, TwoTowerModel::kLargestProbeError,
      result("winnow", measured.ours), result("libtorch", measured.libtorch));
}

}  // namespace winnow
