#include "models/ranking/cascade.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "math/score_keys.h"
#include "math/score_scale.h"

namespace winnow {
namespace {

// The rows of the `wanted` best scores, ascending.
std::vector<std::uint32_t> best_rows(std::span<const float> scores, std::size_t wanted) {
  std::vector<std::uint32_t> rows(scores.size());
  std::iota(rows.begin(), rows.end(), 0u);
  if (wanted >= rows.size()) return rows;
  if (wanted > 0) {
    std::vector<std::uint64_t> keys(scores.size());
    for (const std::uint32_t row : rows) keys[row] = score_key(scores[row], row);
    const std::uint64_t least = kth_biggest(keys, wanted);
    std::size_t kept = 0;
    for (std::uint32_t row = 0; kept < wanted; ++row) {
      rows[kept] = row;
      kept += keys[row] >= least ? 1 : 0;
    }
  }
  rows.resize(wanted);
  return rows;
}

// The rows for the full ranker: the best by `rough`. Where prices count, which the light ranker knows nothing
// of, up to a quarter of the places is first for what would bring most if what is thought of best sold best.
std::vector<std::uint32_t> rows_to_judge(std::span<const float> rough, std::span<const float> revenue,
                                         std::size_t places) {
  if (revenue.empty() || places >= rough.size()) return best_rows(rough, places);
  constexpr std::size_t kPartOfPlaces = 4;
  const float least = *std::ranges::min_element(rough);
  std::vector<float> promised(rough.size());
  for (std::size_t i = 0; i < rough.size(); ++i) {
    const float promise = (rough[i] - least) * revenue[i];
    promised[i] = promise > 0 ? promise : 0.0f;  // and not NaN
  }
  std::vector<float> wanted(rough.begin(), rough.end());
  for (const std::uint32_t row : best_rows(promised, places / kPartOfPlaces)) {
    if (promised[row] > 0) wanted[row] = std::numeric_limits<float>::infinity();
  }
  return best_rows(wanted, places);
}

void standardise(std::span<float> scores) {
  const ScoreScale scale = score_scale(scores);
  for (float& score : scores) score = scale.of(score);
}

// The best rows take the full ranker's scores; the others keep their order behind them. Both are
// standardised.
void merge(std::span<const std::uint32_t> best, std::span<const float> full, std::span<const float> light,
           std::span<float> scores) {
  float lowest = 0;
  for (const float value : full) lowest = std::min(lowest, value);
  float highest = 0;
  for (const float value : light) highest = std::max(highest, value);
  const float below = lowest - highest - 1;
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = below + light[i];
  for (std::size_t k = 0; k < best.size(); ++k) scores[best[k]] = full[k];
}

// The same, with the ranker that it comes from.
Status of_ranker(std::string_view ranker, Status status) {
  if (status.ok()) return status;
  return Error{status.error().code, fmt::format("the {} ranker: {}", ranker, status.error().message),
               std::string(ranker)};
}

}  // namespace

Status cascade(const FeatureFrame& frame, const Ranker& ranker, const OutcomeWorth& worth, std::size_t full,
               RequestTrace& trace, std::span<float> scores) {
  std::vector<float> rough(scores.begin(), scores.end());
  if (ranker.has_light() && full < scores.size()) {
    const auto timer = trace.stage("light");
    std::vector<std::uint32_t> all(scores.size());
    std::iota(all.begin(), all.end(), 0u);
    WINNOW_RETURN_IF_ERROR(of_ranker(kLightRanker, ranker.light(frame, all, rough)));
  }
  const auto timer = trace.stage("full");
  const std::vector<std::uint32_t> best = rows_to_judge(rough, worth.revenue, full);
  std::vector<float> probabilities(best.size() * ranker.heads().size());
  WINNOW_RETURN_IF_ERROR(of_ranker(kFullRanker, ranker.full(frame, best, probabilities)));
  std::vector<float> worths(best.size());
  expected_worth(probabilities, worth.by_head, worths);
  const std::size_t heads = ranker.heads().size();
  for (std::size_t k = 0; k < best.size() && !worth.revenue.empty(); ++k)
    worths[k] += worth.revenue[best[k]] * probabilities[k * heads + worth.sale];
  standardise(worths);
  if (!std::ranges::all_of(worths, [](float value) { return std::isfinite(value); })) {
    return of_ranker(
        kFullRanker,
        Error{ErrorCode::invalid, "what it predicts, times what the outcomes are worth, is not finite"});
  }
  standardise(rough);
  merge(best, worths, rough, scores);
  return {};
}

}  // namespace winnow
