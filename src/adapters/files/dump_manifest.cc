#include "adapters/files/dump_manifest.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <system_error>

#include "adapters/files/sha256.h"
#include "base/file.h"
#include "base/text.h"

namespace winnow {

namespace {

constexpr std::string_view kFormatName = "winnow-dump";
constexpr std::uint64_t kMaxManifestBytes = 1 << 20;

std::string json_of(const DumpManifest::File& file) {
  return fmt::format(R"({{"name":{},"records":{},"bytes":{},"sha256":{}}})", json_quoted(file.name),
                     file.records, file.bytes, json_quoted(file.sha256));
}

bool read_entry(const simdjson::dom::element& manifest, std::string_view key, DumpManifest::File& file) {
  std::string_view name;
  std::string_view sum;
  const auto entry = manifest[key];
  if (entry["name"].get(name) || entry["records"].get(file.records) || entry["bytes"].get(file.bytes) ||
      entry["sha256"].get(sum)) {
    return false;
  }
  file.name = name;
  file.sha256 = sum;
  // A manifest names files beside it and no others.
  return !file.name.empty() && std::filesystem::path(file.name).filename() == file.name && file.name != "..";
}

}  // namespace

std::string DumpManifest::json() const {
  return fmt::format(
      "{{\"format\":\"{}\",\"version\":{},\"created_at\":{},\n\"items\":{},\n\"users\":{},\n\"events\":{}}}"
      "\n",
      kFormatName, kVersion, created_ms, json_of(items), json_of(users), json_of(events));
}

Result<DumpManifest> DumpManifest::read(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kFileName;
  auto text = read_file(path, kMaxManifestBytes);
  if (!text.ok()) {
    return while_doing(fmt::format("{} is no dump", folder.string()), std::move(text).error());
  }
  const auto damaged = [&](std::string_view what) {
    return Error{ErrorCode::corrupt, fmt::format("{} {}: fetch the dump again", path.string(), what)};
  };
  simdjson::dom::parser parser;
  simdjson::dom::element manifest;
  if (parser.parse(*text).get(manifest)) return damaged("is not JSON");
  std::string_view format;
  std::int64_t version = 0;
  DumpManifest out;
  if (manifest["format"].get(format) || format != kFormatName || manifest["version"].get(version)) {
    return damaged("is not the manifest of a dump");
  }
  if (version != kVersion) {
    return Error{
        ErrorCode::unsupported,
        fmt::format("{} is of version {} and this program reads version {}: restore it with the release that "
                    "wrote it",
                    path.string(), version, kVersion)};
  }
  if (manifest["created_at"].get(out.created_ms) || !read_entry(manifest, "items", out.items) ||
      !read_entry(manifest, "users", out.users) || !read_entry(manifest, "events", out.events)) {
    return damaged("lacks a file or its sums");
  }
  return out;
}

Status DumpManifest::check_files(const std::filesystem::path& folder) const {
  for (const File* file : {&items, &users, &events}) {
    const std::filesystem::path path = folder / file->name;
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error || size != file->bytes) {
      return Error{
          ErrorCode::corrupt,
          fmt::format("{} {}: fetch the dump again", path.string(),
                      error ? std::string("is missing")
                            : fmt::format("has {} bytes where the manifest says {}", size, file->bytes))};
    }
    WINNOW_TRY(const std::string sum, sha256_of_file(path));
    if (sum != file->sha256) {
      return Error{
          ErrorCode::corrupt,
          fmt::format("{} does not have the checksum of the manifest: fetch the dump again", path.string())};
    }
  }
  return {};
}

}  // namespace winnow
