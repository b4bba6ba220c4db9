#include "registry/manifest.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/text.h"
#include "registry/sealed_json.h"

namespace winnow {

namespace {

Result<std::string> numbers_json(const std::map<std::string, double>& numbers, std::string_view field) {
  std::string out = "{";
  for (const auto& [name, value] : numbers) {
    if (!std::isfinite(value)) {
      return Error{
          ErrorCode::invalid,
          fmt::format("{}.{} is {}: training went wrong, so the bundle is not stored", field, name, value),
          std::string(field)};
    }
    if (out.size() > 1) out += ',';
    append_json_quoted(out, name);
    out += fmt::format(":{}", value);
  }
  return out + "}";
}

Result<std::string> body_json(const Manifest& manifest) {
  WINNOW_TRY(const std::string metrics, numbers_json(manifest.metrics, "metrics"));
  WINNOW_TRY(const std::string statistics, numbers_json(manifest.statistics, "statistics"));
  std::string files = "{";
  for (const auto& [name, file] : manifest.files) {
    if (files.size() > 1) files += ',';
    append_json_quoted(files, name);
    files += fmt::format(":{{\"bytes\":{},\"checksum\":\"{}\"}}", file.bytes, file.checksum);
  }
  return fmt::format(
      "{{\"created_ms\":{},\"trained_to\":{},\"files\":{}}},\"metrics\":{},\"statistics\":{}}}",
      manifest.created_ms, manifest.trained_to, files, metrics, statistics);
}

// Reads members one by one; a bundle of this format has them all, so a missing one is damage.
class MemberReader final {
 public:
  template <class T>
  T get(simdjson::dom::element parent, std::string_view key) {
    T value{};
    if (parent[key].get(value) != simdjson::SUCCESS) failed_ = true;
    return value;
  }
  // each(name, value) for every member of the object under `key`.
  template <class Each>
  void for_each(simdjson::dom::element parent, std::string_view key, Each each) {
    simdjson::dom::object members;
    if (parent[key].get(members) != simdjson::SUCCESS) {
      failed_ = true;
      return;
    }
    for (const auto [name, value] : members) each(std::string(name), value);
  }
  std::map<std::string, double> numbers(simdjson::dom::element parent, std::string_view key) {
    std::map<std::string, double> out;
    for_each(parent, key, [&](std::string name, simdjson::dom::element value) {
      double number = 0;
      if (value.get(number) != simdjson::SUCCESS) failed_ = true;
      out.emplace(std::move(name), number);
    });
    return out;
  }
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
};

}  // namespace

std::uint64_t Manifest::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [name, file] : files) sum += file.bytes;
  return sum;
}

std::string Manifest::version() const {
  const auto body = body_json(*this);
  const auto second = std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(created_ms)));
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second - day);
  return fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}-{}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     hex(hash128(body.ok() ? *body : std::string())).substr(0, 6));
}

bool is_version(std::string_view name) {
  constexpr std::string_view kShape = "dddddddd-dddddd-xxxxxx";
  if (name.size() != kShape.size()) return false;
  return std::equal(name.begin(), name.end(), kShape.begin(), [](char c, char kind) {
    if (kind == '-') return c == '-';
    const bool digit = c >= '0' && c <= '9';
    return digit || (kind == 'x' && c >= 'a' && c <= 'f');
  });
}

Result<std::string> encode_manifest(const Manifest& manifest) {
  WINNOW_TRY(const std::string body, body_json(manifest));
  return seal_json(body, kBundleFormat);
}

Result<Manifest> decode_manifest(std::string_view text, const std::filesystem::path& path) {
  WINNOW_TRY(const std::string body, unseal_json(text, {path, kBundleFormat, kBundleRemedy}));
  const Error damaged{ErrorCode::corrupt, fmt::format("{} is damaged: {}", path.string(), kBundleRemedy)};
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body).get(root) != simdjson::SUCCESS || !root.is_object()) return damaged;

  MemberReader reader;
  Manifest manifest;
  manifest.created_ms = reader.get<std::int64_t>(root, "created_ms");
  manifest.trained_to = reader.get<std::uint64_t>(root, "trained_to");
  reader.for_each(root, "files", [&](std::string name, simdjson::dom::element file) {
    manifest.files[std::move(name)] = {reader.get<std::uint64_t>(file, "bytes"),
                                       std::string(reader.get<std::string_view>(file, "checksum"))};
  });
  manifest.metrics = reader.numbers(root, "metrics");
  manifest.statistics = reader.numbers(root, "statistics");
  if (reader.failed()) return damaged;
  return manifest;
}

}  // namespace winnow
