#include "evaluation/paired_bootstrap.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "base/random.h"

namespace winnow {

PairedDifference paired_bootstrap(std::span<const double> a, std::span<const double> b, std::uint64_t seed,
                                  int resamples) {
  WINNOW_CHECK(a.size() == b.size() && resamples > 0);
  PairedDifference out;
  if (a.empty()) return out;
  const auto n = static_cast<double>(a.size());
  std::vector<double> differences(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    differences[i] = b[i] - a[i];
    out.mean += differences[i] / n;
  }
  Random random(seed);
  std::vector<double> means;
  means.reserve(static_cast<std::size_t>(resamples));
  for (int r = 0; r < resamples; ++r) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      sum += differences[random.below(static_cast<std::uint32_t>(a.size()))];
    means.push_back(sum / n);
  }
  std::ranges::sort(means);
  const auto at = [&](double share) {
    return means[static_cast<std::size_t>(share * static_cast<double>(means.size() - 1))];
  };
  out.low = at(0.025);
  out.high = at(0.975);
  out.share_better =
      static_cast<double>(std::ranges::count_if(means, [](double mean) { return mean > 0; })) / resamples;
  return out;
}

}  // namespace winnow
