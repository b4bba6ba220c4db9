// The bytes of items and users in the embedded catalogue. Format: docs/formats/catalog.md.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/item.h"
#include "domain/user.h"

namespace winnow {

// An item's row outlives the item: an erased one keeps its id, so that its index is never given to another.
struct StoredItem {
  bool erased = false;
  Item item;  // of an erased one the id alone
};

std::string encode_item(const Item& item);
std::string encode_erased_item(std::string_view id);
Result<StoredItem> decode_item(std::string_view bytes);
// Only the id, for walks over all indices.
Result<std::string> decode_item_id(std::string_view bytes);

std::string encode_user(const User& user);
Result<User> decode_user(std::string_view bytes);

}  // namespace winnow
