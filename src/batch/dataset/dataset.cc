#include "batch/dataset/dataset.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/bytes.h"

namespace winnow {

namespace {

bool is_consistent(const Dataset& data) {
  const Interactions& pairs = data.pairs;
  const std::size_t count = pairs.item.size();
  return pairs.weight.size() == count && pairs.time_ms.size() == count && pairs.action.size() == count &&
         data.liked.size() == count && data.item_ids.size() == pairs.items &&
         is_sound(data.profiles, pairs.users) && data.user_rows.size() == pairs.users &&
         pairs.offsets.size() == std::size_t{pairs.users} + 1 && pairs.offsets.front() == 0 &&
         pairs.offsets.back() == count && std::is_sorted(pairs.offsets.begin(), pairs.offsets.end()) &&
         std::all_of(pairs.item.begin(), pairs.item.end(),
                     [&](std::uint32_t item) { return item < pairs.items; }) &&
         std::ranges::all_of(pairs.action,
                             [](Action action) { return static_cast<std::size_t>(action) < kActionCount; });
}

}  // namespace

Dataset make_dataset(Pairs pairs, std::vector<std::string> item_ids, const FeatureBags& profiles) {
  Dataset out;
  out.profiles.buckets = profiles.buckets;
  constexpr std::uint32_t kUnused = 0xFFFFFFFFu;
  std::vector<std::uint32_t> row_of(item_ids.size(), kUnused);
  for (const std::uint32_t item : pairs.item) row_of[item] = 0;
  for (std::size_t item = 0; item < row_of.size(); ++item) {
    if (row_of[item] == kUnused) continue;
    row_of[item] = out.pairs.items++;
    out.item_ids.push_back(std::move(item_ids[item]));
  }
  // New rows keep the order of the old ones, so items stay ascending within a user.
  for (std::uint32_t& item : pairs.item) item = row_of[item];
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i + 1 < pairs.size() && pairs.user[i + 1] == pairs.user[i]) continue;
    out.pairs.offsets.push_back(i + 1);
    out.user_rows.push_back(pairs.user[i]);
    if (profiles.buckets > 0) out.profiles.add(profiles[pairs.user[i]]);
  }
  out.pairs.users = static_cast<std::uint32_t>(out.pairs.offsets.size() - 1);
  out.pairs.item = std::move(pairs.item);
  out.pairs.weight = std::move(pairs.weight);
  out.pairs.time_ms = std::move(pairs.time_ms);
  out.pairs.action = std::move(pairs.action);
  out.liked = std::move(pairs.liked);
  return out;
}

std::string Dataset::encode() const {
  ByteWriter out;
  out.varint(pairs.users);
  out.varint(pairs.items);
  out.array(std::span<const std::uint64_t>(pairs.offsets));
  out.array(std::span<const std::uint32_t>(pairs.item));
  out.array(std::span<const float>(pairs.weight));
  out.array(std::span<const TimestampMs>(pairs.time_ms));
  out.array(std::span<const Action>(pairs.action));
  out.array(std::span<const std::uint8_t>(liked));
  write_bags(out, profiles);
  out.array(std::span<const std::uint32_t>(user_rows));
  out.varint(item_ids.size());
  for (const std::string& id : item_ids) out.string(id);
  return out.take();
}

Result<Dataset> Dataset::decode(std::string_view bytes) {
  ByteReader in(bytes);
  Dataset data;
  data.pairs.users = static_cast<std::uint32_t>(in.varint());
  data.pairs.items = static_cast<std::uint32_t>(in.varint());
  data.pairs.offsets = in.array<std::uint64_t>();
  data.pairs.item = in.array<std::uint32_t>();
  data.pairs.weight = in.array<float>();
  data.pairs.time_ms = in.array<TimestampMs>();
  data.pairs.action = in.array<Action>();
  data.liked = in.array<std::uint8_t>();
  data.profiles = read_bags(in);
  data.user_rows = in.array<std::uint32_t>();
  const std::uint64_t ids = in.varint();
  for (std::uint64_t i = 0; i < ids && !in.failed(); ++i) data.item_ids.emplace_back(in.string());
  if (in.failed() || !in.at_end() || !is_consistent(data)) {
    return Error{ErrorCode::corrupt, "the training data of a stopped job are damaged: they are made again"};
  }
  return data;
}

}  // namespace winnow
