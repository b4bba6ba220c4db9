#include "events/impression_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 2;
constexpr std::uint8_t kOldestFormat = 1;
constexpr std::size_t kItemBytes = 14;
constexpr std::uint64_t kMostFeatures = 1 << 26;  // of all items

// How a column of features is written: most say the same of every item, or are flags.
enum class ColumnForm : std::uint8_t {
  zeros = 0,
  same = 1,    // one f32
  flags = 2,   // 0 or 1: a bit each, in bytes
  values = 3,  // f32 each
};
constexpr std::size_t kFormsPerByte = 4;

constexpr std::uint32_t kOneBits = std::bit_cast<std::uint32_t>(1.0f);

Error damaged() {
  return {ErrorCode::corrupt,
          "a served impression is damaged: it is left out; the event log has what happened"};
}

std::size_t bytes_for(std::size_t things, std::size_t per_byte) { return (things + per_byte - 1) / per_byte; }

// Compared by their bits: -0 is no 0, and a NaN is itself.
ColumnForm form_of(std::span<const std::uint32_t> column) {
  const bool same = std::ranges::all_of(column, [&](std::uint32_t bits) { return bits == column.front(); });
  if (same) return column.front() == 0 ? ColumnForm::zeros : ColumnForm::same;
  const bool flags =
      std::ranges::all_of(column, [](std::uint32_t bits) { return bits == 0 || bits == kOneBits; });
  return flags ? ColumnForm::flags : ColumnForm::values;
}

void write_column(std::span<const std::uint32_t> column, ColumnForm form, ByteWriter& out) {
  if (form == ColumnForm::same) out.fixed(column.front());
  if (form == ColumnForm::flags) {
    for (std::size_t first = 0; first < column.size(); first += 8) {
      std::uint8_t bits = 0;
      for (std::size_t k = first; k < std::min(first + 8, column.size()); ++k) {
        if (column[k] != 0) bits |= static_cast<std::uint8_t>(1u << (k - first));
      }
      out.fixed(bits);
    }
  }
  if (form == ColumnForm::values) {
    for (const std::uint32_t bits : column) out.fixed(bits);
  }
}

// features: items x width, row-major.
void write_features(std::span<const float> features, std::size_t items, ByteWriter& out) {
  const std::size_t width = items == 0 ? 0 : features.size() / items;
  WINNOW_CHECK(width * items == features.size());
  out.varint(width);
  std::vector<std::uint8_t> forms(bytes_for(width, kFormsPerByte));
  std::vector<std::uint32_t> column(items);
  ByteWriter columns;
  for (std::size_t k = 0; k < width; ++k) {
    for (std::size_t i = 0; i < items; ++i) column[i] = std::bit_cast<std::uint32_t>(features[i * width + k]);
    const ColumnForm form = form_of(column);
    forms[k / kFormsPerByte] |=
        static_cast<std::uint8_t>(static_cast<unsigned>(form) << (2 * (k % kFormsPerByte)));
    write_column(column, form, columns);
  }
  for (const std::uint8_t byte : forms) out.fixed(byte);
  out.raw(columns.bytes());
}

void read_column(ByteReader& in, ColumnForm form, std::span<std::uint32_t> column) {
  std::uint8_t bits = 0;
  const std::uint32_t same = form == ColumnForm::same ? in.fixed<std::uint32_t>() : 0;
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (form == ColumnForm::flags && i % 8 == 0) bits = in.fixed<std::uint8_t>();
    column[i] = form == ColumnForm::values  ? in.fixed<std::uint32_t>()
                : form == ColumnForm::flags ? ((bits >> (i % 8)) & 1u) * kOneBits
                                            : same;
  }
}

// Empty where the reader is failed then.
std::vector<float> read_features(ByteReader& in, std::size_t items) {
  const std::uint64_t width = in.varint();
  if (width > kMostFeatures / std::max<std::size_t>(items, 1)) {
    in.raw(in.remaining() + 1);  // no more than this was ever written
    return {};
  }
  const std::string_view forms = in.raw(bytes_for(width, kFormsPerByte));
  if (in.failed()) return {};
  std::vector<float> features(width * items);
  std::vector<std::uint32_t> column(items);
  for (std::size_t k = 0; k < width; ++k) {
    const auto byte = static_cast<std::uint8_t>(forms[k / kFormsPerByte]);
    read_column(in, static_cast<ColumnForm>((byte >> (2 * (k % kFormsPerByte))) & 3u), column);
    for (std::size_t i = 0; i < items; ++i) features[i * width + k] = std::bit_cast<float>(column[i]);
  }
  return features;
}

}  // namespace

std::span<const float> ServedImpression::features_of(ItemIndex item) const {
  const auto found = std::ranges::find(items, item, &ServedItem::item);
  if (found == items.end()) return {};
  const std::size_t width = features.size() / items.size();
  return std::span(features).subspan(static_cast<std::size_t>(found - items.begin()) * width, width);
}

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
  body.varint(impression.items_position);
  body.fixed(impression.schema);
  body.varint(impression.items.size());
  for (const ServedItem& item : impression.items) {
    body.fixed(item.item);
    body.fixed(item.place);
    body.fixed(item.sources);
    body.fixed(item.propensity);
  }
  write_features(impression.features, impression.items.size(), body);
  ByteWriter out;
  out.fixed(kFormat);
  out.fixed(hash64(body.bytes(), kFormat));
  out.raw(body.bytes());
  return out.take();
}

Result<ServedImpression> decode_impression(std::string_view bytes) {
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  if (!in.failed() && (format < kOldestFormat || format > kFormat)) {
    return Error{
        ErrorCode::unsupported,
        fmt::format("a served impression has format {}, this release reads up to {}", format, kFormat)};
  }
  const auto checksum = in.fixed<std::uint64_t>();
  const std::string_view body = bytes.substr(bytes.size() - in.remaining());
  if (in.failed() || checksum != hash64(body, format == 1 ? 0 : format)) return damaged();
  ServedImpression impression;
  impression.recommendation_id = in.string();
  impression.subject = in.string();
  impression.surface = in.string();
  impression.model_version = in.string();
  impression.time_ms = in.signed_varint();
  impression.state_position = in.varint();
  impression.items_position = format == 1 ? impression.state_position : in.varint();
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
  impression.features = format == 1 ? in.array<float>() : read_features(in, items);
  const bool fits = impression.items.empty() ? impression.features.empty()
                                             : impression.features.size() % impression.items.size() == 0;
  if (in.failed() || !in.at_end() || !fits) return damaged();
  return impression;
}

}  // namespace winnow
