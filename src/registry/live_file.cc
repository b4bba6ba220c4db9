#include "registry/live_file.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "registry/manifest.h"
#include "registry/sealed_json.h"

namespace winnow {

namespace {

constexpr std::string_view kLiveRemedy = "make a new version live with `winnow train`";

bool contains(const std::vector<std::string>& versions, std::string_view version) {
  return std::find(versions.begin(), versions.end(), version) != versions.end();
}

std::string list_json(const std::vector<std::string>& versions) {
  std::string out = "[";
  for (const std::string& version : versions) {
    if (out.size() > 1) out += ',';
    append_json_quoted(out, version);
  }
  return out + "]";
}

// The versions under `key`; nothing when there is anything else.
std::optional<std::vector<std::string>> versions_at(simdjson::dom::element root, std::string_view key) {
  simdjson::dom::array values;
  if (root[key].get(values) != simdjson::SUCCESS) return std::nullopt;
  std::vector<std::string> versions;
  for (const simdjson::dom::element value : values) {
    std::string_view version;
    if (value.get(version) != simdjson::SUCCESS || !is_version(version)) return std::nullopt;
    versions.emplace_back(version);
  }
  return versions;
}

}  // namespace

LiveState LiveState::promoted(std::string_view version) const {
  if (live == version) return *this;
  LiveState next = without({std::string(version)});
  if (!live.empty()) next.earlier.insert(next.earlier.begin(), live);
  next.live = version;
  return next;
}

LiveState LiveState::rolled_back() const {
  WINNOW_CHECK(!earlier.empty());
  LiveState next = *this;
  next.retired.insert(next.retired.begin(), live);
  next.live = earlier.front();
  next.earlier.erase(next.earlier.begin());
  return next;
}

LiveState LiveState::without(const std::vector<std::string>& gone) const {
  LiveState next = *this;
  const auto is_gone = [&](const std::string& version) { return contains(gone, version); };
  std::erase_if(next.earlier, is_gone);
  std::erase_if(next.retired, is_gone);
  return next;
}

bool LiveState::was_live(std::string_view version) const {
  return contains(earlier, version) || contains(retired, version);
}

std::string encode_live(const LiveState& state) {
  return seal_json(fmt::format("{{\"live\":{},\"earlier\":{},\"retired\":{}}}", json_quoted(state.live),
                               list_json(state.earlier), list_json(state.retired)),
                   kLiveFormat);
}

Result<LiveState> decode_live(std::string_view text, const std::filesystem::path& path) {
  WINNOW_TRY(const std::string body, unseal_json(text, {path, kLiveFormat, kLiveRemedy}));
  const Error damaged{ErrorCode::corrupt, fmt::format("{} is damaged: {}", path.string(), kLiveRemedy)};
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body).get(root) != simdjson::SUCCESS) return damaged;
  std::string_view live;
  if (root["live"].get(live) != simdjson::SUCCESS || !(live.empty() || is_version(live))) return damaged;
  auto earlier = versions_at(root, "earlier");
  auto retired = versions_at(root, "retired");
  if (!earlier || !retired) return damaged;
  return LiveState{std::string(live), std::move(*earlier), std::move(*retired)};
}

}  // namespace winnow
