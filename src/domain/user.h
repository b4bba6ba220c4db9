// Who is recommended to: the profile that a site tells us. What the user does lies in the feature store.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace winnow {

struct User {
  std::string id;
  std::string country;   // ISO 3166 code, as items' regions
  std::string language;  // BCP 47
  std::string age_group;
  TimestampMs signup_ms = 0;                      // 0: unknown
  std::vector<std::string> interests;             // categories
  std::vector<std::string> follows;               // creators
  std::map<std::string, std::string> attributes;  // free: name -> JSON value as text
  friend bool operator==(const User&, const User&) = default;
};

// The first rule the user breaks, with its field.
Status validate(const User& user);

}  // namespace winnow
