#include "adapters/embedded/profile_codec.h"

#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;
enum ItemFlag : std::uint8_t { erased_flag = 1, unavailable_flag = 2 };

Error damaged(std::string_view what) {
  return {ErrorCode::corrupt, "the catalogue holds " + std::string(what) +
                                  " that cannot be read: put it again, or restore the store from a dump"};
}

void write_list(ByteWriter& out, const std::vector<std::string>& values) {
  out.varint(values.size());
  for (const std::string& value : values) out.string(value);
}

std::vector<std::string> read_list(ByteReader& in) {
  std::vector<std::string> values;
  for (std::uint64_t count = in.varint(); count > 0 && !in.failed(); --count)
    values.emplace_back(in.string());
  return values;
}

void write_attributes(ByteWriter& out, const std::map<std::string, std::string>& attributes) {
  out.varint(attributes.size());
  for (const auto& [name, value] : attributes) {
    out.string(name);
    out.string(value);
  }
}

std::map<std::string, std::string> read_attributes(ByteReader& in) {
  std::map<std::string, std::string> attributes;
  for (std::uint64_t count = in.varint(); count > 0 && !in.failed(); --count) {
    const std::string_view name = in.string();
    attributes.insert_or_assign(std::string(name), in.string());
  }
  return attributes;
}

}  // namespace

std::string encode_item(const Item& item) {
  ByteWriter out;
  out.fixed(kFormat);
  out.fixed(static_cast<std::uint8_t>(item.available ? 0 : unavailable_flag));
  out.string(item.id);
  out.string(item.title);
  out.string(item.description);
  write_list(out, item.categories);
  write_list(out, item.tags);
  out.string(item.creator);
  out.signed_varint(item.created_ms);
  out.fixed(item.duration_s);
  out.fixed(item.price);
  write_list(out, item.regions);
  write_attributes(out, item.attributes);
  return out.take();
}

std::string encode_erased_item(std::string_view id) {
  ByteWriter out;
  out.fixed(kFormat);
  out.fixed(static_cast<std::uint8_t>(erased_flag));
  out.string(id);
  return out.take();
}

Result<StoredItem> decode_item(std::string_view bytes) {
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  const auto flags = in.fixed<std::uint8_t>();
  StoredItem stored;
  Item& item = stored.item;
  stored.erased = (flags & erased_flag) != 0;
  item.available = (flags & unavailable_flag) == 0;
  item.id = in.string();
  if (!stored.erased) {
    item.title = in.string();
    item.description = in.string();
    item.categories = read_list(in);
    item.tags = read_list(in);
    item.creator = in.string();
    item.created_ms = in.signed_varint();
    item.duration_s = in.fixed<double>();
    item.price = in.fixed<double>();
    item.regions = read_list(in);
    item.attributes = read_attributes(in);
  }
  const bool sound = std::isfinite(item.duration_s) && std::isfinite(item.price);
  if (in.failed() || !in.at_end() || format != kFormat || !sound) return damaged("an item");
  return stored;
}

Result<std::string> decode_item_id(std::string_view bytes) {
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  in.fixed<std::uint8_t>();
  const std::string_view id = in.string();
  if (in.failed() || format != kFormat) return damaged("an item");
  return std::string(id);
}

std::string encode_user(const User& user) {
  ByteWriter out;
  out.fixed(kFormat);
  out.string(user.id);
  out.string(user.country);
  out.string(user.language);
  out.string(user.age_group);
  out.signed_varint(user.signup_ms);
  write_list(out, user.interests);
  write_list(out, user.follows);
  write_attributes(out, user.attributes);
  return out.take();
}

Result<User> decode_user(std::string_view bytes) {
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  User user;
  user.id = in.string();
  user.country = in.string();
  user.language = in.string();
  user.age_group = in.string();
  user.signup_ms = in.signed_varint();
  user.interests = read_list(in);
  user.follows = read_list(in);
  user.attributes = read_attributes(in);
  if (in.failed() || !in.at_end() || format != kFormat) return damaged("a user");
  return user;
}

}  // namespace winnow
