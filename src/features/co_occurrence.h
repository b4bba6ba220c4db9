// CoOccurrence: "people who turned to this also turned to", kept up to date by every event of the stream.
//
// When somebody speaks for an item for the first time, it has come together with each of the last few items
// that they spoke for before; both items of such a pair count the other among their companions. Similarity
// is that of the trained model (models/item_to_item/item_to_item.h) over these decayed counts:
//
//     sum over people of n_u^-1/2  /  ((W_i W_j)^popularity_exponent + shrinkage)
//
// where n_u is the number of items in the person's history and W_i the number of people who turned to i.
//
// Bounded: at most max_items items have companions, some 400 bytes each; over that, the tenth that was left
// alone for longest is forgotten. A visit costs O(kWindow x Companions::kCounters).
//
// Threads: one writer at a time; any number of readers meanwhile, which wait for a lock of a few items for no
// longer than one of them takes to be read or changed. The same visits in the same order give the same bytes.
// Format: docs/formats/aggregates.md.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/published.h"
#include "base/result.h"
#include "features/companions.h"
#include "features/trends.h"

namespace winnow {

struct CoOccurrenceOptions {
  double half_life_days = 30;
  std::size_t max_items = 1'000'000;  // with companions
};

// Somebody speaks for an item for the first time.
struct Visit {
  static constexpr std::size_t kWindow = 5;

  ItemIndex item = kNoItem;
  std::uint32_t window = 0;                 // how many of `before` there are
  std::array<ItemIndex, kWindow> before{};  // what they spoke for last, each once, none of them `item`
  float share = 1;                          // of the person in each pair
  TimestampMs time_ms = 0;
  std::span<const ItemIndex> companions() const { return std::span(before).first(window); }
};

// What turns counts into similarities.
struct SimilarityScale {
  float popularity_exponent = 0.35f;
  float shrinkage = 0;
};

class CoOccurrence final {
 private:
  struct Chunk;
  using Directory = std::vector<std::atomic<Chunk*>>;

 public:
  explicit CoOccurrence(CoOccurrenceOptions options);
  ~CoOccurrence();

  void add(const Visit& visit);
  // Takes a visit of an erased person back out; see Companions::subtract for how exactly.
  void subtract(const Visit& visit);
  void clear();

  std::size_t items() const { return items_; }  // with companions; for the writer

  std::string encode() const;
  // What was counted with another half-life is not comparable and is forgotten. corrupt: nothing is known.
  Status decode(std::string_view bytes);

  // What a request looks at. Not beyond the CoOccurrence.
  class Reader final {
   public:
    // Another number whenever the set of the item's companions may have changed; 0 for one without any. O(1).
    std::uint32_t version(ItemIndex item) const;
    // The item's companions that are wanted, all by default, with their similarity: finite and > 0. In no
    // order.
    std::vector<ScoredItem> similar(ItemIndex item, const SimilarityScale& scale,
                                    const std::function<bool(ItemIndex)>& wanted = {}) const;

   private:
    friend class CoOccurrence;
    Reader(std::shared_ptr<const Directory> directory, double now)
        : directory_(std::move(directory)), now_(now) {}
    Chunk* chunk_of(ItemIndex item) const;

    std::shared_ptr<const Directory> directory_;
    double now_;  // of the stream, in half-lives
  };
  Reader reader() const;

 private:
  static constexpr std::uint32_t kChunkItems = 64;

  Chunk& chunk_of(ItemIndex item);
  double half_lives(TimestampMs time_ms) const;
  void drop(ItemIndex item);
  void forget_surplus();
  template <class Each>
  void for_each_list(Each each) const;

  CoOccurrenceOptions options_;
  std::vector<std::unique_ptr<Chunk>> chunks_;  // none is freed while a reader may hold it
  std::shared_ptr<Directory> directory_;        // the writer's own hold of published_
  Published<Directory> published_;
  std::size_t items_ = 0;
  std::atomic<TimestampMs> newest_ms_{0};
};

}  // namespace winnow
