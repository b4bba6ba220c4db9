#include "models/model_index.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "index/tune.h"

namespace winnow {

namespace {

// Vectors of up to `count` users, evenly spread.
std::vector<float> user_vectors(const VectorModel& model, const Interactions& history, std::uint32_t count) {
  std::vector<float> out;
  const std::uint32_t users = std::min(count, history.users);
  out.reserve(std::size_t{users} * model.dims());
  for (std::uint32_t k = 0; k < users; ++k) {
    const auto user = static_cast<std::uint32_t>(std::uint64_t{k} * history.users / users);
    std::vector<HistoryEntry> entries;
    for (std::uint64_t at = history.offsets[user]; at < history.offsets[user + 1]; ++at) {
      entries.push_back({history.item[at], history.weight[at], history.time_ms[at]});
    }
    const std::vector<float> vector = model.fold_in(entries);
    if (!entries.empty()) out.insert(out.end(), vector.begin(), vector.end());
  }
  return out;
}

// What to ask the index when nobody is known: items, who lie where users lie.
std::vector<float> some_item_vectors(const VectorModel& model, std::uint32_t count) {
  std::vector<float> out;
  const std::uint32_t items = std::min(count, model.items());
  for (std::uint32_t k = 0; k < items; ++k) {
    const auto vector =
        model.item_vector(static_cast<std::uint32_t>(std::uint64_t{k} * model.items() / items));
    out.insert(out.end(), vector.begin(), vector.end());
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<const VectorIndex>> build_model_index(const VectorModel& model,
                                                             const Interactions& history,
                                                             const ModelIndexOptions& options) {
  if (model.items() < options.from_items) return std::shared_ptr<const VectorIndex>();
  WINNOW_TRY(std::unique_ptr<VectorIndex> index,
             build_index(model.item_vectors(), model.dims(),
                         {.kind = options.kind, .threads = options.threads, .seed = options.seed}));
  constexpr std::uint32_t kFewUsers = 32;
  const std::vector<float> queries = history.users < kFewUsers
                                         ? some_item_vectors(model, options.queries)
                                         : user_vectors(model, history, options.queries);
  IndexProfile profile;
  WINNOW_TRY(profile.tuning, tune(*index, queries,
                                  {.limit = options.limit,
                                   .target_recall = options.target_recall,
                                   .most_queries = options.queries}));
  index->set_profile(profile);
  profile.health = make_health_check(*index, std::span(queries).first(model.dims()));
  index->set_profile(std::move(profile));
  return std::shared_ptr<const VectorIndex>(std::move(index));
}

}  // namespace winnow
