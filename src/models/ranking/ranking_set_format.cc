#include "models/ranking/ranking_set_format.h"

#include <fmt/format.h>

#include <utility>

#include "models/sealed.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WRKS";
constexpr std::uint32_t kFormat = 1;
constexpr std::string_view kName = "ranking set";

void write_names(ByteWriter& out, const std::vector<std::string>& names) {
  out.varint(names.size());
  for (const std::string& name : names) out.string(name);
}

std::vector<std::string> read_names(ByteReader& in) {
  std::vector<std::string> out;
  const std::uint64_t count = in.varint();
  for (std::uint64_t k = 0; k < count && !in.failed(); ++k) out.emplace_back(in.string());
  return out;
}

Error corrupt_set(std::string_view why) {
  return {ErrorCode::corrupt, fmt::format("{}; make it again with winnow training-set", why),
          std::string(kName)};
}

}  // namespace

std::string encode_ranking_set(const RankingSet& set) {
  ByteWriter out = begin_model(kTag, kFormat);
  write_names(out, set.features);
  write_names(out, set.heads);
  out.array<float>(set.values);
  out.array<float>(set.labels);
  out.array<float>(set.weights);
  out.array<std::uint64_t>(set.groups);
  out.array<TimestampMs>(set.time_ms);
  out.fixed(set.negatives_kept);
  return sealed(std::move(out));
}

Result<RankingSet> decode_ranking_set(std::string_view bytes) {
  auto opened = open_sealed(bytes, kTag, kFormat, kName);
  if (!opened.ok())
    return opened.error().code == ErrorCode::corrupt ? corrupt_set("it is no ranking set, or a damaged one")
                                                     : opened.error();
  ByteReader& in = *opened;
  RankingSet set;
  set.features = read_names(in);
  set.heads = read_names(in);
  set.values = in.array<float>();
  set.labels = in.array<float>();
  set.weights = in.array<float>();
  set.groups = in.array<std::uint64_t>();
  set.time_ms = in.array<TimestampMs>();
  set.negatives_kept = in.fixed<double>();
  if (in.failed() || !in.at_end()) return corrupt_set("the ranking set ends too early or too late");
  if (const Status status = set.check(); !status.ok()) return corrupt_set(status.error().message);
  return set;
}

}  // namespace winnow
