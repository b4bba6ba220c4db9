#include "batch/impressions/join.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "base/random.h"

namespace winnow {

namespace {

constexpr std::uint64_t kProgressEvery = 1024;          // events
constexpr std::size_t kLargestCheckpoint = 1ull << 30;  // bytes
constexpr std::size_t kPage = 8192;
constexpr std::uint8_t kCheckpointFormat = 1;

std::string number_bytes(std::uint64_t number) {
  ByteWriter out;
  out.fixed(number);
  return out.take();
}

}  // namespace

std::size_t click_head(const Heads& heads) {
  const std::vector<std::string> names = heads.names();
  const auto found = std::ranges::find(names, "click");
  return found == names.end() ? 0 : static_cast<std::size_t>(found - names.begin());
}

Join::Join(const TrainingSetInputs& inputs, const TrainingSetOptions& options, const Heads& heads,
           StateReplay& replay, const LogScan& scan, bool implicit, std::uint64_t identity)
    : inputs_(inputs),
      options_(options),
      replay_(replay),
      first_ms_(options.window_days > 0
                    ? scan.newest_ms - static_cast<TimestampMs>(options.window_days * kDayMs)
                    : std::numeric_limits<TimestampMs>::min()),
      newest_ms_(scan.newest_ms),
      implicit_(implicit),
      identity_(identity),
      heads_(heads),
      schema_(schema_fingerprint(inputs.feature_names)),
      bias_(options.position_bias),
      collector_(inputs.feature_names, heads.names(),
                 {.negatives_kept = options.thinning.negatives_kept,
                  .whole_groups = options.thinning.whole_groups,
                  .seed = options.seed}),
      groups_(heads, options.late_ms, [this](const ImpressionGroup& group) { closed(group); }),
      sampler_(options.replay.items.popular_half_life_days) {
  report_.implicit = implicit;
  report_.by_time = !scan.in_order_of_time();
}

Status Join::run(EventStream& stream, const JobProgress& progress) {
  LookAhead ahead(stream, options_.group_gap_ms, !implicit_);
  WINNOW_TRY(const bool resumed, resume(stream, ahead));
  if (!resumed) WINNOW_RETURN_IF_ERROR(inputs_.states.clear());
  const auto expect = [this](std::span<const LogRecord> page) { replay_.expect(page); };
  for (;;) {
    WINNOW_TRY(const std::optional<LookAhead::Step> step, ahead.next(expect));
    if (!step) break;
    for (const ShownGroup& shown : step->groups) {
      WINNOW_RETURN_IF_ERROR(open_shown(shown, step->record.position));
    }
    if (implicit_) WINNOW_RETURN_IF_ERROR(open_liked(step->record));
    WINNOW_RETURN_IF_ERROR(apply(step->record));
    if (++report_.events % options_.checkpoint_events == 0) WINNOW_RETURN_IF_ERROR(checkpoint(ahead));
    if (report_.events % kProgressEvery == 0 && progress &&
        !progress("join", report_.events, inputs_.log.statistics().events)) {
      return Error{ErrorCode::unavailable, "stopped while reading the log: run it again to go on"};
    }
  }
  // Who was not shown anything was not waited for either.
  const TimestampMs end_ms = implicit_ ? std::numeric_limits<TimestampMs>::max() : newest_ms_;
  report_.outcomes_early = groups_.close_all(end_ms, options_.whole_windows);
  return {};
}

// The users' states go with what else is known of the same moment, or not at all. A set that has grown large
// is not written all the time: at most a tenth of the time is spent on it. One that is larger still is not
// gone on from.
Status Join::checkpoint(const LookAhead& ahead) {
  const double began_s = steady_seconds();
  if (began_s < next_checkpoint_s_) return {};
  ByteWriter out;
  out.fixed(kCheckpointFormat);
  out.fixed(identity_);
  ahead.save(out);
  replay_.save(out);
  groups_.save(out);
  collector_.save(out);
  bias_.save(out);
  sampler_.save(out);
  for (const std::uint64_t count :
       {report_.events, report_.impressions, report_.not_applied, report_.outcomes, report_.rows_as_served}) {
    out.varint(count);
  }
  if (out.size() > kLargestCheckpoint) out.clear();
  WINNOW_RETURN_IF_ERROR(replay_.hand_over());
  WINNOW_RETURN_IF_ERROR(inputs_.states.checkpoint(report_.events, out.bytes()));
  const double ended_s = steady_seconds();
  next_checkpoint_s_ = ended_s + 10 * (ended_s - began_s);
  return {};
}

Result<bool> Join::resume(EventStream& stream, LookAhead& ahead) {
  WINNOW_TRY(const FeatureStore::Checkpoint stored, inputs_.states.last_checkpoint());
  ByteReader in(stored.aggregates);
  if (in.fixed<std::uint8_t>() != kCheckpointFormat || in.fixed<std::uint64_t>() != identity_) return false;
  ahead.restore(in);
  WINNOW_RETURN_IF_ERROR(replay_.restore(in));
  groups_.restore(in);
  WINNOW_RETURN_IF_ERROR(collector_.restore(in));
  bias_.restore(in);
  sampler_.restore(in);
  for (std::uint64_t* const count : {&report_.events, &report_.impressions, &report_.not_applied,
                                     &report_.outcomes, &report_.rows_as_served}) {
    *count = in.varint();
  }
  if (in.failed() || !in.at_end()) {
    return Error{ErrorCode::corrupt, "the checkpoint of a training set is damaged: remove its folder"};
  }
  for (std::uint64_t left = ahead.taken(); left > 0;) {
    WINNOW_TRY(const std::vector<LogRecord> passed, stream.next(std::min<std::uint64_t>(left, kPage)));
    if (passed.empty())
      return Error{ErrorCode::conflict, "the log has become shorter meanwhile: run it again"};
    left -= passed.size();
  }
  return true;
}

void Join::closed(const ImpressionGroup& group) {
  bias_.count(group, heads_.size(), click_head(heads_));
  collector_.add(group);
}

Status Join::open_shown(const ShownGroup& shown, LogPosition position) {
  ShownGroup fresh = shown;
  std::erase_if(fresh.items, [&](const ShownItem& item) {
    return groups_.has_row(shown.recommendation_id, shown.subject, item.item_id) ||
           replay_.find(item.item_id) == kNoItem;
  });
  return open(fresh, position);
}

bool Join::speaks_for(const Event& event, const ItemAttributes& attributes) const {
  return can_apply(event.action, attributes) &&
         inputs_.feedback.evidence(event.action, event.value, attributes.duration_s) > 0;
}

// A group of the liked item and of items that the user had not turned to, the moment before.
Status Join::open_liked(const LogRecord& record) {
  const Event& event = record.event;
  const ItemIndex item = replay_.find(event.item_id);
  if (item == kNoItem || !speaks_for(event, replay_.items().attributes(item))) return {};
  WINNOW_TRY(const UserState* const user, replay_.user(subject_of(event)));
  if (!user->has_acted_on(item) && event.time_ms >= first_ms_) {
    ShownGroup drawn{.subject = subject_of(event),
                     .session_id = event.session_id,
                     .recommendation_id = {},
                     .surface = {},
                     .time_ms = event.time_ms,
                     .items = {{event.item_id, event.time_ms}}};
    std::vector<ItemIndex> taken = {item};
    Random random(hash64(number_bytes(record.position), options_.seed));
    const std::size_t tries = 10 * options_.implicit_negatives;
    for (std::size_t t = 0; t < tries && taken.size() <= options_.implicit_negatives; ++t) {
      const std::optional<ItemIndex> other = sampler_.draw(random);
      if (!other || user->has_acted_on(*other) || std::ranges::find(taken, *other) != taken.end()) {
        continue;
      }
      const ItemView view = replay_.items().view(*other);
      if (!view.available) continue;
      taken.push_back(*other);
      drawn.items.push_back({std::string(view.id), event.time_ms});
    }
    if (taken.size() > 1) WINNOW_RETURN_IF_ERROR(open(drawn, record.position));
  }
  sampler_.count(item, event.time_ms);
  return {};
}

bool Join::drawn(std::string_view recommendation_id) const {
  if (options_.answers_share >= 1) return true;
  const std::uint64_t hash = hash64(recommendation_id, options_.seed);
  return static_cast<double>(hash >> 11) * 0x1.0p-53 < options_.answers_share;
}

// What was logged of the answer when it was served; nothing where its features are others than these.
Result<std::optional<ServedImpression>> Join::served_as(const ShownGroup& shown) const {
  using Found = std::optional<ServedImpression>;
  if (inputs_.served == nullptr || shown.recommendation_id.empty()) return Found();
  WINNOW_TRY(Found served, inputs_.served->find(shown.recommendation_id));
  const bool usable = served && served->schema == schema_ && served->subject == shown.subject &&
                      served->features.size() == served->items.size() * inputs_.feature_names.size();
  return usable ? std::move(served) : Found();
}

// The features of a row are those that were served; of a row that was not ranked then (what fills a slate has
// no features), or whose answer was not logged, those of the moment.
Status Join::open(const ShownGroup& shown, LogPosition position) {
  if (shown.items.empty() || shown.time_ms < first_ms_ || !drawn(shown.recommendation_id)) return {};
  WINNOW_TRY(const std::optional<ServedImpression> served, served_as(shown));
  if (options_.served_only && !served) return {};
  const std::size_t width = inputs_.feature_names.size();
  ImpressionGroup group;
  group.subject = hash64(shown.subject);
  group.surface = collector_.surface_number(shown.surface);
  group.time_ms = shown.time_ms;
  std::vector<std::string> item_ids;
  std::vector<ItemIndex> unserved;
  std::vector<std::size_t> unserved_rows;
  for (const ShownItem& item : shown.items) {
    const ItemIndex index = replay_.find(item.item_id);
    const std::span<const float> features = served ? served->features_of(index) : std::span<const float>();
    if (features.empty() && options_.served_only) continue;
    if (features.empty()) {
      unserved.push_back(index);
      unserved_rows.push_back(group.rows.size());
    }
    group.values.insert(group.values.end(), features.begin(), features.end());
    group.values.resize((group.rows.size() + 1) * width);
    item_ids.push_back(item.item_id);
    group.rows.push_back({index, item.time_ms, item.place, item.explored});
  }
  if (group.rows.empty()) return {};
  report_.rows_as_served += group.rows.size() - unserved.size();
  if (!unserved.empty()) {
    std::vector<float> values(unserved.size() * width);
    WINNOW_TRY(const UserState* const user, replay_.user(shown.subject));
    const ImpressionMoment moment{.subject = shown.subject,
                                  .session_id = shown.session_id,
                                  .recommendation_id = shown.recommendation_id,
                                  .surface = shown.surface,
                                  .time_ms = shown.time_ms,
                                  .position = position,
                                  .user = *user,
                                  .statistics = replay_.statistics(),
                                  .catalog = replay_.items(),
                                  .items = unserved};
    WINNOW_RETURN_IF_ERROR(inputs_.features(moment, values));
    for (std::size_t k = 0; k < unserved.size(); ++k) {
      std::ranges::copy(std::span(values).subspan(k * width, width),
                        group.values.begin() + static_cast<std::ptrdiff_t>(unserved_rows[k] * width));
    }
  }
  groups_.open(std::move(group), shown.subject, shown.recommendation_id, item_ids);
  return {};
}

Status Join::apply(const LogRecord& record) {
  const Event& event = record.event;
  if (event.action == Action::impression) ++report_.impressions;
  WINNOW_TRY(const bool applied, replay_.apply(record));
  if (!applied) ++report_.not_applied;
  const ItemIndex item = replay_.find(event.item_id);
  if (item == kNoItem || row(item) >= replay_.items().size()) return {};
  // Also what no state keeps is an outcome: a follow of an item without a creator.
  if (groups_.follow(event, replay_.items().attributes(item).duration_s)) ++report_.outcomes;
  return {};
}

TrainingSetResult Join::finish() {
  report_.rows_seen = collector_.rows_seen();
  report_.rows_with_outcome = collector_.positives_seen();
  report_.explored = bias_.explored();
  TrainingSetResult result{collector_.finish(), std::move(report_)};
  bias_.weigh(result.set, click_head(heads_));
  for (std::uint32_t s = 0; s < result.set.surface_names.size(); ++s) {
    const std::vector<double> propensities = bias_.propensities(s);
    if (propensities.empty()) continue;
    const std::string& name = result.set.surface_names[s];
    std::string line = (name.empty() ? "all surfaces" : name) + ":";
    for (std::size_t i = 0; i < std::min<std::size_t>(propensities.size(), 10); ++i) {
      line += fmt::format(" {:.2f}", propensities[i]);
    }
    result.report.places.push_back(std::move(line));
  }
  result.report.weighted_by_place = !result.report.places.empty();
  return result;
}

}  // namespace winnow
