#include "events/impression_codec.h"

#include <fmt/format.h>

#include <span>

#include "base/bytes.h"
#include "base/hash.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kItemBytes = 14;

Error damaged() {
  return {ErrorCode::corrupt,
          "a served impression is damaged: it is left out; the event log has what happened"};
}

}  // namespace

std::uint64_t schema_fingerprint(const std::vector<std::string>& features) {
  ByteWriter names;
  for (const std::string& name : features) names.string(name);
  return hash64(names.bytes());
}

std::string encode_impression(const ServedImpression& impression) {
  ByteWriter body;
  body.string(impression.recommendation_id);
  body.string(impression.subject);
  body.string(impression.surface);
  body.string(impression.model_version);
  body.signed_varint(impression.time_ms);
  body.varint(impression.state_position);
  body.fixed(impression.schema);
  body.varint(impression.items.size());
  for (const ServedItem& item : impression.items) {
    body.fixed(item.item);
    body.fixed(item.place);
    body.fixed(item.sources);
    body.fixed(item.propensity);
  }
  body.array(std::span<const float>(impression.features));
  ByteWriter out;
  out.fixed(kFormat);
  out.fixed(hash64(body.bytes()));
  out.raw(body.bytes());
  return out.take();
}

Result<ServedImpression> decode_impression(std::string_view bytes) {
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  if (!in.failed() && format != kFormat) {
    return Error{ErrorCode::unsupported,
                 fmt::format("a served impression has format {}, this release reads {}", format, kFormat)};
  }
  const auto checksum = in.fixed<std::uint64_t>();
  if (in.failed() || checksum != hash64(bytes.substr(bytes.size() - in.remaining()))) return damaged();
  ServedImpression impression;
  impression.recommendation_id = in.string();
  impression.subject = in.string();
  impression.surface = in.string();
  impression.model_version = in.string();
  impression.time_ms = in.signed_varint();
  impression.state_position = in.varint();
  impression.schema = in.fixed<std::uint64_t>();
  const std::uint64_t items = in.varint();
  if (in.failed() || items > in.remaining() / kItemBytes) return damaged();
  impression.items.resize(items);
  for (ServedItem& item : impression.items) {
    item.item = in.fixed<ItemIndex>();
    item.place = in.fixed<std::uint16_t>();
    item.sources = in.fixed<std::uint32_t>();
    item.propensity = in.fixed<float>();
  }
  impression.features = in.array<float>();
  const bool fits = impression.items.empty() ? impression.features.empty()
                                             : impression.features.size() % impression.items.size() == 0;
  if (in.failed() || !in.at_end() || !fits) return damaged();
  return impression;
}

}  // namespace winnow
