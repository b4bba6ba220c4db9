#include "index/metric_space.h"

#include <algorithm>
#include <cmath>

#include "index/block_codes.h"

namespace winnow {

namespace {

// Plain loops, so that an index comes out the same at every CPU level.
double squared_length(std::span<const float> v) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= v.size(); i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += static_cast<double>(v[i + lane]) * v[i + lane];
  }
  for (; i < v.size(); ++i) sums[0] += static_cast<double>(v[i]) * v[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

void normalise(std::span<float> v) {
  const double length = std::sqrt(squared_length(v));
  if (length == 0) return;
  const auto factor = static_cast<float>(1 / length);
  for (float& x : v) x *= factor;
}

}  // namespace

MetricSpace::MetricSpace(Metric metric, std::uint32_t dims)
    : metric_(metric), dims_(dims), stored_dims_(padded_dims(dims + (metric == Metric::l2 ? 1 : 0))) {
  if (metric == Metric::l2) mean_.assign(dims, 0);
}

MetricSpace MetricSpace::learn(Metric metric, std::uint32_t dims, std::span<const float> rows,
                               const RowSet* present) {
  MetricSpace space(metric, dims);
  if (metric != Metric::l2) return space;
  const std::size_t count = rows.size() / dims;
  const auto counts = [&](std::size_t row) {
    return present == nullptr || present->contains(static_cast<std::uint32_t>(row));
  };
  std::vector<double> sum(dims);
  std::size_t used = 0;
  for (std::size_t row = 0; row < count; ++row) {
    if (!counts(row)) continue;
    ++used;
    for (std::uint32_t d = 0; d < dims; ++d) sum[d] += rows[row * dims + d];
  }
  if (used == 0) return space;
  for (std::uint32_t d = 0; d < dims; ++d)
    space.mean_[d] = static_cast<float>(sum[d] / static_cast<double>(used));
  double squares = 0;
  for (std::size_t row = 0; row < count; ++row) {
    if (!counts(row)) continue;
    for (std::uint32_t d = 0; d < dims; ++d) {
      const double x = static_cast<double>(rows[row * dims + d]) - space.mean_[d];
      squares += x * x;
    }
  }
  const auto mean_square = static_cast<float>(squares / static_cast<double>(used));
  if (mean_square > 0) space.mean_square_ = mean_square;
  return space;
}

MetricSpace MetricSpace::restore(Metric metric, std::uint32_t dims, std::span<const float> mean,
                                 float mean_square) {
  MetricSpace space(metric, dims);
  space.mean_.assign(mean.begin(), mean.end());
  space.mean_square_ = mean_square;
  return space;
}

void MetricSpace::store(std::span<const float> vector, std::span<float> out) const {
  std::copy(vector.begin(), vector.end(), out.begin());
  std::fill(out.begin() + dims_, out.end(), 0.0f);
  if (metric_ == Metric::cosine) normalise(out.first(dims_));
  if (metric_ == Metric::l2) {
    for (std::uint32_t d = 0; d < dims_; ++d) out[d] -= mean_[d];
    finish_centroid(out);
  }
}

MetricSpace::Query MetricSpace::query(std::span<const float> query) const {
  Query made;
  made.vector.resize(stored_dims_);
  const std::span<float> out(made.vector);
  std::copy(query.begin(), query.end(), out.begin());
  std::fill(out.begin() + dims_, out.end(), 0.0f);
  if (metric_ == Metric::cosine) normalise(out.first(dims_));
  if (metric_ == Metric::l2) {
    for (std::uint32_t d = 0; d < dims_; ++d) out[d] -= mean_[d];
    made.scale = 2;
    made.offset = static_cast<float>(-squared_length(out.first(dims_)) - mean_square_);
    out[dims_] = std::sqrt(mean_square_);
  }
  return made;
}

void MetricSpace::as_point(std::span<const float> stored, std::span<float> out) const {
  std::copy(stored.begin(), stored.end(), out.begin());
  if (metric_ == Metric::l2) {
    out[dims_] = std::sqrt(mean_square_);
  } else {
    normalise(out);
  }
}

void MetricSpace::finish_centroid(std::span<float> mean) const {
  if (metric_ != Metric::l2) return normalise(mean);
  const double square = squared_length(mean.first(dims_));
  mean[dims_] = static_cast<float>((mean_square_ - square) / (2 * std::sqrt(mean_square_)));
}

}  // namespace winnow
