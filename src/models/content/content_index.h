// ContentIndex: the content model as requests search it.
//
// Items fall in two groups: those that a trained model has learned, and those that none has, which only their
// description can reach. A user whose taste trained models know needs the second group alone, usually a small
// one; for others all items are searched. Of a term's items the `longest_list` with the largest weights are
// kept in each group (impact-ordered lists cut short, Anh and Moffat 2006), so a request's cost is bounded by
// the terms of its history, whatever the size of the catalogue.
//
// Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "models/content/content.h"

namespace winnow {

// Sums by row that are cheap to clear: all zero between two uses.
struct SparseScores {
  std::vector<float> scores;
  std::vector<std::uint32_t> touched;  // rows that are not zero, each once, in no order

  void add(std::uint32_t row, float value) {
    if (scores[row] == 0) touched.push_back(row);
    scores[row] += value;
  }
  void clear() {
    for (const std::uint32_t row : touched) scores[row] = 0;
    touched.clear();
  }
};

class ContentIndex final {
 public:
  // learned: by item of the model.
  ContentIndex(ContentModel model, const std::vector<bool>& learned, std::uint32_t longest_list = 64);

  const ContentModel& model() const { return model_; }

  enum class Search : std::uint8_t { unlearned, all };
  // Adds what the history says for items of the group. out.scores grows to the model's items.
  // O(terms of the history * longest_list).
  void add_scores(std::span<const HistoryEntry> history, Search search, SparseScores& out) const;

 private:
  struct Lists {
    std::vector<std::uint64_t> offsets{0};  // terms + 1
    std::vector<ContentModel::Entry> entries;
  };

  ContentModel model_;
  Lists unlearned_;
  Lists learned_;
};

}  // namespace winnow
