#include "registry/model_registry.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "registry/bundle_files.h"
#include "registry/directory_lock.h"
#include "registry/live_file.h"
#include "registry/sealed_json.h"

namespace winnow {

namespace {

constexpr std::string_view kLiveFile = "live";
constexpr std::string_view kRejectedFile = "rejected.json";
constexpr std::string_view kUnfinishedPrefix = ".unfinished-";
constexpr std::uint32_t kRejectedFormat = 1;

Error no_such_version(std::string_view version) {
  return {ErrorCode::not_found,
          fmt::format("there is no model version \"{}\": `winnow status` lists them", excerpt(version)),
          "version"};
}

Result<LiveState> read_live(const std::filesystem::path& directory) {
  const auto text = read_file(directory / kLiveFile, 16u << 20);
  if (text.ok()) return decode_live(*text, directory / kLiveFile);
  if (text.error().code == ErrorCode::not_found) return LiveState{};
  return text.error();
}

// Why a gate rejected the version; nothing when none did.
Result<std::optional<std::string>> read_rejection(const std::filesystem::path& folder) {
  const SealedFile file{folder / kRejectedFile, kRejectedFormat, kBundleRemedy};
  const auto body = read_sealed_json(file);
  if (!body.ok()) {
    if (body.error().code == ErrorCode::not_found) return std::optional<std::string>();
    return body.error();
  }
  simdjson::dom::parser parser;
  std::string_view why;
  if (parser.parse(*body)["why"].get(why) != simdjson::SUCCESS) {
    return Error{ErrorCode::corrupt, fmt::format("{} is damaged: {}", file.path.string(), file.remedy)};
  }
  return std::optional<std::string>(why);
}

// Names in the folder that `wanted` accepts, in order.
template <class Wanted>
Result<std::vector<std::string>> names_in(const std::filesystem::path& folder, Wanted wanted) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (wanted(name)) names.push_back(std::move(name));
  }
  if (error) return file_error(error.value(), "cannot list", folder);
  std::sort(names.begin(), names.end());
  return names;
}

// What a writer left that was killed. Only the holder of the lock may call this.
Status remove_unfinished(const std::filesystem::path& directory) {
  WINNOW_TRY(const auto names, names_in(directory, [](const std::string& name) {
               return name.starts_with(kUnfinishedPrefix);
             }));
  for (const std::string& name : names) WINNOW_RETURN_IF_ERROR(remove_folder(directory / name));
  return {};
}

// One line of `versions`. A bundle that cannot be read is listed too, so that people see it.
VersionInfo describe(const std::filesystem::path& directory, const std::string& version,
                     const LiveState& state) {
  VersionInfo info{.version = version, .stage = "candidate"};
  const auto manifest = read_manifest(directory / version);
  const auto rejection = read_rejection(directory / version);
  if (!manifest.ok() || !rejection.ok()) {
    info.stage = "damaged";
    info.note = manifest.ok() ? rejection.error().message : manifest.error().message;
    return info;
  }
  info.created_ms = manifest->created_ms;
  info.metrics = manifest->metrics;
  info.statistics = manifest->statistics;
  info.bytes = manifest->bytes();
  if (version == state.live) {
    info.stage = "live";
  } else if (rejection->has_value()) {
    info.stage = "rejected";
    info.note = **rejection;
  } else if (state.was_live(version)) {
    info.stage = "retired";
  }
  return info;
}

}  // namespace

const VectorIndex* index_of(const ModelBundle& bundle, std::string_view model) {
  const auto found = bundle.indexes.find(model);
  return found == bundle.indexes.end() ? nullptr : found->second.get();
}

std::vector<IndexStatus> indexes_of(const ModelBundle& bundle) {
  std::vector<IndexStatus> out;
  for (const auto& [model, index] : bundle.indexes) {
    const IndexInfo info = index->info();
    out.push_back({model, std::string(name_of(info.kind)), info.items, index->profile().tuning});
  }
  return out;
}

Result<ModelRegistry> ModelRegistry::open(std::filesystem::path directory) {
  WINNOW_RETURN_IF_ERROR(make_directories(directory));
  return ModelRegistry(std::move(directory));
}

Result<std::string> ModelRegistry::put(ModelBundle bundle) {
  WINNOW_TRY(const DirectoryLock lock, DirectoryLock::acquire(directory_));
  WINNOW_RETURN_IF_ERROR(remove_unfinished(directory_));
  const std::filesystem::path beside = directory_ / fmt::format("{}{}", kUnfinishedPrefix, ::getpid());
  WINNOW_RETURN_IF_ERROR(make_directories(beside));
  const auto manifest = write_bundle(beside, bundle);
  if (!manifest.ok()) {
    (void)remove_folder(beside);  // the first error is the one to tell
    return manifest.error();
  }

  const std::string version = manifest->version();
  if (!is_version(version)) {
    (void)remove_folder(beside);
    return Error{ErrorCode::invalid,
                 fmt::format("a bundle cannot be made at time {} ms: check the clock", bundle.created_ms),
                 "created_ms"};
  }
  if (const auto stored = read_manifest(directory_ / version); stored.ok() && *stored == *manifest) {
    WINNOW_RETURN_IF_ERROR(remove_folder(beside));  // the very same bundle is there already
    return version;
  }
  WINNOW_RETURN_IF_ERROR(publish_folder(beside, directory_ / version));
  return version;
}

Result<std::shared_ptr<const ModelBundle>> ModelRegistry::load(const std::string& version) const {
  if (!is_version(version) || !std::filesystem::exists(directory_ / version)) return no_such_version(version);
  return read_bundle(directory_ / version);
}

Result<std::optional<std::string>> ModelRegistry::live() const {
  WINNOW_TRY(LiveState state, read_live(directory_));
  if (state.live.empty()) return std::optional<std::string>();
  return std::optional<std::string>(std::move(state.live));
}

Result<std::vector<std::string>> ModelRegistry::earlier() const {
  WINNOW_TRY(LiveState state, read_live(directory_));
  return std::move(state.earlier);
}

Status ModelRegistry::promote(const std::string& version) {
  WINNOW_TRY(const DirectoryLock lock, DirectoryLock::acquire(directory_));
  // What cannot serve must never come to, so all of it is read first.
  WINNOW_TRY(const auto bundle, load(version));
  WINNOW_TRY(const auto rejection, read_rejection(directory_ / version));
  if (rejection) {
    return Error{
        ErrorCode::conflict,
        fmt::format("version {} was rejected ({}): train again with `winnow train`", version, *rejection)};
  }
  auto state = read_live(directory_);
  // A damaged live file costs the way back, not the way forward; that of another release stays untouched.
  if (!state.ok() && state.error().code == ErrorCode::corrupt) state = LiveState{};
  if (!state.ok()) return state.error();
  return write_file_atomically(directory_ / kLiveFile, encode_live(state->promoted(version)));
}

Status ModelRegistry::reject(const std::string& version, const std::string& why) {
  WINNOW_TRY(const DirectoryLock lock, DirectoryLock::acquire(directory_));
  if (!is_version(version) || !std::filesystem::exists(directory_ / version)) return no_such_version(version);
  WINNOW_TRY(const LiveState state, read_live(directory_));
  if (state.live == version) {
    return Error{ErrorCode::conflict,
                 fmt::format("version {} is live: go back with `winnow rollback` first", version)};
  }
  const std::string body = fmt::format("{{\"why\":{}}}", json_quoted(why));
  return write_file_atomically(directory_ / version / kRejectedFile, seal_json(body, kRejectedFormat));
}

Result<std::string> ModelRegistry::roll_back() {
  WINNOW_TRY(const DirectoryLock lock, DirectoryLock::acquire(directory_));
  WINNOW_TRY(const LiveState state, read_live(directory_));
  if (state.earlier.empty()) {
    return Error{
        ErrorCode::conflict,
        state.live.empty()
            ? "no model version is live yet: make one with `winnow train`"
            : fmt::format("no version was live before {}: make a new one with `winnow train`", state.live)};
  }
  std::optional<Error> first;
  LiveState back = state;
  while (!back.earlier.empty()) {
    back = back.rolled_back();
    const auto bundle = load(back.live);
    if (bundle.ok()) {
      WINNOW_RETURN_IF_ERROR(write_file_atomically(directory_ / kLiveFile, encode_live(back)));
      return back.live;
    }
    if (!first) first = bundle.error();
  }
  return *std::move(first);
}

Result<std::vector<VersionInfo>> ModelRegistry::versions() const {
  WINNOW_TRY(const LiveState state, read_live(directory_));
  WINNOW_TRY(const auto names, names_in(directory_, is_version));
  std::vector<VersionInfo> infos;
  infos.reserve(names.size());
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    infos.push_back(describe(directory_, *name, state));
  }
  // By name, newest first; within one second by the exact time.
  std::stable_sort(infos.begin(), infos.end(), [](const VersionInfo& a, const VersionInfo& b) {
    const auto second = [](const VersionInfo& v) { return std::string_view(v.version).substr(0, 15); };
    return second(a) != second(b) ? second(a) > second(b) : a.created_ms > b.created_ms;
  });
  return infos;
}

Status ModelRegistry::prune(std::size_t keep) {
  WINNOW_TRY(const DirectoryLock lock, DirectoryLock::acquire(directory_));
  WINNOW_TRY(const LiveState state, read_live(directory_));
  WINNOW_TRY(const auto infos, versions());
  std::vector<std::string> gone;
  for (std::size_t i = keep; i < infos.size(); ++i) {
    const std::string& version = infos[i].version;
    const bool way_back = !state.earlier.empty() && state.earlier.front() == version;
    if (version != state.live && !way_back) gone.push_back(version);
  }
  if (gone.empty()) return {};
  // First the way back forgets them, then they go: a kill in between leaves folders, never a dangling way
  // back.
  WINNOW_RETURN_IF_ERROR(write_file_atomically(directory_ / kLiveFile, encode_live(state.without(gone))));
  for (const std::string& version : gone) {
    const std::filesystem::path going = directory_ / fmt::format("{}{}", kUnfinishedPrefix, version);
    WINNOW_RETURN_IF_ERROR(
        publish_folder(directory_ / version, going));  // no half-removed bundle has a version's name
    WINNOW_RETURN_IF_ERROR(remove_folder(going));
  }
  return {};
}

}  // namespace winnow
