// What most people like: a decayed, smoothed count per item.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "models/interactions.h"
#include "models/scoring_model.h"

namespace winnow {

struct PopularityOptions {
  double half_life_days =
      0;  // an interaction counts 2^(-age / half-life), age from the newest one; 0: no decay
};

class PopularityModel final : public ScoringModel {
 public:
  PopularityModel(PopularityOptions options, std::vector<float> scores)
      : options_(options), scores_(std::move(scores)) {}
  std::uint32_t items() const override { return static_cast<std::uint32_t>(scores_.size()); }
  const PopularityOptions& options() const { return options_; }
  std::span<const float> scores() const { return scores_; }  // items, >= 0

  // The same for everybody.
  void score_all(std::span<const std::span<const HistoryEntry>> histories,
                 std::span<float> scores) const override;

  std::string encode() const;
  static Result<PopularityModel> decode(std::string_view bytes);

 private:
  PopularityOptions options_;
  std::vector<float> scores_;
};

Result<PopularityModel> train_popularity(const Interactions& data, const PopularityOptions& options);

}  // namespace winnow
