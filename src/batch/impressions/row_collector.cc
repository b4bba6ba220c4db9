#include "batch/impressions/row_collector.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "models/ranking/ranking_set_format.h"

namespace winnow {

namespace {

constexpr std::uint64_t kCheckEvery = 1 << 16;  // rows
constexpr std::uint64_t kSurePositives = 1000;  // before the share of outcomes says anything
constexpr double kSure = -1;                    // the draw of what is kept whatever the share
constexpr double kHeadroom = 2;                 // the share is lowered to this multiple of what is wanted

// Moves row `from` of a table of `width` columns to row `to`, in front of it.
template <class T>
void move_row(std::vector<T>& table, std::size_t from, std::size_t to, std::size_t width) {
  if (from == to) return;
  std::copy_n(table.begin() + static_cast<std::ptrdiff_t>(from * width), width,
              table.begin() + static_cast<std::ptrdiff_t>(to * width));
}

template <class T>
void append_row(std::vector<T>& to, const std::vector<T>& from, std::size_t first, std::size_t count) {
  const auto begin = from.begin() + static_cast<std::ptrdiff_t>(first);
  to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
}

bool has_outcome(std::span<const float> labels) {
  return std::ranges::any_of(labels, [](float label) { return label > 0; });
}

// The same set with its groups in order of time; groups of one time keep their order.
TrainingSet by_time(const TrainingSet& set) {
  const RankingSet& from = set.ranking;
  std::vector<std::size_t> order(from.group_count());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t g) { return from.time_ms[g]; });
  TrainingSet out;
  RankingSet& to = out.ranking;
  to.features = from.features;
  to.heads = from.heads;
  to.negatives_kept = from.negatives_kept;
  out.surface_names = set.surface_names;
  const std::size_t features = from.features.size();
  const std::size_t heads = from.heads.size();
  for (const std::size_t g : order) {
    const std::size_t first = from.groups[g];
    const std::size_t count = from.groups[g + 1] - first;
    append_row(to.values, from.values, first * features, count * features);
    append_row(to.labels, from.labels, first * heads, count * heads);
    append_row(to.weights, from.weights, first, count);
    append_row(out.items, set.items, first, count);
    append_row(out.places, set.places, first, count);
    append_row(out.explored, set.explored, first, count);
    to.groups.push_back(to.weights.size());
    to.time_ms.push_back(from.time_ms[g]);
    out.subjects.push_back(set.subjects[g]);
    out.surfaces.push_back(set.surfaces[g]);
  }
  return out;
}

}  // namespace

RowCollector::RowCollector(std::vector<std::string> features, std::vector<std::string> heads,
                           ThinningOptions options)
    : options_(options), next_check_(kCheckEvery) {
  set_.ranking.features = std::move(features);
  set_.ranking.heads = std::move(heads);
  if (options_.negatives_kept > 0) share_ = options_.negatives_kept;
}

std::uint32_t RowCollector::surface_number(std::string_view name) {
  const auto found = std::ranges::find(set_.surface_names, name);
  if (found != set_.surface_names.end()) {
    return static_cast<std::uint32_t>(found - set_.surface_names.begin());
  }
  set_.surface_names.emplace_back(name);
  return static_cast<std::uint32_t>(set_.surface_names.size() - 1);
}

double RowCollector::wanted_share() const {
  if (options_.negatives_kept > 0 || positives_ == 0 || negatives_ <= positives_) return share_;
  return std::min(share_, static_cast<double>(positives_) / static_cast<double>(negatives_));
}

double RowCollector::draw(const ImpressionGroup& group, ItemIndex item) const {
  ByteWriter key;
  key.fixed(group.subject);
  key.fixed(group.time_ms);
  key.fixed(item);
  return static_cast<double>(hash64(key.bytes(), options_.seed) >> 11) * 0x1.0p-53;
}

void RowCollector::add(const ImpressionGroup& group) {
  RankingSet& to = set_.ranking;
  const std::size_t features = to.features.size();
  const std::size_t heads = to.heads.size();
  const std::size_t before = to.rows();
  const bool whole = options_.whole_groups;
  const bool any = has_outcome(group.labels);
  for (std::size_t r = 0; r < group.rows.size(); ++r) {
    const auto labels = std::span(group.labels).subspan(r * heads, heads);
    const bool outcome = whole ? any : has_outcome(labels);
    ++(outcome ? positives_ : negatives_);
    const double drawn = outcome ? kSure : draw(group, whole ? kNoItem : group.rows[r].item);
    if (drawn >= share_) continue;
    append_row(to.values, group.values, r * features, features);
    append_row(to.labels, group.labels, r * heads, heads);
    to.weights.push_back(1);
    set_.items.push_back(group.rows[r].item);
    set_.places.push_back(group.rows[r].place);
    set_.explored.push_back(group.rows[r].explored ? 1 : 0);
    draws_.push_back(static_cast<float>(drawn));
  }
  if (to.rows() == before) return;
  to.groups.push_back(to.rows());
  to.time_ms.push_back(group.time_ms);
  set_.subjects.push_back(group.subject);
  set_.surfaces.push_back(group.surface);
  if (to.rows() < next_check_) return;
  if (positives_ >= kSurePositives && wanted_share() * kHeadroom < share_) thin(wanted_share() * kHeadroom);
  next_check_ = to.rows() + kCheckEvery;
}

// Drops the rows whose draw does not lie below the share, and the groups that hold none then.
void RowCollector::thin(double share) {
  RankingSet& to = set_.ranking;
  const std::size_t features = to.features.size();
  const std::size_t heads = to.heads.size();
  std::vector<std::uint64_t> groups{0};
  std::size_t kept = 0;
  std::size_t kept_groups = 0;
  for (std::size_t g = 0; g < to.group_count(); ++g) {
    const std::size_t before = kept;
    for (std::size_t r = to.groups[g]; r < to.groups[g + 1]; ++r) {
      if (static_cast<double>(draws_[r]) >= share) continue;
      move_row(to.values, r, kept, features);
      move_row(to.labels, r, kept, heads);
      set_.items[kept] = set_.items[r];
      set_.places[kept] = set_.places[r];
      set_.explored[kept] = set_.explored[r];
      draws_[kept] = draws_[r];
      ++kept;
    }
    if (kept == before) continue;
    groups.push_back(kept);
    to.time_ms[kept_groups] = to.time_ms[g];
    set_.subjects[kept_groups] = set_.subjects[g];
    set_.surfaces[kept_groups] = set_.surfaces[g];
    ++kept_groups;
  }
  to.groups = std::move(groups);
  to.values.resize(kept * features);
  to.labels.resize(kept * heads);
  to.weights.resize(kept);
  set_.items.resize(kept);
  set_.places.resize(kept);
  set_.explored.resize(kept);
  draws_.resize(kept);
  to.time_ms.resize(kept_groups);
  set_.subjects.resize(kept_groups);
  set_.surfaces.resize(kept_groups);
  share_ = share;
}

TrainingSet RowCollector::finish() {
  const double share = wanted_share();
  if (share < share_) thin(share);
  if (options_.whole_groups) {
    for (std::size_t r = 0; r < draws_.size(); ++r) {
      if (draws_[r] >= 0) set_.ranking.weights[r] = static_cast<float>(1 / share_);
    }
  } else {
    set_.ranking.negatives_kept = share_;
  }
  return by_time(std::exchange(set_, {}));
}

void RowCollector::save(ByteWriter& out) const {
  out.string(encode_ranking_set(set_.ranking));
  out.array(std::span<const ItemIndex>(set_.items));
  out.array(std::span<const std::uint16_t>(set_.places));
  out.array(std::span<const std::uint8_t>(set_.explored));
  out.array(std::span<const std::uint64_t>(set_.subjects));
  out.array(std::span<const std::uint32_t>(set_.surfaces));
  out.varint(set_.surface_names.size());
  for (const std::string& name : set_.surface_names) out.string(name);
  out.array(std::span<const float>(draws_));
  out.fixed(share_);
  out.varint(positives_);
  out.varint(negatives_);
  out.varint(next_check_);
}

Status RowCollector::restore(ByteReader& in) {
  const std::string_view ranking = in.string();
  if (in.failed()) return {};
  WINNOW_TRY(set_.ranking, decode_ranking_set(ranking));
  set_.items = in.array<ItemIndex>();
  set_.places = in.array<std::uint16_t>();
  set_.explored = in.array<std::uint8_t>();
  set_.subjects = in.array<std::uint64_t>();
  set_.surfaces = in.array<std::uint32_t>();
  for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
    set_.surface_names.emplace_back(in.string());
  }
  draws_ = in.array<float>();
  share_ = in.fixed<double>();
  positives_ = in.varint();
  negatives_ = in.varint();
  next_check_ = in.varint();
  return {};
}

}  // namespace winnow
