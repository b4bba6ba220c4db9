#include "models/content/content.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "models/history_decay.h"
#include "models/option_range.h"

namespace winnow {
namespace {

Status check_options(const ContentOptions& options) {
  for (const float weight : options.kind_weights)
    WINNOW_RETURN_IF_ERROR(in_range("content.kind_weights", weight, 0, 1000));
  return first_error({in_range("content.common_share", options.common_share, 0, 1),
                      in_range("content.saturation", options.saturation, 0, 1000),
                      in_range("content.history_half_life_days", options.history_half_life_days, 0, 1e6f)});
}

}  // namespace

Result<ContentModel> ContentModel::build(const ItemTerms& items, const ContentOptions& options) {
  WINNOW_RETURN_IF_ERROR(check_options(options));
  std::unordered_map<std::uint64_t, std::uint32_t> frequency;
  for (std::uint32_t item = 0; item < items.items(); ++item) {
    for (const ItemTerm& term : items[item]) ++frequency[term.key];
  }
  const auto n = static_cast<double>(items.items());
  const double most = std::max(2.0, n * static_cast<double>(options.common_share));
  ContentModel out;
  out.options_ = options;
  for (const auto& [key, count] : frequency) {
    if (count >= 2 && count <= most) out.keys_.push_back(key);
  }
  if (out.keys_.empty()) {
    return Error{ErrorCode::invalid,
                 "no two items share a word, tag, category or creator; give the catalogue's items metadata",
                 "items"};
  }
  std::ranges::sort(out.keys_);
  std::unordered_map<std::uint64_t, std::uint32_t> row_of;
  for (const std::uint64_t key : out.keys_) row_of.emplace(key, static_cast<std::uint32_t>(row_of.size()));

  for (std::uint32_t item = 0; item < items.items(); ++item) {
    const std::size_t begin = out.item_entries_.size();
    double squares = 0;
    for (const ItemTerm& term : items[item]) {
      const auto known = row_of.find(term.key);
      const double kind = options.kind_weights[static_cast<std::size_t>(term.kind)];
      if (known == row_of.end() || kind == 0) continue;
      const double idf = std::log((n + 1) / (frequency[term.key] + 0.5));
      const double tf = term.count;
      const double weight = kind * idf * tf * (options.saturation + 1) / (tf + options.saturation);
      if (!(weight > 0)) continue;
      out.item_entries_.push_back({known->second, static_cast<float>(weight)});
      squares += weight * weight;
    }
    const auto scale = squares > 0 ? static_cast<float>(1 / std::sqrt(squares)) : 0.0f;
    for (std::size_t at = begin; at < out.item_entries_.size(); ++at) out.item_entries_[at].weight *= scale;
    out.item_offsets_.push_back(out.item_entries_.size());
  }
  out.index_terms();
  return out;
}

void ContentModel::index_terms() {
  term_offsets_.assign(keys_.size() + 1, 0);
  for (const Entry& entry : item_entries_) ++term_offsets_[entry.row + 1];
  for (std::size_t term = 0; term < keys_.size(); ++term) term_offsets_[term + 1] += term_offsets_[term];
  std::vector<std::uint64_t> next(term_offsets_.begin(), term_offsets_.end() - 1);
  term_entries_.resize(item_entries_.size());
  for (std::uint32_t item = 0; item < items(); ++item) {
    for (const Entry& entry : terms_of_item(item)) term_entries_[next[entry.row]++] = {item, entry.weight};
  }
}

std::vector<ContentModel::Entry> ContentModel::user_terms(std::span<const HistoryEntry> history) const {
  const std::vector<float> weights = decayed_weights(history, options_.history_half_life_days);
  std::vector<Entry> said;
  for (std::size_t h = 0; h < history.size(); ++h) {
    if (history[h].item >= items()) continue;
    for (const Entry& entry : terms_of_item(history[h].item)) {
      said.push_back({entry.row, entry.weight * weights[h]});
    }
  }
  std::ranges::sort(said, {}, &Entry::row);
  std::vector<Entry> user;
  for (const Entry& entry : said) {
    if (user.empty() || user.back().row != entry.row) user.push_back({entry.row, 0});
    user.back().weight += entry.weight;
  }
  return user;
}

void ContentModel::score_all(std::span<const std::span<const HistoryEntry>> histories,
                             std::span<float> scores) const {
  WINNOW_CHECK(scores.size() == histories.size() * items());
  std::ranges::fill(scores, 0.0f);
  for (std::size_t u = 0; u < histories.size(); ++u) {
    const std::span<float> of_user = scores.subspan(u * items(), items());
    for (const auto& [term, weight] : user_terms(histories[u])) {
      for (const Entry& entry : items_of_term(term)) of_user[entry.row] += weight * entry.weight;
    }
  }
}

template <class Each>
void ContentModel::for_common(std::uint32_t a, std::uint32_t b, const Each& each) const {
  const auto left = terms_of_item(a);
  const auto right = terms_of_item(b);
  for (std::size_t i = 0, j = 0; i < left.size() && j < right.size();) {
    if (left[i].row == right[j].row) {
      each(left[i].row, left[i].weight * right[j].weight);
      ++i, ++j;
    } else if (left[i].row < right[j].row) {
      ++i;
    } else {
      ++j;
    }
  }
}

float ContentModel::similarity(std::uint32_t a, std::uint32_t b) const {
  float sum = 0;
  for_common(a, b, [&](std::uint32_t, float product) { sum += product; });
  return sum;
}

}  // namespace winnow
