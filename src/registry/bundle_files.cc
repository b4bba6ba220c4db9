#include "registry/bundle_files.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/ids.h"
#include "index/snapshot.h"
#include "models/als/als_index.h"
#include "registry/sealed_json.h"

namespace winnow {

namespace {

constexpr std::string_view kItemsFile = "items.bin";
constexpr std::string_view kAlsFile = "als.bin";
constexpr std::string_view kAlsIndexFile = "als.index";  // only where there is an index
constexpr std::string_view kItemToItemFile = "item_to_item.bin";
constexpr std::string_view kPopularityFile = "popularity.bin";
constexpr std::string_view kBlendFile = "blend.bin";

Error damaged(const std::filesystem::path& path, std::string_view how) {
  return {ErrorCode::corrupt, fmt::format("{} is damaged ({}): {}", path.string(), how, kBundleRemedy)};
}

// items.bin: a count, then each id with its length.
std::string encode_ids(const std::vector<std::string>& ids) {
  ByteWriter out;
  out.varint(ids.size());
  for (const std::string& id : ids) out.string(id);
  return out.take();
}

Result<std::vector<std::string>> decode_ids(std::string_view bytes) {
  const Error malformed{ErrorCode::corrupt, "the list of item ids is malformed"};
  ByteReader in(bytes);
  const std::uint64_t count = in.varint();
  if (count > in.remaining()) return malformed;
  std::vector<std::string> ids;
  ids.reserve(count);
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) ids.emplace_back(in.string());
  if (in.failed() || !in.at_end()) return malformed;
  return ids;
}

// The bytes of a file that the manifest lists, as the manifest describes them.
Result<std::string> read_checked(const std::filesystem::path& folder, std::string_view name,
                                 const Manifest& manifest) {
  const std::filesystem::path path = folder / name;
  const auto listed = manifest.files.find(std::string(name));
  if (listed == manifest.files.end())
    return damaged(folder / kManifestFile, fmt::format("it lacks {}", name));
  auto bytes = read_file(path);
  if (!bytes.ok()) {
    if (bytes.error().code == ErrorCode::not_found) return damaged(path, "the file is missing");
    return bytes;
  }
  if (bytes->size() != listed->second.bytes) {
    return damaged(path, fmt::format("{} bytes instead of {}", bytes->size(), listed->second.bytes));
  }
  if (hex(hash128(*bytes)) != listed->second.checksum) return damaged(path, "its checksum differs");
  return bytes;
}

// An index is mapped rather than read, and checks itself. One that is damaged is no reason to serve nothing:
// it is built anew from the factors it was made of.
Result<std::shared_ptr<const VectorIndex>> read_index(const std::filesystem::path& folder,
                                                      const Manifest& manifest, const AlsModel& als) {
  const auto listed = manifest.files.find(std::string(kAlsIndexFile));
  if (listed == manifest.files.end()) return std::shared_ptr<const VectorIndex>();
  auto loaded = load_index(folder / kAlsIndexFile);
  if (loaded.ok() && loaded.value()->info().rows == als.items() &&
      loaded.value()->info().dims == als.dims()) {
    return std::shared_ptr<const VectorIndex>(*std::move(loaded));
  }
  return build_als_index(als, {}, {.from_items = 0});
}

// decode(bytes), with the file's name and the remedy in its error.
template <class Decode>
auto read_part(const std::filesystem::path& folder, std::string_view name, const Manifest& manifest,
               Decode decode) -> decltype(decode(std::string_view())) {
  WINNOW_TRY(const std::string bytes, read_checked(folder, name, manifest));
  auto part = decode(std::string_view(bytes));
  if (!part.ok()) {
    Error error = while_doing((folder / name).string(), part.error());
    error.message += fmt::format(": {}", kBundleRemedy);
    return error;
  }
  return part;
}

}  // namespace

Result<Manifest> write_bundle(const std::filesystem::path& folder, const ModelBundle& bundle) {
  const std::array<std::pair<std::string_view, std::string>, 5> parts = {{
      {kItemsFile, encode_ids(bundle.item_ids)},
      {kAlsFile, bundle.als.encode()},
      {kItemToItemFile, bundle.item_to_item.encode()},
      {kPopularityFile, bundle.popularity.encode()},
      {kBlendFile, bundle.blend.encode()},
  }};
  Manifest manifest{.created_ms = bundle.created_ms,
                    .trained_to = bundle.trained_to,
                    .files = {},
                    .metrics = bundle.metrics,
                    .statistics = bundle.statistics};
  for (const auto& [name, bytes] : parts) {
    WINNOW_RETURN_IF_ERROR(write_file_atomically(folder / name, bytes));
    manifest.files.emplace(name, Manifest::File{bytes.size(), hex(hash128(bytes))});
  }
  if (bundle.als_index) {
    WINNOW_RETURN_IF_ERROR(save_index(*bundle.als_index, folder / kAlsIndexFile));
    WINNOW_TRY(const std::string bytes, read_file(folder / kAlsIndexFile));
    manifest.files.emplace(kAlsIndexFile, Manifest::File{bytes.size(), hex(hash128(bytes))});
  }
  WINNOW_TRY(const std::string text, encode_manifest(manifest));
  WINNOW_RETURN_IF_ERROR(write_file_atomically(folder / kManifestFile, text));
  return manifest;
}

Result<Manifest> read_manifest(const std::filesystem::path& folder) {
  constexpr std::uint64_t kMaxBytes = 64u << 20;
  const std::filesystem::path path = folder / kManifestFile;
  auto text = read_file(path, kMaxBytes);
  if (!text.ok()) {
    if (text.error().code == ErrorCode::not_found) return damaged(path, "the file is missing");
    return text.error();
  }
  return decode_manifest(*text, path);
}

Result<std::shared_ptr<const ModelBundle>> read_bundle(const std::filesystem::path& folder) {
  WINNOW_TRY(Manifest manifest, read_manifest(folder));
  WINNOW_TRY(auto item_ids, read_part(folder, kItemsFile, manifest, decode_ids));
  WINNOW_TRY(auto als, read_part(folder, kAlsFile, manifest, AlsModel::decode));
  WINNOW_TRY(auto item_to_item, read_part(folder, kItemToItemFile, manifest, ItemToItemModel::decode));
  WINNOW_TRY(auto popularity, read_part(folder, kPopularityFile, manifest, PopularityModel::decode));
  WINNOW_TRY(auto blend, read_part(folder, kBlendFile, manifest, BlendWeights::decode));
  WINNOW_TRY(auto als_index, read_index(folder, manifest, als));
  if (als.items() != item_ids.size() || item_to_item.items() != item_ids.size() ||
      popularity.items() != item_ids.size()) {
    return damaged(folder,
                   fmt::format("its models speak of {}, {} and {} items, its vocabulary of {}", als.items(),
                               item_to_item.items(), popularity.items(), item_ids.size()));
  }
  return std::make_shared<const ModelBundle>(ModelBundle{.version = folder.filename().string(),
                                                         .created_ms = manifest.created_ms,
                                                         .trained_to = manifest.trained_to,
                                                         .item_ids = std::move(item_ids),
                                                         .als = std::move(als),
                                                         .als_index = std::move(als_index),
                                                         .item_to_item = std::move(item_to_item),
                                                         .popularity = std::move(popularity),
                                                         .blend = blend,
                                                         .metrics = std::move(manifest.metrics),
                                                         .statistics = std::move(manifest.statistics)});
}

}  // namespace winnow
