// Catalog: items and users as the site describes them, durable, with the dense index of every item.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "domain/item.h"
#include "domain/user.h"

namespace winnow {

template <class T>
struct CatalogPage {
  std::vector<T> entries;  // items in order of id bytes; users in an order that depends on their ids alone
  std::string next_after;  // pass as `after` for the next page; empty when there is none
};

class Catalog {
 public:
  virtual ~Catalog() = default;

  // Inserts or replaces; all or nothing, durable on return. The k-th index belongs to the k-th item. An item
  // keeps its index for ever, also when it is erased and comes back. Thread-safe, as are all calls.
  virtual Result<std::vector<ItemIndex>> put_items(std::span<const Item> items) = 0;
  virtual Result<Item> item(std::string_view id) const = 0;  // not_found
  virtual Result<bool> erase_item(std::string_view id) = 0;  // false when there was none
  virtual Result<CatalogPage<Item>> items(std::string_view after, std::size_t limit) const = 0;

  // Every item with its index, in order of index; stops at the first error that `each` returns.
  virtual Status for_each_item(const std::function<Status(ItemIndex, const Item&)>& each) const = 0;
  // Every index ever given out, with its id, erased items included, in order of index.
  virtual Status for_each_index(const std::function<Status(ItemIndex, std::string_view id)>& each) const = 0;

  virtual Status put_users(std::span<const User> users) = 0;
  virtual Result<User> user(std::string_view id) const = 0;  // not_found
  // Removes the profile, from disk too. false when there was none.
  virtual Result<bool> erase_user(std::string_view id) = 0;
  virtual Result<CatalogPage<User>> users(std::string_view after, std::size_t limit) const = 0;

  virtual std::uint64_t item_count() const = 0;
  virtual std::uint64_t user_count() const = 0;
};

}  // namespace winnow
