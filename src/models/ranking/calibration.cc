#include "models/ranking/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "base/partition_place.h"
#include "models/sealed.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WCAL";
constexpr std::uint32_t kFormat = 1;
constexpr std::string_view kName = "calibration";

// No outcome is impossible or certain.
constexpr double kLeast = 1e-6;

double within(double p) { return std::clamp(p, kLeast, 1 - kLeast); }
double logit(double p) { return std::log(within(p) / (1 - within(p))); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// A row that has a label, or the mean of several.
struct Point {
  double score, label, weight;
  std::size_t rows = 1;
};

std::vector<Point> points_of(const ScoredRows& rows) {
  std::vector<Point> out;
  for (std::size_t r = 0; r < rows.scores.size(); ++r) {
    if (std::isnan(rows.labels[r])) continue;
    out.push_back({rows.scores[r], rows.labels[r], rows.weights.empty() ? 1.0 : rows.weights[r]});
  }
  std::ranges::sort(out, {}, &Point::score);
  return out;
}

bool has_both_classes(const std::vector<Point>& points) {
  const auto above = [](const Point& point) { return point.label > 0; };
  const auto below = [](const Point& point) { return point.label < 1; };
  return std::ranges::any_of(points, above) && std::ranges::any_of(points, below);
}

// Means of points, by weight: of equal scores, or of those that are to share a value.
std::vector<Point> merged(const std::vector<Point>& points, const auto& same) {
  std::vector<Point> out;
  for (std::size_t k = 0; k < points.size(); ++k) {
    const Point& point = points[k];
    if (k == 0 || !same(k - 1, k)) {
      out.push_back(point);
      continue;
    }
    Point& into = out.back();
    const double weight = into.weight + point.weight;
    into.score += (point.score - into.score) * point.weight / weight;
    into.label += (point.label - into.label) * point.weight / weight;
    into.weight = weight;
    into.rows += point.rows;
  }
  return out;
}

// Lets labels that do not ascend share their mean, and brings points of one label together.
std::vector<Point> ascending(std::vector<Point> points) {
  std::vector<double> labels, weights;
  for (const Point& point : points) {
    labels.push_back(point.label);
    weights.push_back(point.weight);
  }
  const std::vector<double> values = pool_adjacent_violators(labels, weights);
  for (std::size_t k = 0; k < points.size(); ++k) points[k].label = values[k];
  return merged(points, [&](std::size_t a, std::size_t b) { return values[a] == values[b]; });
}

// Neighbours brought together until each is of kFewest rows, whatever they weigh, or there is but one: a
// single row whose outcome was the rarer one would else make all that is scored above it certain.
std::vector<Point> of_enough_rows(const std::vector<Point>& points) {
  constexpr std::size_t kFewest = 50;
  std::size_t left = 0;  // rows of what comes next and all behind it
  for (const Point& point : points) left += point.rows;
  std::size_t in_hand = 0;  // those of what is being brought together
  return merged(points, [&](std::size_t before, std::size_t /*point*/) {
    in_hand += points[before].rows;
    left -= points[before].rows;
    const bool more = in_hand < kFewest || left < kFewest;
    if (!more) in_hand = 0;
    return more;
  });
}

void fit_isotonic(const std::vector<Point>& points, HeadCalibration& out) {
  const std::vector<Point> distinct =
      merged(points, [&](std::size_t a, std::size_t b) { return points[a].score == points[b].score; });
  std::vector<Point> steps = of_enough_rows(ascending(distinct));
  // As if half a row more had been seen of either outcome (Krichevsky and Trofimov 1981).
  for (Point& step : steps) step.label = (step.label * step.weight + 0.5) / (step.weight + 1);
  for (const Point& step : ascending(std::move(steps))) {
    const auto score = static_cast<float>(step.score);
    const auto value = static_cast<float>(within(step.label));
    if (!out.scores.empty() && score <= out.scores.back()) {  // apart in double precision only
      out.values.back() = value;
      continue;
    }
    out.scores.push_back(score);
    out.values.push_back(value);
  }
}

// Newton's method on two numbers; the log-likelihood is concave.
void fit_platt(const std::vector<Point>& points, HeadCalibration& out) {
  constexpr int kRounds = 50;
  constexpr double kRidge = 1e-6;  // of the total weight: a separable set has no largest likelihood
  const double total = std::accumulate(points.begin(), points.end(), 0.0,
                                       [](double sum, const Point& p) { return sum + p.weight; });
  double slope = 1;
  double offset = 0;
  const auto loss = [&](double a, double b) {
    double sum = kRidge * total * ((a - 1) * (a - 1) + b * b) / 2;
    for (const Point& point : points) {
      const double z = a * logit(point.score) + b;
      sum += point.weight * (std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - point.label * z);
    }
    return sum;
  };
  double best = loss(slope, offset);
  for (int round = 0; round < kRounds; ++round) {
    double ga = kRidge * total * (slope - 1), gb = kRidge * total * offset;
    double aa = kRidge * total, ab = 0, bb = kRidge * total;
    for (const Point& point : points) {
      const double x = logit(point.score);
      const double p = sigmoid(slope * x + offset);
      const double g = point.weight * (p - point.label);
      const double h = point.weight * p * (1 - p);
      ga += g * x;
      gb += g;
      aa += h * x * x;
      ab += h * x;
      bb += h;
    }
    const double determinant = aa * bb - ab * ab;
    const double step_a = (bb * ga - ab * gb) / determinant;
    const double step_b = (aa * gb - ab * ga) / determinant;
    double share = 1;
    while (share > 1e-4 && loss(slope - share * step_a, offset - share * step_b) > best) share /= 2;
    const double reached = loss(slope - share * step_a, offset - share * step_b);
    if (!(reached < best)) break;
    slope -= share * step_a;
    offset -= share * step_b;
    const bool settled = best - reached < 1e-12 * total;
    best = reached;
    if (settled) break;
  }
  if (slope < 0) {  // scores that say the opposite are worth nothing, but order is not turned around
    double sum = 0;
    for (const Point& point : points) sum += point.weight * point.label;
    slope = 0;
    offset = logit(sum / total);
  }
  out.slope = slope;
  out.offset = offset;
}

double interpolated(const HeadCalibration& map, float p) {
  // Outside of all steps the log-odds rise as the score's own.
  const auto moved = [p](float value, float score) {
    return sigmoid(logit(value) + logit(p) - logit(score));
  };
  const std::size_t k = partition_place<float>(map.scores, [&](float score) { return score <= p; });
  const double lowest = map.values.front();
  const double highest = map.values.back();
  if (k == 0) return std::min(lowest, moved(map.values.front(), map.scores.front()));
  if (k == map.scores.size()) return std::max(highest, moved(map.values.back(), map.scores.back()));
  const double share = (double{p} - map.scores[k - 1]) / (double{map.scores[k]} - map.scores[k - 1]);
  return map.values[k - 1] + share * (double{map.values[k]} - map.values[k - 1]);
}

}  // namespace

double corrected_for_sampling(double p, double kept) { return p * kept / (p * kept + 1 - p); }

std::vector<double> pool_adjacent_violators(std::span<const double> values, std::span<const double> weights) {
  WINNOW_CHECK(values.size() == weights.size());
  struct Pool {
    double value, weight;
    std::size_t count;
  };
  std::vector<Pool> pools;
  for (std::size_t k = 0; k < values.size(); ++k) {
    pools.push_back({values[k], weights[k], 1});
    while (pools.size() > 1 && pools[pools.size() - 2].value >= pools.back().value) {
      const Pool last = pools.back();
      pools.pop_back();
      Pool& into = pools.back();
      const double weight = into.weight + last.weight;
      into = {(into.value * into.weight + last.value * last.weight) / weight, weight,
              into.count + last.count};
    }
  }
  std::vector<double> out;
  for (const Pool& pool : pools) out.insert(out.end(), pool.count, pool.value);
  return out;
}

float HeadCalibration::operator()(float p) const {
  double out = p;
  if (method == CalibrationMethod::platt) out = sigmoid(slope * logit(p) + offset);
  if (method == CalibrationMethod::isotonic) out = interpolated(*this, p);
  return static_cast<float>(corrected_for_sampling(out, negatives_kept));
}

Status HeadCalibration::check() const {
  const auto wrong = [](std::string what) {
    return Error{ErrorCode::invalid, "the calibration: " + std::move(what)};
  };
  if (method > CalibrationMethod::platt) return wrong("an unknown method");
  if (!(negatives_kept > 0 && negatives_kept <= 1)) return wrong("negatives_kept is not in (0, 1]");
  if (!(slope >= 0) || !std::isfinite(slope) || !std::isfinite(offset)) return wrong("a slope that falls");
  if (scores.size() != values.size() || (method == CalibrationMethod::isotonic) == scores.empty())
    return wrong("steps that are not whole");
  const auto ascending = [](float a, float b) { return !(a < b); };
  if (std::ranges::adjacent_find(scores, ascending) != scores.end() || !std::ranges::is_sorted(values))
    return wrong("steps that do not ascend");
  if (!std::ranges::all_of(values, [](float v) { return v > 0 && v < 1; }) ||
      !std::ranges::all_of(scores, [](float v) { return std::isfinite(v); }))
    return wrong("a step out of range");
  return {};
}

HeadCalibration calibrate(CalibrationMethod method, const ScoredRows& rows) {
  HeadCalibration out;
  const std::vector<Point> points = points_of(rows);
  if (!has_both_classes(points)) return out;
  out.method = method;
  if (method == CalibrationMethod::isotonic) fit_isotonic(points, out);
  if (method == CalibrationMethod::platt) fit_platt(points, out);
  return out;
}

std::string encode_calibration(std::span<const HeadCalibration> heads) {
  ByteWriter out = begin_model(kTag, kFormat);
  out.varint(heads.size());
  for (const HeadCalibration& head : heads) {
    out.fixed(head.method);
    out.fixed(head.slope);
    out.fixed(head.offset);
    out.array<float>(head.scores);
    out.array<float>(head.values);
    out.fixed(head.negatives_kept);
  }
  return sealed(std::move(out));
}

Result<std::vector<HeadCalibration>> decode_calibration(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_sealed(bytes, kTag, kFormat, kName));
  std::vector<HeadCalibration> out;
  const std::uint64_t heads = in.varint();
  for (std::uint64_t h = 0; h < heads && !in.failed(); ++h) {
    HeadCalibration& head = out.emplace_back();
    head.method = in.fixed<CalibrationMethod>();
    head.slope = in.fixed<double>();
    head.offset = in.fixed<double>();
    head.scores = in.array<float>();
    head.values = in.array<float>();
    head.negatives_kept = in.fixed<double>();
    if (!head.check().ok()) return corrupt_model(kName);
  }
  if (in.failed() || !in.at_end()) return corrupt_model(kName);
  return out;
}

}  // namespace winnow
