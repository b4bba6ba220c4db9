// The columns (RocksDB column families) of a store, and how their keys are built.
//
// Keys are big-endian, so that they sort like their numbers. No key spells out a user's or a session's id:
// RocksDB copies keys into its manifest and its files' indexes, where erasing cannot reach. docs/formats
// describes each.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/ids.h"
#include "domain/event.h"

namespace winnow {

// The numbers are places in a table; the names are the format.
enum class Column : std::uint8_t {
  meta,           // small named values
  events,         // partition u16, first position u64 -> batch
  subjects,       // hash of the subject, first position u64 -> nothing: the batch holds events of the subject
  subject_lists,  // bucket of the subject's hash u16, first position u64 of a commit -> subjects and batches
  identities,     // first position u64 of a commit -> identities of its event ids
  dead_letters,   // id u64 -> dead letter
  items,          // index u32 -> item
  item_ids,       // id -> index u32
  users,          // hash of the id -> user
  features,       // hash of the subject -> subject, user state
  checkpoint,     // the speed layer's checkpoint
  impressions,    // what was served, by time, by answer and by subject
};
inline constexpr std::size_t kFirstColumns = 11;  // of the first release; those behind came later, in order
inline constexpr std::size_t kColumnCount = 12;
inline constexpr std::array<std::string_view, kColumnCount> kColumnNames = {
    "default", "events",   "subjects", "subject_lists", "identities", "dead_letters",
    "items",   "item_ids", "users",    "features",      "checkpoint", "impressions"};

template <class Number>
void append_big_endian(std::string& key, Number number) {
  for (int shift = 8 * (static_cast<int>(sizeof number) - 1); shift >= 0; shift -= 8) {
    key.push_back(static_cast<char>(number >> shift));
  }
}

template <class Number>
Number read_big_endian(std::string_view bytes) {
  Number number = 0;
  for (const char c : bytes.substr(0, sizeof number)) {
    number = static_cast<Number>((number << 8) | static_cast<unsigned char>(c));
  }
  return number;
}

template <class Number>
std::string number_key(Number number) {
  std::string key;
  append_big_endian(key, number);
  return key;
}

inline std::string batch_key(std::uint16_t partition, LogPosition first) {
  std::string key;
  append_big_endian(key, partition);
  append_big_endian(key, first);
  return key;
}
inline constexpr std::size_t kBatchKeyBytes = 10;

inline std::string hash_key(const Hash128& hash) {
  const auto bytes = hash.bytes();
  return {bytes.data(), bytes.size()};
}
inline constexpr std::size_t kHashKeyBytes = 16;

inline std::string subject_key(const Hash128& subject, LogPosition first) {
  std::string key = hash_key(subject);
  append_big_endian(key, first);
  return key;
}

// The smallest key behind all keys that start with `prefix`; empty when there is none.
inline std::string behind_prefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

}  // namespace winnow
