// StreamSimilarity: what the event stream knows of a history that the trained model does not.
//
// Items that the model has never seen speak for their companions, and items that it knows speak for those
// companions that it does not. What it knows of both, it knows better. So the catalogue's newest items are
// recommended, and speak for others, from the first events about them on.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "features/co_occurrence.h"
#include "models/interactions.h"
#include "models/item_to_item/item_to_item.h"
#include "models/vocabulary.h"
#include "stages/item_numbering.h"

namespace winnow {

// For each row of the model: the version of its companions (CoOccurrence::Reader) that was last found to hold
// nothing beyond the model, so that a request looks at companions only where there may be something to find.
// Thread-safe.
class NothingNew final {
 public:
  explicit NothingNew(std::uint32_t rows) : versions_(rows) {}
  bool holds(std::uint32_t row, std::uint32_t version) const {
    return versions_[row].load(std::memory_order_relaxed) == version;
  }
  void note(std::uint32_t row, std::uint32_t version) {
    versions_[row].store(version, std::memory_order_relaxed);
  }

 private:
  std::vector<std::atomic<std::uint32_t>> versions_;  // from 0 on: an item without companions
};

// The model's scale for what the stream counted: with some shrinkage more, since it is young evidence.
SimilarityScale stream_scale(const ItemToItemOptions& options);

class StreamSimilarity final {
 public:
  struct Opinion {
    ItemIndex item = kNoItem;
    float score = 0;              // > 0, on the scale of the model
    ItemIndex because = kNoItem;  // the entry that speaks most for it
    float because_share = 0;      // of the score
  };

  // Of each part of a history the newest so many entries count.
  static constexpr std::size_t kMostKnown = 4;
  static constexpr std::size_t kMostUnknown = 8;

  struct History {
    std::span<const HistoryEntry> known;    // by row of the model
    std::span<const HistoryEntry> unknown;  // by index in the catalogue
  };
  // Nothing where `stream` is null. O(known) when the model knows all items, O(companions) more for every
  // item with something new.
  StreamSimilarity(const CoOccurrence* stream, const ItemToItemModel& model, const Vocabulary& vocabulary,
                   NothingNew& nothing_new, const History& history);

  // Each item once.
  std::span<const Opinion> opinions() const { return opinions_; }
  // Null when there is none. O(1).
  const Opinion* find(ItemIndex item) const {
    const std::uint32_t number = numbering_.find(item);
    return number == ItemNumbering::kNone ? nullptr : &opinions_[number];
  }

 private:
  static constexpr std::size_t kMostOpinions = (kMostKnown + kMostUnknown) * Companions::kCounters;

  // `because` has companions, and says so much.
  void add(ItemIndex because, float weight, std::span<const ScoredItem> companions);

  std::vector<Opinion> opinions_;
  ItemNumbering numbering_;  // of opinions_
};

}  // namespace winnow
