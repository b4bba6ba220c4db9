// EmbeddedCatalog: items and users in the site's store. Format: docs/formats/catalog.md.
//
// Items lie by their dense index and are listed by id through a second column. Users lie by the hash of their
// id, because a key must not spell out whom it is about, and are listed in that order.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <vector>

#include "adapters/embedded/store.h"
#include "base/mutex.h"
#include "catalog/catalog.h"

namespace winnow {

class EmbeddedCatalog final : public Catalog {
 public:
  // The store outlives it.
  static Result<std::unique_ptr<EmbeddedCatalog>> open(Store& store);

  Result<std::vector<ItemIndex>> put_items(std::span<const Item> items) override;
  Result<Item> item(std::string_view id) const override;
  Result<bool> erase_item(std::string_view id) override;
  Result<CatalogPage<Item>> items(std::string_view after, std::size_t limit) const override;
  Status for_each_item(const std::function<Status(ItemIndex, const Item&)>& each) const override;
  Status for_each_index(const std::function<Status(ItemIndex, std::string_view id)>& each) const override;
  Status put_users(std::span<const User> users) override;
  Result<User> user(std::string_view id) const override;
  Result<bool> erase_user(std::string_view id) override;
  Result<CatalogPage<User>> users(std::string_view after, std::size_t limit) const override;
  std::uint64_t item_count() const override;
  std::uint64_t user_count() const override;

 private:
  struct Counts {
    std::uint32_t next_index = 0;
    std::uint64_t items = 0;
    std::uint64_t users = 0;
  };
  explicit EmbeddedCatalog(Store& store) : store_(store) {}
  static Result<Counts> read_counts(const StoreEngine& engine);
  static std::string encode(const Counts& counts);
  Counts counts() const;
  Result<std::shared_ptr<const StoreEngine>> writer() WINNOW_REQUIRES(write_mutex_);
  Status write(const StoreEngine& engine, rocksdb::WriteBatch& batch, const Counts& counts)
      WINNOW_REQUIRES(write_mutex_);

  Store& store_;
  Mutex write_mutex_;  // before counts_mutex_
  std::uint64_t generation_ WINNOW_GUARDED_BY(write_mutex_) = 0;
  mutable Mutex counts_mutex_;
  Counts counts_ WINNOW_GUARDED_BY(counts_mutex_);
};

}  // namespace winnow
