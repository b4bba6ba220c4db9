// The rules of Item and User.
#include <fmt/format.h>

#include <string_view>

#include "base/text.h"
#include "domain/item.h"
#include "domain/user.h"

namespace winnow {

namespace {

constexpr std::size_t kMaxTextBytes = 65536;
constexpr std::size_t kMaxCategories = 64;
constexpr std::size_t kMaxListed = 256;

Status check_text(std::string_view text, std::string_view field, std::size_t limit = kMaxTextBytes) {
  if (text.size() > limit) {
    return Error{ErrorCode::invalid,
                 fmt::format("{} has {} bytes: the limit is {}", field, text.size(), limit),
                 std::string(field)};
  }
  if (!is_utf8(text)) {
    return Error{ErrorCode::invalid, fmt::format("{} is not valid UTF-8: encode it as UTF-8", field),
                 std::string(field)};
  }
  return {};
}

Status check_list(const std::vector<std::string>& values, std::string_view field, std::size_t limit) {
  if (values.size() > limit) {
    return Error{ErrorCode::invalid,
                 fmt::format("{} lists {} values: the limit is {}", field, values.size(), limit),
                 std::string(field)};
  }
  for (const std::string& value : values) WINNOW_RETURN_IF_ERROR(check_id(value, field));
  return {};
}

Status check_attributes(const std::map<std::string, std::string>& attributes) {
  if (attributes.size() > kMaxListed) {
    return Error{ErrorCode::invalid,
                 fmt::format("attributes has {} entries: the limit is {}", attributes.size(), kMaxListed),
                 "attributes"};
  }
  for (const auto& [name, value] : attributes) {
    WINNOW_RETURN_IF_ERROR(check_id(name, "attributes"));
    WINNOW_RETURN_IF_ERROR(check_text(value, "attributes"));
  }
  return {};
}

Status check_time(TimestampMs time_ms, std::string_view field) {
  constexpr TimestampMs kYear2200Ms = 7258118400000;
  if (time_ms < 0 || time_ms > kYear2200Ms) {
    return Error{ErrorCode::invalid,
                 fmt::format("{} is {}: give milliseconds since 1970-01-01 UTC", field, time_ms),
                 std::string(field)};
  }
  return {};
}

Status check_amount(double value, std::string_view field, double most) {
  if (!(value >= 0 && value <= most)) {
    return Error{ErrorCode::invalid, fmt::format("{} is {}: give a number from 0 to {}", field, value, most),
                 std::string(field)};
  }
  return {};
}

}  // namespace

Status validate(const Item& item) {
  WINNOW_RETURN_IF_ERROR(check_id(item.id, "item_id"));
  WINNOW_RETURN_IF_ERROR(check_text(item.title, "title", 4096));
  WINNOW_RETURN_IF_ERROR(check_text(item.description, "description"));
  WINNOW_RETURN_IF_ERROR(check_list(item.categories, "categories", kMaxCategories));
  WINNOW_RETURN_IF_ERROR(check_list(item.tags, "tags", kMaxListed));
  if (!item.creator.empty()) WINNOW_RETURN_IF_ERROR(check_id(item.creator, "creator"));
  WINNOW_RETURN_IF_ERROR(check_time(item.created_ms, "created_at"));
  WINNOW_RETURN_IF_ERROR(check_amount(item.duration_s, "duration", kMaxDurationS));
  WINNOW_RETURN_IF_ERROR(check_amount(item.price, "price", kMaxPrice));
  WINNOW_RETURN_IF_ERROR(check_list(item.regions, "regions", kMaxListed));
  return check_attributes(item.attributes);
}

Status validate(const User& user) {
  WINNOW_RETURN_IF_ERROR(check_id(user.id, "user_id"));
  WINNOW_RETURN_IF_ERROR(check_text(user.country, "country", 64));
  WINNOW_RETURN_IF_ERROR(check_text(user.language, "language", 64));
  WINNOW_RETURN_IF_ERROR(check_text(user.age_group, "age_group", 64));
  WINNOW_RETURN_IF_ERROR(check_time(user.signup_ms, "signup_date"));
  WINNOW_RETURN_IF_ERROR(check_list(user.interests, "interests", kMaxListed));
  WINNOW_RETURN_IF_ERROR(check_list(user.follows, "follows", 4096));
  return check_attributes(user.attributes);
}

}  // namespace winnow
