#include "features/profile_facts.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace winnow {

std::vector<std::uint64_t> profile_facts(const User& user) {
  std::vector<std::uint64_t> out;
  const auto add = [&](std::string_view kind, std::string_view text) {
    if (!text.empty()) out.push_back(hash64(std::string(kind) + '\0' + std::string(text)));
  };
  add("country", user.country);
  add("language", user.language);
  add("age_group", user.age_group);
  for (const std::string& category : user.interests) add("interest", category);
  for (const std::string& creator : user.follows) add("follows", creator);
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

}  // namespace winnow
