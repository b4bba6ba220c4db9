#include "online/query/cursor.h"

#include <cstdint>

#include "base/bytes.h"
#include "base/hash.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string to_base64url(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (have += 8; have >= 6; have -= 6) text.push_back(kAlphabet[(bits >> (have - 6)) & 63]);
  }
  if (have > 0) text.push_back(kAlphabet[(bits << (6 - have)) & 63]);
  return text;
}

bool from_base64url(std::string_view text, std::string& bytes) {
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return false;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    have += 6;
    if (have >= 8) {
      have -= 8;
      bytes.push_back(static_cast<char>(bits >> have));
    }
  }
  return true;
}

std::uint32_t checksum(std::string_view bytes) { return static_cast<std::uint32_t>(hash64(bytes)); }

}  // namespace

std::string encode_cursor(std::string_view owner, const std::vector<ItemIndex>& shown) {
  ByteWriter out;
  out.fixed(kFormat);
  out.fixed(checksum(owner));
  out.varint(shown.size());
  std::uint32_t last = 0;
  for (const ItemIndex item : shown) {
    out.varint(row(item) - last);
    last = row(item);
  }
  out.fixed(checksum(out.bytes()));
  return to_base64url(out.bytes());
}

Result<std::vector<ItemIndex>> decode_cursor(std::string_view owner, std::string_view cursor) {
  const Error invalid{
      ErrorCode::invalid,
      "cursor is not one that this list gave out: pass the cursor of the last answer unchanged, with "
      "the same user and surface, or leave it out to start again",
      "cursor"};
  std::string bytes;
  if (cursor.size() > 64 * 1024 || !from_base64url(cursor, bytes) || bytes.size() < sizeof(std::uint32_t)) {
    return invalid;
  }
  const std::string_view body = std::string_view(bytes).substr(0, bytes.size() - sizeof(std::uint32_t));
  ByteReader tail(std::string_view(bytes).substr(body.size()));
  if (tail.fixed<std::uint32_t>() != checksum(body)) return invalid;
  ByteReader in(body);
  if (in.fixed<std::uint8_t>() != kFormat || in.fixed<std::uint32_t>() != checksum(owner)) return invalid;
  const std::uint64_t count = in.varint();
  if (count > kMaxCursorItems + 1000) return invalid;
  std::vector<ItemIndex> shown;
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    last += in.varint();
    shown.push_back(ItemIndex{static_cast<std::uint32_t>(last)});
  }
  if (in.failed() || !in.at_end()) return invalid;
  return shown;
}

}  // namespace winnow
