#include "online/ingest/aggregates.h"

#include "base/bytes.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 2;
constexpr std::uint8_t kStatisticsAlone = 1;  // where the bytes of format 1 were those of the statistics

}  // namespace

void Aggregates::clear() {
  statistics.clear();
  co_occurrence.clear();
}

std::string Aggregates::encode() const {
  ByteWriter out;
  out.fixed(kFormat);
  out.string(statistics.encode());
  out.string(co_occurrence.encode());
  return out.take();
}

Status Aggregates::decode(std::string_view bytes) {
  clear();
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  if (format == kStatisticsAlone) return statistics.decode(bytes);
  const std::string_view of_items = in.string();
  const std::string_view of_pairs = in.string();
  if (format != kFormat || in.failed() || !in.at_end()) {
    return Error{ErrorCode::corrupt,
                 "the stored item statistics are damaged: run `winnow rebuild` to derive them again"};
  }
  WINNOW_RETURN_IF_ERROR(statistics.decode(of_items));
  return co_occurrence.decode(of_pairs);
}

}  // namespace winnow
