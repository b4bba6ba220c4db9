#include "models/two_tower/sequences.h"

#include <algorithm>

#include "base/random.h"
#include "models/sealed.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WTTS";
constexpr std::uint32_t kFormat = 1;
constexpr std::string_view kName = "two-tower training file";

// Starts at 0, never falls, ends at `total`.
bool are_offsets(const std::vector<std::uint64_t>& offsets, std::size_t rows, std::size_t total) {
  return offsets.size() == rows + 1 && offsets.front() == 0 && offsets.back() == total &&
         std::ranges::is_sorted(offsets);
}

}  // namespace

void write_bags(ByteWriter& out, const FeatureBags& bags) {
  out.fixed(bags.buckets);
  out.array<std::uint64_t>(bags.offsets);
  out.array<std::uint32_t>(bags.features);
}

FeatureBags read_bags(ByteReader& in) {
  FeatureBags bags;
  bags.buckets = in.fixed<std::uint32_t>();
  bags.offsets = in.array<std::uint64_t>();
  bags.features = in.array<std::uint32_t>();
  return bags;
}

bool is_sound(const FeatureBags& bags, std::size_t rows) {
  return are_offsets(bags.offsets, bags.buckets == 0 ? 0 : rows, bags.features.size()) &&
         std::ranges::all_of(bags.features, [&](std::uint32_t feature) { return feature < bags.buckets; });
}

namespace {

bool is_sound(const TrainingSequences& sequences) {
  if (!are_offsets(sequences.offsets, sequences.users(), sequences.actions.size())) return false;
  for (std::size_t user = 0; user < sequences.users(); ++user) {
    if (sequences.held_out[user] > sequences.actions_of(user).size()) return false;
  }
  return std::ranges::all_of(sequences.actions,
                             [&](const TowerAction& action) {
                               return action.item < sequences.items && action.kind < kActionKinds;
                             }) &&
         is_sound(sequences.item_features, sequences.items) &&
         is_sound(sequences.profiles, sequences.users());
}

template <class T, class Get>
void write_column(ByteWriter& out, const std::vector<TowerAction>& actions, const Get& get) {
  std::vector<T> column;
  column.reserve(actions.size());
  for (const TowerAction& action : actions) column.push_back(get(action));
  out.array<T>(column);
}

}  // namespace

void TrainingSequences::add_user(std::span<const TowerAction> of_user, std::uint32_t held_out_actions) {
  actions.insert(actions.end(), of_user.begin(), of_user.end());
  offsets.push_back(actions.size());
  held_out.push_back(held_out_actions);
}

std::string TrainingSequences::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  out.fixed(items);
  out.fixed(static_cast<std::uint8_t>(ordered));
  out.array<std::uint64_t>(offsets);
  out.array<std::uint32_t>(held_out);
  write_column<std::uint32_t>(out, actions, [](const TowerAction& action) { return action.item; });
  write_column<std::uint8_t>(out, actions, [](const TowerAction& action) { return action.kind; });
  write_column<TimestampMs>(out, actions, [](const TowerAction& action) { return action.time_ms; });
  write_bags(out, item_features);
  write_bags(out, profiles);
  return sealed(std::move(out));
}

Result<TrainingSequences> TrainingSequences::decode(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_sealed(bytes, kTag, kFormat, kName));
  TrainingSequences out;
  out.items = in.fixed<std::uint32_t>();
  out.ordered = in.fixed<std::uint8_t>() != 0;
  out.offsets = in.array<std::uint64_t>();
  out.held_out = in.array<std::uint32_t>();
  const auto item = in.array<std::uint32_t>();
  const auto kind = in.array<std::uint8_t>();
  const auto time_ms = in.array<TimestampMs>();
  out.item_features = read_bags(in);
  out.profiles = read_bags(in);
  if (in.failed() || !in.at_end() || kind.size() != item.size() || time_ms.size() != item.size()) {
    return corrupt_model(kName);
  }
  out.actions.reserve(item.size());
  for (std::size_t k = 0; k < item.size(); ++k) out.actions.push_back({item[k], kind[k], time_ms[k]});
  if (!is_sound(out)) return corrupt_model(kName);
  return out;
}

std::vector<TowerAction> tower_actions(std::span<const HistoryEntry> history, std::size_t length) {
  std::vector<TowerAction> out;
  out.reserve(history.size());
  for (const HistoryEntry& entry : history) out.push_back({entry.item, 0, entry.time_ms});
  std::ranges::stable_sort(out, {}, &TowerAction::time_ms);
  if (out.size() > length) out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(length));
  return out;
}

TrainingSequences sequences_of(const Interactions& train, const SequenceOptions& options) {
  constexpr std::size_t kFewestToHoldOut = 3;
  TrainingSequences out;
  out.items = train.items;
  out.ordered = false;
  Random random(options.seed);
  std::uint32_t able = 0;
  for (std::uint32_t user = 0; user < train.users; ++user) {
    std::vector<TowerAction> actions;
    for (std::uint64_t at = train.offsets[user]; at < train.offsets[user + 1]; ++at) {
      const std::uint8_t kind = train.action.empty() ? std::uint8_t{0} : kind_of(train.action[at]);
      actions.push_back({train.item[at], kind, train.time_ms[at]});
    }
    random.shuffle(actions);  // what happened at one time has no order
    std::ranges::stable_sort(actions, {}, &TowerAction::time_ms);
    if (!actions.empty() && actions.front().time_ms != actions.back().time_ms) out.ordered = true;
    const bool holds = options.hold_out_every > 0 && actions.size() >= kFewestToHoldOut &&
                       able++ % options.hold_out_every == 0;
    out.add_user(actions, holds ? 1 : 0);
  }
  return out;
}

}  // namespace winnow
