#include "registry/sealed_json.h"

#include <fmt/format.h>

#include <charconv>

#include "base/file.h"

namespace winnow {

namespace {

constexpr std::string_view kFormatKey = "{\"format\":";
constexpr std::uint64_t kMaxBytes = 64u << 20;

std::string frame(std::uint32_t format, std::string_view checksum, std::string_view body) {
  return fmt::format("{}{},\"checksum\":\"{}\",\"body\":{}}}\n", kFormatKey, format, checksum, body);
}

Error damaged(const SealedFile& file) {
  return {ErrorCode::corrupt, fmt::format("{} is damaged: {}", file.path.string(), file.remedy)};
}

}  // namespace

std::string hex(const Hash128& hash) { return fmt::format("{:016x}{:016x}", hash.high, hash.low); }

std::string seal_json(std::string_view body, std::uint32_t format) {
  return frame(format, hex(hash128(body)), body);
}

Result<std::string> unseal_json(std::string_view text, const SealedFile& file) {
  if (!text.starts_with(kFormatKey)) return damaged(file);
  std::uint32_t format = 0;
  const char* const digits = text.data() + kFormatKey.size();
  const auto parsed = std::from_chars(digits, text.data() + text.size(), format);
  if (parsed.ec != std::errc{}) return damaged(file);

  if (format != file.format) {
    return Error{
        ErrorCode::unsupported,
        fmt::format("{} has format {}, this release reads format {}: use the release that wrote it, or {}",
                    file.path.string(), format, file.format, file.remedy)};
  }
  // The frame has a fixed shape, so the body's place follows from the lengths before and behind it.
  const std::size_t frame_size = frame(format, std::string(32, '0'), "").size();
  if (text.size() < frame_size) return damaged(file);
  std::string body(text.substr(frame_size - 2, text.size() - frame_size));
  if (text != seal_json(body, format)) return damaged(file);
  return body;
}

Result<std::string> read_sealed_json(const SealedFile& file) {
  WINNOW_TRY(const std::string text, read_file(file.path, kMaxBytes));
  return unseal_json(text, file);
}

}  // namespace winnow
