// Encoding of UserState. Format: docs/formats/user_state.md.
//
// Lists that are sorted by a number store differences; times are stored relative to last_ms, so that a
// typical history entry takes about twelve bytes. Floats and keys are stored as they are.
#include "features/user_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/bytes.h"
#include "base/partition_place.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;

Error damaged(std::string_view what) {
  return {
      ErrorCode::corrupt,
      fmt::format("the features of a user are damaged ({}): delete them and let the event log be replayed",
                  what)};
}

// Wrapping differences: any two times survive the round trip, and damaged bytes cannot overflow.
std::int64_t difference(TimestampMs a, TimestampMs b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
TimestampMs sum(TimestampMs a, std::int64_t b) {
  return static_cast<TimestampMs>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

void write_affinities(ByteWriter& out, const std::vector<Affinity>& affinities, TimestampMs base_ms) {
  out.varint(affinities.size());
  for (const Affinity& a : affinities) {
    out.fixed(a.key);
    out.fixed(a.positive);
    out.fixed(a.negative);
    out.signed_varint(difference(a.time_ms, base_ms));
  }
}

// A count that the bytes at hand could really hold, `least` bytes each: no allocation on a damaged count.
std::size_t read_count(ByteReader& in, std::size_t least) {
  const std::uint64_t count = in.varint();
  if (count <= in.remaining() / least) return static_cast<std::size_t>(count);
  in.raw(std::numeric_limits<std::uint64_t>::max());
  return 0;
}

std::vector<Affinity> read_affinities(ByteReader& in, TimestampMs base_ms) {
  std::vector<Affinity> affinities(read_count(in, 17));
  for (Affinity& a : affinities) {
    a.key = in.fixed<NameKey>();
    a.positive = in.fixed<float>();
    a.negative = in.fixed<float>();
    a.time_ms = sum(base_ms, in.signed_varint());
  }
  return affinities;
}

bool all_finite(const std::vector<Affinity>& affinities) {
  return std::all_of(affinities.begin(), affinities.end(), [](const Affinity& a) {
    return std::isfinite(a.positive) && std::isfinite(a.negative);
  });
}

template <class T, class Key>
bool ascending(const std::vector<T>& values, Key key) {
  return std::adjacent_find(values.begin(), values.end(),
                            [&](const T& a, const T& b) { return key(a) >= key(b); }) == values.end();
}

}  // namespace

const SeenItem* UserState::find_seen(ItemIndex item) const {
  const std::size_t place =
      partition_place<SeenItem>(seen, [&](const SeenItem& entry) { return entry.item < item; });
  return place < seen.size() && seen[place].item == item ? &seen[place] : nullptr;
}

bool UserState::has_acted_on(ItemIndex item) const {
  const SeenItem* const known = find_seen(item);
  return known != nullptr && (known->flags & ~SeenItem::shown) != 0;
}

std::string UserState::encode() const {
  ByteWriter out;
  out.fixed(kFormat);
  out.varint(events);
  out.signed_varint(last_ms);
  out.varint(history.size());
  for (const Interaction& entry : history) {
    out.varint(row(entry.item));
    out.fixed(entry.action);
    out.fixed(entry.signal);
    out.fixed(entry.weight);
    out.signed_varint(difference(entry.time_ms, last_ms));
    out.fixed(entry.session);
  }
  out.varint(seen.size());
  std::uint32_t previous = 0;
  for (const SeenItem& entry : seen) {
    WINNOW_CHECK(row(entry.item) >= previous);
    out.varint(row(entry.item) - previous);
    out.fixed(entry.flags);
    out.signed_varint(difference(entry.received_ms, last_ms));
    previous = row(entry.item);
  }
  write_affinities(out, categories, last_ms);
  write_affinities(out, creators, last_ms);
  out.array(std::span<const NameKey>(follows));
  return out.take();
}

Result<UserState> UserState::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  if (in.failed()) return damaged("there are none");
  if (format != kFormat) {
    return Error{
        ErrorCode::unsupported,
        fmt::format("the features of a user have format {}, this release reads {}: delete them and let the "
                    "event log be replayed",
                    format, kFormat)};
  }
  UserState state;
  state.events = in.varint();
  state.last_ms = in.signed_varint();
  state.history.resize(read_count(in, 12));
  for (Interaction& entry : state.history) {
    const std::uint64_t item = in.varint();
    const auto action = in.fixed<std::uint8_t>();
    const auto signal = in.fixed<std::uint8_t>();
    if (item > row(kNoItem) || action >= kActionCount ||
        signal > static_cast<std::uint8_t>(Signal::negative)) {
      return damaged("a history entry");
    }
    entry.item = ItemIndex{static_cast<std::uint32_t>(item)};
    entry.action = static_cast<Action>(action);
    entry.signal = static_cast<Signal>(signal);
    entry.weight = in.fixed<float>();
    entry.time_ms = sum(state.last_ms, in.signed_varint());
    entry.session = in.fixed<std::uint32_t>();
    if (!std::isfinite(entry.weight)) return damaged("a weight is not finite");
  }
  state.seen.resize(read_count(in, 3));
  std::uint64_t previous = 0;
  for (SeenItem& entry : state.seen) {
    const std::uint64_t step = in.varint();
    if (step > row(kNoItem) - previous) return damaged("a seen item");
    previous += step;
    entry.item = ItemIndex{static_cast<std::uint32_t>(previous)};
    entry.flags = in.fixed<std::uint8_t>();
    entry.received_ms = sum(state.last_ms, in.signed_varint());
  }
  state.categories = read_affinities(in, state.last_ms);
  state.creators = read_affinities(in, state.last_ms);
  state.follows = in.array<NameKey>();
  if (in.failed() || !in.at_end()) return damaged("its length");
  const bool sorted = ascending(state.seen, [](const SeenItem& entry) { return entry.item; }) &&
                      ascending(state.categories, [](const Affinity& a) { return a.key; }) &&
                      ascending(state.creators, [](const Affinity& a) { return a.key; }) &&
                      ascending(state.follows, [](NameKey key) { return key; });
  if (!sorted) return damaged("the order of a list");
  if (!all_finite(state.categories) || !all_finite(state.creators))
    return damaged("an affinity is not finite");
  return state;
}

}  // namespace winnow
