#include "adapters/embedded/table_check.h"

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"

namespace winnow {

namespace {

constexpr std::size_t kFooterBytes = 53;
constexpr std::size_t kHandlesBytes = 40;
constexpr std::size_t kTrailerBytes = 5;
constexpr std::uint64_t kMagic = 0x88e241b785f4cff7u;
constexpr std::uint32_t kVersion = 5;
constexpr std::uint8_t kXxh3 = 4;  // what this RocksDB writes
constexpr std::uint64_t kLargestMetaBlock = 64 << 20;

struct Handle {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

Handle read_handle(ByteReader& in) {
  const std::uint64_t offset = in.varint();
  return {offset, in.varint()};
}

std::optional<std::string> read_at(const rocksdb::FSRandomAccessFile& file, std::uint64_t offset,
                                   std::size_t size) {
  std::string bytes(size, '\0');
  rocksdb::Slice got;
  if (!file.Read(offset, size, {}, &got, bytes.data(), nullptr).ok() || got.size() != size)
    return std::nullopt;
  if (got.data() != bytes.data()) bytes.assign(got.data(), got.size());
  return bytes;
}

// The block, when its checksum is right: XXH3 of all but the last byte, and that one mixed in.
std::optional<std::string> read_block(const rocksdb::FSRandomAccessFile& file, std::uint64_t file_size,
                                      const Handle& handle) {
  if (handle.size > kLargestMetaBlock || handle.offset > file_size ||
      handle.size + kTrailerBytes > file_size - handle.offset) {
    return std::nullopt;
  }
  auto bytes = read_at(file, handle.offset, handle.size + kTrailerBytes);
  if (!bytes) return std::nullopt;
  constexpr std::uint32_t kLastByteFactor = 0x6b9083d9;
  const auto last = static_cast<unsigned char>((*bytes)[handle.size]);
  const auto expected = static_cast<std::uint32_t>(hash64(std::string_view(*bytes).substr(0, handle.size))) ^
                        (last * kLastByteFactor);
  ByteReader trailer(std::string_view(*bytes).substr(handle.size + 1));
  if (trailer.fixed<std::uint32_t>() != expected) return std::nullopt;
  bytes->resize(handle.size);
  return bytes;
}

// The meta-index does not share prefixes: entries are three varints (shared, key, value lengths), key, value.
std::optional<Handle> find_properties(std::string_view meta_index) {
  ByteReader in(meta_index);
  while (!in.at_end()) {
    const std::uint64_t shared = in.varint();
    const std::uint64_t key_size = in.varint();
    const std::uint64_t value_size = in.varint();
    const std::string_view key = in.raw(key_size);
    const std::string_view value = in.raw(value_size);
    if (in.failed() || shared != 0) return std::nullopt;
    if (key != "rocksdb.properties") continue;
    ByteReader handle(value);
    return read_handle(handle);
  }
  return std::nullopt;
}

}  // namespace

bool safe_to_open(const rocksdb::FSRandomAccessFile& file, std::uint64_t size) {
  if (size < kFooterBytes) return true;
  const auto footer = read_at(file, size - kFooterBytes, kFooterBytes);
  if (!footer) return true;
  ByteReader end(std::string_view(*footer).substr(1 + kHandlesBytes));
  if (end.fixed<std::uint32_t>() != kVersion || end.fixed<std::uint64_t>() != kMagic) return true;
  if (static_cast<std::uint8_t>(footer->front()) != kXxh3)
    return false;  // else no block would be checked as written
  ByteReader handles(std::string_view(*footer).substr(1, kHandlesBytes));
  const auto meta_index = read_block(file, size, read_handle(handles));
  if (!meta_index) return false;
  const auto properties = find_properties(*meta_index);
  return properties && read_block(file, size, *properties);
}

}  // namespace winnow
