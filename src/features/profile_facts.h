// What models read of a user's profile: its facts as numbers that compare. Training and serving make them by
// the function here, and by nothing else.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/user.h"

namespace winnow {

// Country, language, age group, interests and followed creators, each as the hash of its kind and its text,
// in any process the same. Ascending, each once.
std::vector<std::uint64_t> profile_facts(const User& user);

}  // namespace winnow
