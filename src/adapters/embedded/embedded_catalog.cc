#include "adapters/embedded/embedded_catalog.h"

#include <fmt/format.h>
#include <rocksdb/write_batch.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "adapters/embedded/profile_codec.h"
#include "adapters/embedded/store_engine.h"
#include "base/bytes.h"
#include "base/text.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kCountsKey = "catalog/counts";

Error no_such(std::string_view what, std::string_view field, std::string_view id) {
  return {ErrorCode::not_found,
          fmt::format("there is no {} \"{}\": check the id, or put it first", what, excerpt(id)),
          std::string(field)};
}

std::string index_key(ItemIndex index) { return number_key(row(index)); }

Result<std::optional<ItemIndex>> find_index(const StoreEngine& engine, std::string_view id) {
  WINNOW_TRY(const auto bytes, engine.get(Column::item_ids, id));
  if (!bytes) return std::optional<ItemIndex>();
  return std::optional(ItemIndex{read_big_endian<std::uint32_t>(*bytes)});
}

// The item's row; nothing when there never was one.
Result<std::optional<StoredItem>> find_item(const StoreEngine& engine, ItemIndex index) {
  WINNOW_TRY(const auto bytes, engine.get(Column::items, index_key(index)));
  if (!bytes) return std::optional<StoredItem>();
  WINNOW_TRY(StoredItem stored, decode_item(*bytes));
  return std::optional(std::move(stored));
}

}  // namespace

Result<std::unique_ptr<EmbeddedCatalog>> EmbeddedCatalog::open(Store& store) {
  std::unique_ptr<EmbeddedCatalog> catalog(new EmbeddedCatalog(store));
  WINNOW_TRY(const auto engine, store.pin());
  WINNOW_TRY(const Counts counts, read_counts(*engine));
  MutexLock write_lock(catalog->write_mutex_);
  catalog->generation_ = engine->generation();
  MutexLock lock(catalog->counts_mutex_);
  catalog->counts_ = counts;
  return catalog;
}

std::string EmbeddedCatalog::encode(const Counts& counts) {
  ByteWriter out;
  out.fixed(kFormat);
  out.fixed(counts.next_index);
  out.fixed(counts.items);
  out.fixed(counts.users);
  return out.take();
}

Result<EmbeddedCatalog::Counts> EmbeddedCatalog::read_counts(const StoreEngine& engine) {
  WINNOW_TRY(const auto bytes, engine.get(Column::meta, kCountsKey));
  Counts counts;
  if (!bytes) return counts;
  ByteReader in(*bytes);
  const auto format = in.fixed<std::uint8_t>();
  counts.next_index = in.fixed<std::uint32_t>();
  counts.items = in.fixed<std::uint64_t>();
  counts.users = in.fixed<std::uint64_t>();
  if (in.failed() || !in.at_end() || format != kFormat) {
    return Error{ErrorCode::corrupt, "the catalogue's counts cannot be read: restore the store from a dump"};
  }
  return counts;
}

EmbeddedCatalog::Counts EmbeddedCatalog::counts() const {
  if (store_.read_only()) {
    const auto engine = store_.pin();
    return engine.ok() ? read_counts(**engine).value_or({}) : Counts{};
  }
  MutexLock lock(counts_mutex_);
  return counts_;
}

std::uint64_t EmbeddedCatalog::item_count() const { return counts().items; }
std::uint64_t EmbeddedCatalog::user_count() const { return counts().users; }

Result<std::shared_ptr<const StoreEngine>> EmbeddedCatalog::writer() {
  WINNOW_TRY(auto engine, store_.writer());
  if (engine->generation() != generation_) {
    WINNOW_TRY(const Counts counts, read_counts(*engine));
    generation_ = engine->generation();
    MutexLock lock(counts_mutex_);
    counts_ = counts;
  }
  return engine;
}

Status EmbeddedCatalog::write(const StoreEngine& engine, rocksdb::WriteBatch& batch, const Counts& counts) {
  batch.Put(engine.column(Column::meta), slice(kCountsKey), encode(counts));
  WINNOW_RETURN_IF_ERROR(store_.write(engine, batch, Store::Durability::durable));
  MutexLock lock(counts_mutex_);
  counts_ = counts;
  return {};
}

Result<std::vector<ItemIndex>> EmbeddedCatalog::put_items(std::span<const Item> items) {
  MutexLock lock(write_mutex_);
  WINNOW_TRY(const auto engine, writer());
  Counts next = counts();
  rocksdb::WriteBatch batch;
  std::vector<ItemIndex> indices;
  indices.reserve(items.size());
  std::unordered_map<std::string_view, ItemIndex>
      given;  // in this call: an id may come twice, the last one wins
  for (const Item& item : items) {
    const auto [place, fresh] = given.try_emplace(item.id, kNoItem);
    if (fresh) {
      WINNOW_TRY(const auto known, find_index(*engine, item.id));
      if (known) {
        WINNOW_TRY(const auto stored, find_item(*engine, *known));
        if (!stored || stored->erased) ++next.items;
        place->second = *known;
      } else {
        if (next.next_index == row(kNoItem)) {
          return Error{ErrorCode::exhausted,
                       "the catalogue has given out all of its 4,294,967,295 item indices: import "
                       "the items that are still wanted into a new store"};
        }
        place->second = ItemIndex{next.next_index++};
        ++next.items;
        batch.Put(engine->column(Column::item_ids), item.id, index_key(place->second));
      }
    }
    batch.Put(engine->column(Column::items), index_key(place->second), encode_item(item));
    indices.push_back(place->second);
  }
  if (items.empty()) return indices;
  WINNOW_RETURN_IF_ERROR(write(*engine, batch, next));
  return indices;
}

Result<Item> EmbeddedCatalog::item(std::string_view id) const {
  WINNOW_TRY(const auto engine, store_.pin());
  WINNOW_TRY(const auto index, find_index(*engine, id));
  if (!index) return no_such("item", "item_id", id);
  WINNOW_TRY(auto stored, find_item(*engine, *index));
  if (!stored || stored->erased) return no_such("item", "item_id", id);
  return std::move(stored->item);
}

Result<bool> EmbeddedCatalog::erase_item(std::string_view id) {
  MutexLock lock(write_mutex_);
  WINNOW_TRY(const auto engine, writer());
  WINNOW_TRY(const auto index, find_index(*engine, id));
  if (!index) return false;
  WINNOW_TRY(const auto stored, find_item(*engine, *index));
  if (!stored || stored->erased) return false;
  Counts next = counts();
  --next.items;
  rocksdb::WriteBatch batch;
  batch.Put(engine->column(Column::items), index_key(*index), encode_erased_item(id));
  WINNOW_RETURN_IF_ERROR(write(*engine, batch, next));
  return true;
}

Result<CatalogPage<Item>> EmbeddedCatalog::items(std::string_view after, std::size_t limit) const {
  WINNOW_TRY(const auto engine, store_.pin());
  CatalogPage<Item> page;
  if (limit == 0) return page;
  KeyWalk walk(engine, Column::item_ids);
  // The smallest key behind `after` is the same with a zero byte behind it.
  if (after.empty()) {
    walk.to_first();
  } else {
    walk.seek(std::string(after) + '\0');
  }
  for (; walk.valid(); walk.next()) {
    WINNOW_TRY(auto stored, find_item(*engine, ItemIndex{read_big_endian<std::uint32_t>(walk.value())}));
    if (!stored || stored->erased) continue;
    if (page.entries.size() == limit) {
      page.next_after = page.entries.back().id;
      break;
    }
    page.entries.push_back(std::move(stored->item));
  }
  WINNOW_RETURN_IF_ERROR(walk.status());
  return page;
}

Status EmbeddedCatalog::for_each_item(const std::function<Status(ItemIndex, const Item&)>& each) const {
  WINNOW_TRY(const auto engine, store_.pin());
  KeyWalk walk(engine, Column::items);
  for (walk.to_first(); walk.valid(); walk.next()) {
    WINNOW_TRY(const StoredItem stored, decode_item(walk.value()));
    if (stored.erased) continue;
    WINNOW_RETURN_IF_ERROR(each(ItemIndex{read_big_endian<std::uint32_t>(walk.key())}, stored.item));
  }
  return walk.status();
}

Status EmbeddedCatalog::for_each_index(
    const std::function<Status(ItemIndex, std::string_view id)>& each) const {
  WINNOW_TRY(const auto engine, store_.pin());
  KeyWalk walk(engine, Column::items);
  for (walk.to_first(); walk.valid(); walk.next()) {
    WINNOW_TRY(const std::string id, decode_item_id(walk.value()));
    WINNOW_RETURN_IF_ERROR(each(ItemIndex{read_big_endian<std::uint32_t>(walk.key())}, id));
  }
  return walk.status();
}

Status EmbeddedCatalog::put_users(std::span<const User> users) {
  if (users.empty()) return {};
  MutexLock lock(write_mutex_);
  WINNOW_TRY(const auto engine, writer());
  Counts next = counts();
  rocksdb::WriteBatch batch;
  std::unordered_set<std::string_view> given;  // in this call: an id may come twice, the last one wins
  for (const User& user : users) {
    const std::string key = hash_key(hash128(user.id));
    if (given.insert(user.id).second) {
      WINNOW_TRY(const auto known, engine->get(Column::users, key));
      if (!known) ++next.users;
    }
    batch.Put(engine->column(Column::users), key, encode_user(user));
  }
  return write(*engine, batch, next);
}

Result<User> EmbeddedCatalog::user(std::string_view id) const {
  WINNOW_TRY(const auto engine, store_.pin());
  WINNOW_TRY(const auto bytes, engine->get(Column::users, hash_key(hash128(id))));
  if (!bytes) return no_such("user", "user_id", id);
  WINNOW_TRY(User user, decode_user(*bytes));
  if (user.id != id) return no_such("user", "user_id", id);
  return user;
}

// Scrubs also when there is no such user: an older version of a profile, or an erasure that was cut short,
// may have left its bytes in the files.
Result<bool> EmbeddedCatalog::erase_user(std::string_view id) {
  const std::string key = hash_key(hash128(id));
  bool erased = false;
  {
    MutexLock lock(write_mutex_);
    WINNOW_TRY(const auto engine, writer());
    WINNOW_TRY(const auto known, engine->get(Column::users, key));
    if (known) {
      Counts next = counts();
      --next.users;
      rocksdb::WriteBatch batch;
      batch.Delete(engine->column(Column::users), key);
      WINNOW_RETURN_IF_ERROR(write(*engine, batch, next));
      erased = true;
    }
  }
  const Store::Range touched[] = {{Column::users, key, key}};
  WINNOW_RETURN_IF_ERROR(store_.scrub(touched));
  return erased;
}

Result<CatalogPage<User>> EmbeddedCatalog::users(std::string_view after, std::size_t limit) const {
  WINNOW_TRY(const auto engine, store_.pin());
  CatalogPage<User> page;
  if (limit == 0) return page;
  KeyWalk walk(engine, Column::users);
  if (after.empty()) {
    walk.to_first();
  } else {
    walk.seek(hash_key(hash128(after)) + '\0');
  }
  for (; walk.valid(); walk.next()) {
    WINNOW_TRY(User user, decode_user(walk.value()));
    if (page.entries.size() == limit) {
      page.next_after = page.entries.back().id;
      break;
    }
    page.entries.push_back(std::move(user));
  }
  WINNOW_RETURN_IF_ERROR(walk.status());
  return page;
}

}  // namespace winnow
