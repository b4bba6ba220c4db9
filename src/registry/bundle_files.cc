#include "registry/bundle_files.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/ids.h"
#include "index/snapshot.h"
#include "models/model_index.h"
#include "models/ranking/ranker.h"
#include "registry/sealed_json.h"

namespace winnow {

namespace {

constexpr std::string_view kItemsFile = "items.bin";
constexpr std::string_view kBlendFile = "blend.bin";
constexpr std::string_view kRankerFile = "ranker.bin";

Error damaged(const std::filesystem::path& path, std::string_view how) {
  return {ErrorCode::corrupt, fmt::format("{} is damaged ({}): {}", path.string(), how, kBundleRemedy)};
}

std::string model_file(std::string_view model) { return fmt::format("{}.bin", model); }
std::string index_file(std::string_view model) { return fmt::format("{}.index", model); }

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

// An index is read into huge pages, for searches look into it all over, and checks itself. One that is
// damaged is no reason to serve nothing: it is built anew from the vectors it was made of.
Result<std::shared_ptr<const VectorIndex>> read_index(const std::filesystem::path& path,
                                                      const VectorModel& model) {
  auto loaded = load_index(path, {.into_memory = true});
  if (loaded.ok() && loaded.value()->info().rows == model.items() &&
      loaded.value()->info().dims == model.dims()) {
    return std::shared_ptr<const VectorIndex>(*std::move(loaded));
  }
  return build_model_index(model, {}, {.from_items = 0});
}

Error undecodable(const std::filesystem::path& path, const Error& why) {
  Error error = while_doing(path.string(), why);
  error.message += fmt::format(": {}", kBundleRemedy);
  error.field.clear();  // it named a part of the file
  return error;
}

// decode(bytes), with the file's name and the remedy in its error.
template <class Decode>
auto read_part(const std::filesystem::path& folder, std::string_view name, const Manifest& manifest,
               Decode decode) -> decltype(decode(std::string_view())) {
  WINNOW_TRY(const std::string bytes, read_checked(folder, name, manifest));
  auto part = decode(std::string_view(bytes));
  if (!part.ok()) return undecodable(folder / name, part.error());
  return part;
}

Result<ModelSet> read_models(const std::filesystem::path& folder, const Manifest& manifest) {
  std::filesystem::path decoded;  // the file whose bytes were handed out last
  bool readable = true;
  const auto part = [&](std::string_view model) -> Result<std::optional<std::string>> {
    const std::string name = model_file(model);
    if (!manifest.files.contains(name)) return std::optional<std::string>();
    auto bytes = read_checked(folder, name, manifest);
    readable = bytes.ok();
    decoded = folder / name;
    if (!readable) return bytes.error();  // it names the file already
    return std::optional(std::move(bytes).value());
  };
  auto models = decode_models(part);
  if (!models.ok() && readable) return undecodable(decoded, models.error());
  return models;
}

}  // namespace

Result<Manifest> write_bundle(const std::filesystem::path& folder, const ModelBundle& bundle) {
  std::map<std::string, std::string, std::less<>> parts;
  parts.emplace(kItemsFile, encode_ids(bundle.item_ids));
  parts.emplace(kBlendFile, bundle.blend.encode());
  if (bundle.ranker) parts.emplace(kRankerFile, bundle.ranker->encode());
  for (auto& [model, bytes] : encode_models(bundle.models)) {
    parts.emplace(model_file(model), std::move(bytes));
  }
  Manifest manifest{.created_ms = bundle.created_ms,
                    .trained_to = bundle.trained_to,
                    .files = {},
                    .metrics = bundle.metrics,
                    .statistics = bundle.statistics};
  for (const auto& [name, bytes] : parts) {
    WINNOW_RETURN_IF_ERROR(write_file_atomically(folder / name, bytes));
    manifest.files.emplace(name, Manifest::File{bytes.size(), hex(hash128(bytes))});
  }
  for (const auto& [model, index] : bundle.indexes) {
    const std::string name = index_file(model);
    WINNOW_RETURN_IF_ERROR(save_index(*index, folder / name));
    WINNOW_TRY(const std::string bytes, read_file(folder / name));
    manifest.files.emplace(name, Manifest::File{bytes.size(), hex(hash128(bytes))});
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
  WINNOW_TRY(auto blend, read_part(folder, kBlendFile, manifest, BlendWeights::decode));
  WINNOW_TRY(ModelSet models, read_models(folder, manifest));
  if (models.als.items() != item_ids.size()) {
    return damaged(folder, fmt::format("its models speak of {} items, its vocabulary of {}",
                                       models.als.items(), item_ids.size()));
  }
  auto bundle = std::make_shared<ModelBundle>(ModelBundle{.version = folder.filename().string(),
                                                          .created_ms = manifest.created_ms,
                                                          .trained_to = manifest.trained_to,
                                                          .item_ids = std::move(item_ids),
                                                          .models = std::move(models),
                                                          .blend = blend,
                                                          .metrics = std::move(manifest.metrics),
                                                          .statistics = std::move(manifest.statistics)});
  if (manifest.files.contains(std::string(kRankerFile))) {
    WINNOW_TRY(RankerModel ranker, read_part(folder, kRankerFile, manifest, RankerModel::decode));
    if (const auto opened = Ranker::open(ranker); !opened.ok())
      return undecodable(folder / kRankerFile, opened.error());
    bundle->ranker = std::make_shared<const RankerModel>(std::move(ranker));
  }
  for (const auto& [name, model] : vector_models(bundle->models)) {
    if (!manifest.files.contains(index_file(name))) continue;
    WINNOW_TRY(auto index, read_index(folder / index_file(name), *model));
    bundle->indexes.emplace(name, std::move(index));
  }
  return std::shared_ptr<const ModelBundle>(std::move(bundle));
}

}  // namespace winnow
