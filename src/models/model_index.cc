#include "models/model_index.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "index/flat_index.h"
#include "index/tune.h"
#include "math/vector_kernels.h"

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

// What an index is tuned on.
std::vector<float> some_queries(const VectorModel& model, const Interactions& history, std::uint32_t count) {
  constexpr std::uint32_t kFewUsers = 32;
  return history.users < kFewUsers ? some_item_vectors(model, count) : user_vectors(model, history, count);
}

// The part of the recall that may be missed which may be missed for items that are left out.
constexpr double kLeftOutShare = 0.2;
// How many queries tell which items are.
constexpr std::uint32_t kLengthQueries = 128;

std::vector<float> lengths_of(const VectorModel& model) {
  std::vector<float> out(model.items());
  for (std::uint32_t item = 0; item < model.items(); ++item) {
    const std::span<const float> vector = model.item_vector(item);
    out[item] = std::sqrt(dot(vector, vector));
  }
  return out;
}

// The items whose vectors are as long as those of exact answers, but for the shortest of those answers.
RowSet items_of_answers(const VectorModel& model, const VectorIndex& oracle, std::span<const float> queries,
                        const ModelIndexOptions& options) {
  const std::vector<float> lengths = lengths_of(model);
  std::vector<float> of_answers;
  for (const auto& answer : oracle.exact()->search_many(queries, options.limit)) {
    for (const ScoredRow& one : answer) of_answers.push_back(lengths[one.item]);
  }
  const auto missed = static_cast<std::size_t>(kLeftOutShare * (1 - options.target_recall) *
                                               static_cast<double>(of_answers.size()));
  RowSet chosen(model.items());
  if (of_answers.empty()) return chosen;
  const auto least = of_answers.begin() + static_cast<std::ptrdiff_t>(missed);
  std::nth_element(of_answers.begin(), least, of_answers.end());
  for (std::uint32_t item = 0; item < model.items(); ++item) {
    if (lengths[item] >= *least) chosen.insert(item);
  }
  return chosen;
}

}  // namespace

Result<std::shared_ptr<const VectorIndex>> build_model_index(const VectorModel& model,
                                                             const Interactions& history,
                                                             const ModelIndexOptions& options) {
  if (model.items() < options.from_items) return std::shared_ptr<const VectorIndex>();
  WINNOW_TRY(const std::unique_ptr<VectorIndex> oracle,
             build_index(model.item_vectors(), model.dims(), {.kind = IndexKind::flat}));
  const RowSet held =
      items_of_answers(model, *oracle, some_queries(model, history, kLengthQueries), options);
  WINNOW_TRY(std::unique_ptr<VectorIndex> index,
             build_index(model.item_vectors(), model.dims(),
                         {.kind = options.kind, .threads = options.threads, .seed = options.seed}, &held));
  const std::vector<float> queries = some_queries(model, history, options.queries);
  IndexProfile profile;
  WINNOW_TRY(profile.tuning, tune(*index, queries,
                                  {.limit = options.limit,
                                   .target_recall = options.target_recall,
                                   .most_queries = options.queries,
                                   .oracle = oracle.get()}));
  index->set_profile(profile);
  profile.health = make_health_check(*index, std::span(queries).first(model.dims()));
  index->set_profile(std::move(profile));
  return std::shared_ptr<const VectorIndex>(std::move(index));
}

}  // namespace winnow
