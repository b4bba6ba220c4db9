#include "models/model_index.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "index/ivf_build.h"
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

// The part of the recall that may be missed which may be missed for items that are left out.
constexpr double kLeftOutShare = 0.2;

std::vector<float> lengths_of(const VectorModel& model) {
  std::vector<float> out(model.items());
  for (std::uint32_t item = 0; item < model.items(); ++item) {
    const std::span<const float> vector = model.item_vector(item);
    out[item] = std::sqrt(dot(vector, vector));
  }
  return out;
}

// The items whose vectors are as long as those of exact answers, but for the shortest of those answers.
RowSet items_of_answers(const VectorModel& model, const Exam& exam, float target_recall) {
  const std::vector<float> lengths = lengths_of(model);
  std::vector<float> of_answers;
  for (const std::vector<std::uint32_t>& answer : exam.answers) {
    for (const std::uint32_t item : answer) of_answers.push_back(lengths[item]);
  }
  RowSet chosen(model.items());
  if (of_answers.empty()) return chosen;
  const auto missed = static_cast<std::ptrdiff_t>(kLeftOutShare * (1 - target_recall) *
                                                  static_cast<double>(of_answers.size()));
  const auto least = of_answers.begin() + missed;
  std::nth_element(of_answers.begin(), least, of_answers.end());
  for (std::uint32_t item = 0; item < model.items(); ++item) {
    if (lengths[item] >= *least) chosen.insert(item);
  }
  return chosen;
}

struct Candidate {
  std::unique_ptr<VectorIndex> index;
  bool reaches = false;  // the recall that is aimed at
  double price = 0;

  bool better_than(const Candidate& other) const {
    if (other.index == nullptr) return true;
    return reaches != other.reaches ? reaches : price < other.price;
  }
};

Result<Candidate> build_candidate(const VectorModel& model, const RowSet& held, const Exam& exam,
                                  std::uint32_t lists, const ModelIndexOptions& options) {
  Candidate out;
  const IndexOptions built = {
      .kind = options.kind, .lists = lists, .threads = options.threads, .seed = options.seed};
  WINNOW_TRY(out.index, build_index(model.item_vectors(), model.dims(), built, &held));
  IndexProfile profile;
  WINNOW_TRY(profile.tuning,
             tune(*out.index, exam, {.limit = options.limit, .target_recall = options.target_recall}));
  out.reaches = profile.tuning.recall >= options.target_recall;
  out.index->set_profile(profile);
  out.price = search_price(*out.index, exam.queries, options.limit);
  profile.health = make_health_check(*out.index, exam.query(0));
  out.index->set_profile(std::move(profile));
  return out;
}

}  // namespace

Result<std::shared_ptr<const VectorIndex>> build_model_index(const VectorModel& model,
                                                             const Interactions& history,
                                                             const ModelIndexOptions& options) {
  if (model.items() < options.from_items) return std::shared_ptr<const VectorIndex>();
  constexpr std::uint32_t kFewUsers = 32;
  const std::vector<float> queries = history.users < kFewUsers
                                         ? some_item_vectors(model, options.queries)
                                         : user_vectors(model, history, options.queries);
  WINNOW_TRY(std::unique_ptr<VectorIndex> oracle,
             build_index(model.item_vectors(), model.dims(), {.kind = IndexKind::flat}));
  const Exam exam = set_exam(*oracle, queries, options.limit);
  oracle.reset();
  const RowSet held = items_of_answers(model, exam, options.target_recall);
  // Vectors that lie in clusters are found in few of many lists; where there are none, most lists must be
  // read, and few long ones are read fastest.
  Candidate best;
  for (const std::uint32_t coarser : {1u, 4u, 16u}) {
    const std::uint32_t lists = std::max(1u, default_lists(held.count()) / coarser);
    WINNOW_TRY(Candidate candidate, build_candidate(model, held, exam, lists, options));
    if (candidate.better_than(best)) best = std::move(candidate);
    if (options.kind != IndexKind::ivf_int8 && options.kind != IndexKind::ivf_int4) break;
  }
  return std::shared_ptr<const VectorIndex>(std::move(best.index));
}

}  // namespace winnow
