#include "models/content/content_index.h"

#include <algorithm>

#include "base/check.h"

namespace winnow {

ContentIndex::ContentIndex(ContentModel model, const std::vector<bool>& learned, std::uint32_t longest_list)
    : model_(std::move(model)) {
  WINNOW_CHECK(learned.size() == model_.items());
  const auto close_list = [longest_list](Lists& lists) {
    const auto begin = lists.entries.begin() + static_cast<std::ptrdiff_t>(lists.offsets.back());
    if (lists.entries.end() - begin > static_cast<std::ptrdiff_t>(longest_list)) {
      std::nth_element(begin, begin + longest_list, lists.entries.end(),
                       [](const ContentModel::Entry& a, const ContentModel::Entry& b) {
                         return a.weight != b.weight ? a.weight > b.weight : a.row < b.row;
                       });
      lists.entries.erase(begin + longest_list, lists.entries.end());
    }
    lists.offsets.push_back(lists.entries.size());
  };
  for (std::uint32_t term = 0; term < model_.terms(); ++term) {
    for (const ContentModel::Entry& entry : model_.items_of_term(term)) {
      (learned[entry.row] ? learned_ : unlearned_).entries.push_back(entry);
    }
    close_list(unlearned_);
    close_list(learned_);
  }
}

void ContentIndex::add_scores(std::span<const HistoryEntry> history, Search search, SparseScores& out) const {
  if (out.scores.size() < model_.items()) out.scores.resize(model_.items());
  const auto add = [&out](const Lists& lists, std::uint32_t term, float weight) {
    for (std::uint64_t at = lists.offsets[term]; at < lists.offsets[term + 1]; ++at) {
      out.add(lists.entries[at].row, weight * lists.entries[at].weight);
    }
  };
  for (const auto& [term, weight] : model_.user_terms(history)) {
    if (!(weight > 0)) continue;
    add(unlearned_, term, weight);
    if (search == Search::all) add(learned_, term, weight);
  }
}

}  // namespace winnow
