#include "catalog/item_table.h"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>

#include "base/check.h"

namespace winnow {

namespace {

std::vector<NameKey> keys_of(const std::vector<std::string>& names) {
  std::vector<NameKey> keys;
  keys.reserve(names.size());
  for (const std::string& name : names) keys.push_back(name_key(name));
  return keys;
}

}  // namespace

void ItemSnapshot::Chunk::push(std::string_view id, const Item* item) {
  static const Item kErased;
  const Item& from = item != nullptr ? *item : kErased;
  // The limits hold here too: stores of older releases may hold more, which no float can.
  ItemView view;
  const std::vector<NameKey> category_keys = keys_of(from.categories);
  const std::vector<NameKey> region_keys = keys_of(from.regions);
  view.id = id;
  view.title = from.title;
  view.categories = category_keys;
  view.regions = region_keys;
  view.creator = from.creator.empty() ? 0 : name_key(from.creator);
  view.created_ms = from.created_ms;
  view.duration_s = static_cast<float>(std::min(from.duration_s, kMaxDurationS));
  view.listed = item != nullptr;
  view.available = item != nullptr && item->available;
  copy_from(view, static_cast<float>(std::min(from.price, kMaxPrice)));
}

void ItemSnapshot::Chunk::copy_from(const ItemView& view, float item_price) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint16_t>::max();  // validation allows far fewer
  WINNOW_CHECK(view.categories.size() <= kMost && view.regions.size() <= kMost && view.id.size() <= kMost);
  StoredFacts& fresh = facts.emplace_back(StoredFacts{
      .creator = view.creator,
      .created_ms = view.created_ms,
      .duration_s = view.duration_s,
      .first_category = static_cast<std::uint32_t>(categories.size()),
      .first_region = static_cast<std::uint32_t>(regions.size()),
      .categories = static_cast<std::uint16_t>(view.categories.size()),
      .regions = static_cast<std::uint16_t>(view.regions.size()),
      .flags = static_cast<std::uint8_t>((view.listed ? kListed : 0) | (view.available ? kAvailable : 0)),
      .id_size = static_cast<std::uint16_t>(view.id.size()),
      .text_start = static_cast<std::uint32_t>(text.size())});
  if (view.categories.size() <= StoredFacts::kNearCategories) {
    std::ranges::copy(view.categories, fresh.near_categories.begin());
  } else {
    categories.insert(categories.end(), view.categories.begin(), view.categories.end());
  }
  price.push_back(item_price);
  regions.insert(regions.end(), view.regions.begin(), view.regions.end());
  text.append(view.id);
  text.append(view.title);
}

std::string_view ItemSnapshot::id(ItemIndex item) const {
  WINNOW_CHECK(row(item) < size_);
  const StoredFacts& from = stored(item);
  return std::string_view(chunks_[row(item) / kChunkItems]->text).substr(from.text_start, from.id_size);
}

ItemView ItemSnapshot::view(ItemIndex item) const {
  ItemView view;
  static_cast<ItemAttributes&>(view) = attributes(item);
  view.id = id(item);
  const Chunk& chunk = *chunks_[row(item) / kChunkItems];
  const std::size_t next = row(item) % kChunkItems + 1;
  const std::size_t end = next < chunk.facts.size() ? chunk.facts[next].text_start : chunk.text.size();
  const std::size_t start = stored(item).text_start + view.id.size();
  view.title = std::string_view(chunk.text).substr(start, end - start);
  return view;
}

ItemTable::ItemTable() : published_(std::make_shared<const ItemSnapshot>()) {}

void ItemTable::remember_names(const Item& item) {
  for (const std::string& category : item.categories) names_.try_emplace(name_key(category), category);
  if (!item.creator.empty()) names_.try_emplace(name_key(item.creator), item.creator);
}

Status ItemTable::load(const Catalog& catalog) {
  // Erased items have an index but no item, so the ids come first and the items are laid over them.
  constexpr std::size_t kBatch = 64 * ItemSnapshot::kChunkItems;
  std::vector<Change> batch;
  const auto add = [&](Change change) -> Status {
    batch.push_back(std::move(change));
    if (batch.size() == kBatch) {
      apply(batch);
      batch.clear();
    }
    return {};
  };
  WINNOW_RETURN_IF_ERROR(catalog.for_each_index([&](ItemIndex index, std::string_view id) {
    return add({index, std::string(id), std::nullopt});
  }));
  WINNOW_RETURN_IF_ERROR(catalog.for_each_item([&](ItemIndex index, const Item& item) {
    return add({index, item.id, item});
  }));
  apply(batch);
  return {};
}

void ItemTable::remember_creator(ItemIndex index, const Item& item, const ItemSnapshot& old) {
  if (item.creator.empty()) return;
  const NameKey creator = name_key(item.creator);
  const bool listed = row(index) < old.size() && old.attributes(index).creator == creator;
  if (!listed) items_by_creator_[creator].push_back(index);
}

void ItemTable::apply(std::span<const Change> changes) {
  if (changes.empty()) return;
  MutexLock writing(writer_);
  const std::shared_ptr<const ItemSnapshot> old = published_.pin();
  {
    const std::unique_lock lock(names_mutex_);
    for (const Change& change : changes) {
      index_by_id_.try_emplace(change.id, change.index);
      if (!change.item) continue;
      remember_names(*change.item);
      remember_creator(change.index, *change.item, *old);
    }
  }
  auto next = std::make_shared<ItemSnapshot>(*old);

  std::map<std::uint32_t, std::map<std::uint32_t, const Change*>> by_chunk;  // chunk -> slot -> last change
  for (const Change& change : changes) {
    const std::uint32_t index = row(change.index);
    by_chunk[index / ItemSnapshot::kChunkItems][index % ItemSnapshot::kChunkItems] = &change;
    next->size_ = std::max(next->size_, index + 1);
  }
  const std::uint32_t chunk_count = (next->size_ + ItemSnapshot::kChunkItems - 1) / ItemSnapshot::kChunkItems;
  for (auto chunk = static_cast<std::uint32_t>(next->chunks_.size()); chunk < chunk_count; ++chunk) {
    next->chunks_.push_back(nullptr);
    next->facts_of_chunk_.push_back(nullptr);
    by_chunk[chunk];  // a chunk between the old end and the new one is made too
  }
  if (!old->chunks_.empty()) by_chunk[static_cast<std::uint32_t>(old->chunks_.size() - 1)];  // it may grow

  for (const auto& [number, slots] : by_chunk) {
    const std::uint32_t first = number * ItemSnapshot::kChunkItems;
    const std::uint32_t end = std::min(next->size_, first + ItemSnapshot::kChunkItems);
    auto chunk = std::make_shared<ItemSnapshot::Chunk>();
    for (std::uint32_t index = first; index < end; ++index) {
      const auto found = slots.find(index - first);
      if (found != slots.end()) {
        const Change& change = *found->second;
        chunk->push(change.id, change.item ? &*change.item : nullptr);
      } else if (index < old->size_) {
        chunk->copy_from(old->view(ItemIndex{index}), old->price(ItemIndex{index}));
      } else {
        chunk->push("", nullptr);
      }
    }
    next->set_chunk(number, std::move(chunk));
  }
  published_.publish(std::move(next));
}

ItemIndex ItemTable::find(std::string_view id) const {
  const std::shared_lock lock(names_mutex_);
  const auto found = index_by_id_.find(id);
  return found == index_by_id_.end() ? kNoItem : found->second;
}

std::vector<ItemIndex> ItemTable::items_of_creator(NameKey creator, std::size_t limit) const {
  const std::shared_ptr<const ItemSnapshot> items = pin();
  std::vector<ItemIndex> found;
  const std::shared_lock lock(names_mutex_);
  const auto list = items_by_creator_.find(creator);
  if (list == items_by_creator_.end()) return found;
  for (auto item = list->second.rbegin(); item != list->second.rend() && found.size() < limit; ++item) {
    if (row(*item) < items->size() && items->attributes(*item).creator == creator) found.push_back(*item);
  }
  return found;
}

std::string ItemTable::name_of(NameKey key) const {
  const std::shared_lock lock(names_mutex_);
  const auto found = names_.find(key);
  return found == names_.end() ? std::string() : found->second;
}

}  // namespace winnow
