// How good orders and predictions are, on rows that they were not learned from: by head and combined, for all
// and by segment, several engines beside each other.
//
//     AUC, GAUC      of the head's probability; of an engine that predicts none, of its order
//     log loss, ECE  of the head's probability (evaluation/classification_metrics.h)
//     NDCG@10        in the same order as AUC, gains being labels; combined: in the engine's own order, a row
//                    being worth the sum of its labels' worths, at least 0
//
// Rows without any outcome that stand for others (RankingSet::negatives_kept) weigh as many as they stand
// for. NDCG takes candidates as they are, so it is comparable within one set only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/paired_bootstrap.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

inline constexpr std::size_t kJudgedCutoff = 10;
// Stands for a head: all of them, by what they are worth.
inline constexpr std::string_view kCombined = "combined";
// The engine that the others are compared with.
inline constexpr std::string_view kBaseline = "blend";

// What orders the rows of a set, and may predict their outcomes.
struct RankingEngine {
  std::string name;
  std::vector<float> order;          // by row: the higher, the earlier
  std::vector<float> probabilities;  // rows x heads; empty: none; NaN in a head that it does not know
};

struct JudgedOrder {
  std::string segment;  // of segments_of
  std::string segment_words;
  std::string head;  // or kCombined
  std::string engine;
  std::uint64_t rows = 0;    // whose label is known
  std::uint64_t groups = 0;  // with an outcome: those that NDCG is taken over
  std::optional<double> auc, grouped_auc, log_loss, calibration_error;
  std::optional<double> ndcg;            // none where no group has an outcome
  std::optional<PairedDifference> gain;  // of NDCG, over the baseline, by group; none of the baseline itself
};

struct RankingJudgement {
  std::vector<JudgedOrder> rows;   // by segment, head (combined first) and engine, in the order given
  std::vector<std::string> notes;  // sentences: what of the set or the engines could not be judged, and why

  // Null where there is none.
  const JudgedOrder* find(std::string_view segment, std::string_view head, std::string_view engine) const&;
  const JudgedOrder* find(std::string_view, std::string_view,
                          std::string_view) && = delete;  // it would dangle
  // Combined, of all rows; 0 where the engine is unknown.
  double ndcg(std::string_view engine) const;
};

// worth: by head of the set. Where no group of a segment has an outcome of a head, only what is predicted of
// it is judged. An engine that predicts nothing and gives all rows of nearly every group (99 in 100) one
// score is no order to compare with, and is left out. Notes say so of the set as a whole. Deterministic with
// the seed. O(segments x heads x engines x rows log rows).
RankingJudgement judge_ranking(const RankingSet& set, std::span<const float> worth,
                               std::span<const RankingEngine> engines, std::uint64_t seed);

// What each row's outcomes are worth together, at least 0. worth: by head.
std::vector<float> combined_gains(const RankingSet& set, std::span<const float> worth);

// NDCG@10 of every group in the order of scores, groups without any gain left out. Of ties the mean over all
// their orders (McSherry and Najork 2008): how the rows lie is no merit of the scores, which are finite.
// gains: by row, >= 0. groups: offsets into both.
std::vector<double> ndcg_by_group(std::span<const std::uint64_t> groups, std::span<const float> gains,
                                  std::span<const float> scores);

// {notes: [...], orders: [{segment, head, engine, rows, groups, auc, gauc, logloss, ece, ndcg@10, gain:
// {difference, low, high}}]}; null for what is not known.
std::string judgement_json(const RankingJudgement& judgement);

}  // namespace winnow
