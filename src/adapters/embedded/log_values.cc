#include "adapters/embedded/log_values.h"

#include "base/bytes.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;

Error damaged(std::string_view what) {
  return {ErrorCode::corrupt,
          std::string("the event log's ") + std::string(what) +
              " cannot be read: restore the store from a dump, or import again into a new one"};
}

}  // namespace

std::string LogSettings::encode() const {
  ByteWriter out;
  out.fixed(kFormat);
  out.fixed(partitions);
  out.fixed(salt);
  return out.take();
}

Result<LogSettings> LogSettings::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  LogSettings settings;
  settings.partitions = in.fixed<std::uint32_t>();
  settings.salt = in.fixed<std::uint64_t>();
  const bool sound = settings.partitions > 0 && settings.partitions <= 65536;
  if (in.failed() || !in.at_end() || format != kFormat || !sound) return damaged("settings");
  return settings;
}

std::string LogState::encode() const {
  ByteWriter out;
  out.fixed(kFormat);
  out.fixed(next);
  out.fixed(received_ms);
  out.fixed(events);
  out.fixed(bytes);
  return out.take();
}

Result<LogState> LogState::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  LogState state;
  state.next = in.fixed<LogPosition>();
  state.received_ms = in.fixed<TimestampMs>();
  state.events = in.fixed<std::uint64_t>();
  state.bytes = in.fixed<std::uint64_t>();
  if (in.failed() || !in.at_end() || format != kFormat || state.next == 0) return damaged("state");
  return state;
}

std::string CommitIdentities::encode() const {
  ByteWriter out;
  out.fixed(kFormat);
  out.fixed(received_ms);
  out.array(std::span<const Hash128>(identities));
  return out.take();
}

Result<CommitIdentities> CommitIdentities::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  CommitIdentities commit;
  commit.received_ms = in.fixed<TimestampMs>();
  commit.identities = in.array<Hash128>();
  if (in.failed() || !in.at_end() || format != kFormat) return damaged("known event ids");
  return commit;
}

std::string given_event_id(LogPosition position, std::uint64_t salt) {
  // The finalizer of SplitMix64: every step can be undone, so different positions give different numbers.
  std::uint64_t z = position ^ salt;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  static constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string id(14, 'e');
  for (std::size_t i = 13; i > 0; --i, z >>= 5) id[i] = kDigits[z & 31];
  return id;
}

}  // namespace winnow
