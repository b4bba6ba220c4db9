// DIR/live: which version serves, and the way back. One small file, replaced atomically, so every stage but
// "rejected" follows from a single state that cannot be half written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winnow {

inline constexpr std::uint32_t kLiveFormat = 1;

struct LiveState {
  std::string live;  // empty: none yet
  std::vector<std::string>
      earlier;  // live before it and not rolled back from, newest first: where rollback leads
  std::vector<std::string> retired;  // was live once, and rollback does not lead there
  friend bool operator==(const LiveState&, const LiveState&) = default;

  // Makes `version` live; what was live becomes the newest of `earlier`. No change when it is live already.
  LiveState promoted(std::string_view version) const;
  // Back to the newest of `earlier`, which must exist.
  LiveState rolled_back() const;
  // Without the versions that `gone` names.
  LiveState without(const std::vector<std::string>& gone) const;

  bool was_live(std::string_view version) const;
};

std::string encode_live(const LiveState& state);
Result<LiveState> decode_live(std::string_view text, const std::filesystem::path& path);

}  // namespace winnow
