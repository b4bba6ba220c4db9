#include "batch/validate/live_version.h"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "batch/evaluate/rankings.h"
#include "batch/train/train_models.h"
#include "evaluation/ranking_metrics.h"
#include "models/vocabulary.h"

namespace winnow {

namespace {

constexpr std::size_t kCutoff = 10;

// The split in the live version's rows. A test row keeps one entry where there was any: it only says who is
// asked about.
EvaluationSplit translated(const EvaluationSplit& split, const std::vector<std::uint32_t>& live_row,
                           std::uint32_t live_items) {
  EvaluationSplit out;
  out.train.users = split.train.users;
  out.train.items = live_items;
  std::vector<WeightedPair> pairs;
  for (std::uint32_t user = 0; user < split.history.users; ++user) {
    const auto items = split.history.items_of(user);
    std::vector<std::uint32_t> masked;
    for (std::size_t k = 0; k < items.size(); ++k) {
      const std::uint32_t row = live_row[items[k]];
      if (row == Vocabulary::kNoRow) continue;
      masked.push_back(row);
      const std::size_t at = split.history.offsets[user] + k;
      pairs.push_back({user, row, split.history.weight[at], split.history.time_ms[at]});
    }
    out.masked.add(std::move(masked));
    out.test.add(split.test[user].empty() ? std::vector<std::uint32_t>() : std::vector<std::uint32_t>{0});
  }
  out.history = interactions_of(std::move(pairs), split.history.users, live_items);
  return out;
}

}  // namespace

std::vector<std::uint32_t> rows_in(const std::vector<std::string>& ids,
                                   const std::vector<std::string>& others) {
  std::unordered_map<std::string_view, std::uint32_t, StringHash> row_of;
  for (const std::string& id : others) row_of.emplace(id, static_cast<std::uint32_t>(row_of.size()));
  std::vector<std::uint32_t> out;
  out.reserve(ids.size());
  for (const std::string& id : ids) {
    const auto found = row_of.find(id);
    out.push_back(found == row_of.end() ? Vocabulary::kNoRow : found->second);
  }
  return out;
}

std::vector<double> ndcg_of_live(const ModelBundle& live, const Dataset& data, const EvaluationSplit& split) {
  const std::vector<std::uint32_t> data_row = rows_in(live.item_ids, data.item_ids);
  const EvaluationSplit asked = translated(split, rows_in(data.item_ids, live.item_ids),
                                           static_cast<std::uint32_t>(live.item_ids.size()));
  std::vector<double> ndcg;
  const BlendedModels models = blended_models(live.models, live.blend);
  rank_users(models, asked, kCutoff, [&](std::uint32_t user, std::span<const std::uint32_t> list) {
    std::vector<std::uint32_t> rows;
    for (const std::uint32_t row : list) rows.push_back(data_row[row]);
    ndcg.push_back(user_metrics(rows, split.test[user], kCutoff).ndcg);
  });
  return ndcg;
}

double statistic_of(const ModelBundle& bundle, const std::string& name, double otherwise) {
  const auto found = bundle.statistics.find(name);
  return found == bundle.statistics.end() ? otherwise : found->second;
}

}  // namespace winnow
