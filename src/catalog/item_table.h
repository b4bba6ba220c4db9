// ItemTable: what a request needs to know of every item, in columns in memory, by dense index.
//
// Readers pin an ItemSnapshot, an immutable version of the table; writers rebuild the chunks of 1,024 items
// that a change touches and publish a new version, so a reader sees one state throughout and is never
// blocked. A change costs O(1,024 x touched chunks + items / 1,024); changes should come in batches.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/published.h"
#include "catalog/catalog.h"
#include "domain/item.h"
#include "math/huge_blocks.h"

namespace winnow {

// What requests ask of every candidate; the spans live as long as the snapshot.
struct ItemAttributes : ItemTraits {
  std::span<const NameKey> regions;
  bool listed = false;     // in the catalogue now (not erased)
  bool available = false;  // listed and available
};

// With the texts as well, which lie elsewhere in memory.
struct ItemView : ItemAttributes {
  std::string_view id;
  std::string_view title;
};

class ItemSnapshot final {
 public:
  static constexpr std::uint32_t kChunkItems = 1024;

  // Indexes given out so far, erased items included.
  std::uint32_t size() const { return size_; }
  // index < size(). O(1).
  ItemAttributes attributes(ItemIndex item) const;
  ItemView view(ItemIndex item) const;
  // Fetches ahead what attributes() reads. index < size().
  void prefetch(ItemIndex item) const { __builtin_prefetch(&stored(item)); }
  std::string_view id(ItemIndex item) const;
  // Fetches ahead where the chunk keeps its text, and once that is there, what view() reads of it.
  void prefetch_chunk(ItemIndex item) const { __builtin_prefetch(&chunks_[row(item) / kChunkItems]->text); }
  void prefetch_text(ItemIndex item) const {
    __builtin_prefetch(chunks_[row(item) / kChunkItems]->text.data() + stored(item).text_start);
  }
  // 0: unknown. index < size(). Apart from view(), since few requests ask for it.
  float price(ItemIndex item) const {
    return chunks_[row(item) / kChunkItems]->price[row(item) % kChunkItems];
  }

 private:
  friend class ItemTable;

  // What requests ask of every candidate, in one line of the processor's cache: filters and features look at
  // hundreds of items all over the catalogue, and wait for memory once for each.
  struct alignas(64) StoredFacts {
    static constexpr std::size_t kNearCategories = 3;

    NameKey creator = 0;
    TimestampMs created_ms = 0;
    std::array<NameKey, kNearCategories> near_categories{};  // all of them, where they are no more
    float duration_s = 0;
    std::uint32_t first_category = 0;
    std::uint32_t first_region = 0;
    std::uint16_t categories = 0;
    std::uint16_t regions = 0;
    std::uint8_t flags = 0;
    std::uint16_t id_size = 0;     // bytes
    std::uint32_t text_start = 0;  // the id, and the title up to the next item's text
  };
  static_assert(sizeof(StoredFacts) == 64);

  // Columns of up to kChunkItems consecutive items; lists and texts lie behind each other, facts say where.
  struct Chunk {
    std::vector<StoredFacts, HugeBlockAllocator<StoredFacts>> facts;
    std::vector<float> price;
    std::vector<NameKey> categories;  // of items with more than kNearCategories
    std::vector<NameKey> regions;
    std::string text;

    Chunk() { facts.reserve(kChunkItems); }

    static constexpr std::uint8_t kListed = 1;
    static constexpr std::uint8_t kAvailable = 2;

    void push(std::string_view id, const Item* item);
    void copy_from(const ItemView& view, float item_price);
  };

  const StoredFacts& stored(ItemIndex item) const {
    return facts_of_chunk_[row(item) / kChunkItems][row(item) % kChunkItems];
  }
  void set_chunk(std::uint32_t number, std::shared_ptr<const Chunk> chunk) {
    facts_of_chunk_[number] = chunk->facts.data();
    chunks_[number] = std::move(chunk);
  }

  std::uint32_t size_ = 0;
  std::vector<std::shared_ptr<const Chunk>> chunks_;
  // Where each chunk's facts begin: so dense that it stays in cache, where the chunks themselves do not.
  std::vector<const StoredFacts*> facts_of_chunk_;
};

// Here, because it is called for every candidate of every request.
inline ItemAttributes ItemSnapshot::attributes(ItemIndex item) const {
  WINNOW_CHECK(row(item) < size_);
  const StoredFacts& from = stored(item);
  ItemAttributes out;
  if (from.categories <= StoredFacts::kNearCategories) {
    out.categories = std::span(from.near_categories).first(from.categories);
  } else {
    const Chunk& chunk = *chunks_[row(item) / kChunkItems];
    out.categories = std::span(chunk.categories).subspan(from.first_category, from.categories);
  }
  if (from.regions > 0) {
    const Chunk& chunk = *chunks_[row(item) / kChunkItems];
    out.regions = std::span(chunk.regions).subspan(from.first_region, from.regions);
  }
  out.creator = from.creator;
  out.created_ms = from.created_ms;
  out.duration_s = from.duration_s;
  out.listed = (from.flags & Chunk::kListed) != 0;
  out.available = (from.flags & Chunk::kAvailable) != 0;
  return out;
}

class ItemTable final {
 public:
  ItemTable();

  // Fills the table from the catalogue. Call once, before anything else.
  Status load(const Catalog& catalog);

  // The k-th change sets the item at that index, or with no item marks it as erased. Thread-safe.
  struct Change {
    ItemIndex index = kNoItem;
    std::string id;
    std::optional<Item> item;
  };
  void apply(std::span<const Change> changes);

  std::shared_ptr<const ItemSnapshot> pin() const { return published_.pin(); }

  // kNoItem when the id was never given an index. O(1), thread-safe.
  ItemIndex find(std::string_view id) const;
  // Up to `limit` items of the creator, the latest to enter the catalogue first; some may be unavailable by
  // now. O(limit), thread-safe.
  std::vector<ItemIndex> items_of_creator(NameKey creator, std::size_t limit) const;
  // The name behind a category's or creator's key; empty when unknown.
  std::string name_of(NameKey key) const;

 private:
  void remember_names(const Item& item) WINNOW_REQUIRES(writer_);
  void remember_creator(ItemIndex index, const Item& item, const ItemSnapshot& old) WINNOW_REQUIRES(writer_);

  Mutex writer_;  // one change at a time; taken before names_mutex_
  Published<ItemSnapshot> published_;

  mutable std::shared_mutex names_mutex_;
  std::unordered_map<std::string, ItemIndex, StringHash, std::equal_to<>> index_by_id_;
  std::unordered_map<NameKey, std::string> names_;
  // An item that moved to another creator stays in the old list, where reading passes over it.
  std::unordered_map<NameKey, std::vector<ItemIndex>> items_by_creator_;
};

}  // namespace winnow
