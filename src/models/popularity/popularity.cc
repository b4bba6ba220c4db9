#include "models/popularity/popularity.h"

#include <algorithm>
#include <cmath>

#include "models/encoding.h"
#include "models/option_range.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WPOP";
constexpr std::uint32_t kFormat = 1;

}  // namespace

Result<PopularityModel> train_popularity(const Interactions& data, const PopularityOptions& options) {
  WINNOW_RETURN_IF_ERROR(in_range("popularity.half_life_days", options.half_life_days, 0, 1e6));
  WINNOW_RETURN_IF_ERROR(check_trainable(data));
  const TimestampMs newest_ms = *std::max_element(data.time_ms.begin(), data.time_ms.end());
  const double per_ms =
      options.half_life_days > 0 ? 1.0 / (options.half_life_days * static_cast<double>(kDayMs)) : 0.0;
  std::vector<double> sums(data.items);
  for (std::size_t k = 0; k < data.size(); ++k) {
    const double age_ms = static_cast<double>(newest_ms - data.time_ms[k]);
    sums[data.item[k]] += static_cast<double>(data.weight[k]) * std::exp2(-age_ms * per_ms);
  }
  return PopularityModel(options, std::vector<float>(sums.begin(), sums.end()));
}

void PopularityModel::score_all(std::span<const std::span<const HistoryEntry>> histories,
                                std::span<float> scores) const {
  WINNOW_CHECK(scores.size() == histories.size() * scores_.size());
  for (std::size_t u = 0; u < histories.size(); ++u) {
    std::ranges::copy(scores_, scores.subspan(u * scores_.size()).begin());
  }
}

std::string PopularityModel::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  out.fixed(options_.half_life_days);
  out.array<float>(scores_);
  return out.take();
}

Result<PopularityModel> PopularityModel::decode(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_model(bytes, kTag, kFormat, "popularity"));
  PopularityOptions options;
  options.half_life_days = in.fixed<double>();
  auto scores = in.array<float>();
  const bool sound = std::all_of(scores.begin(), scores.end(),
                                 [](float score) { return std::isfinite(score) && score >= 0; });
  if (in.failed() || !in.at_end() || !std::isfinite(options.half_life_days) || !sound) {
    return corrupt_model("popularity");
  }
  return PopularityModel(options, std::move(scores));
}

}  // namespace winnow
