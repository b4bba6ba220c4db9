#include "batch/impressions/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "batch/impressions/event_stream.h"
#include "batch/impressions/look_ahead.h"
#include "batch/impressions/open_groups.h"
#include "batch/impressions/popular_sampler.h"

namespace winnow {

namespace {

constexpr std::uint64_t kSaveEvery = 8192;  // events

// The head whose labels say that an item was looked at: "click" where there is one, else the first.
std::size_t click_head(const Heads& heads) {
  const std::vector<std::string> names = heads.names();
  const auto found = std::ranges::find(names, "click");
  return found == names.end() ? 0 : static_cast<std::size_t>(found - names.begin());
}

// One pass over the stream.
class Join final {
 public:
  Join(const TrainingSetInputs& inputs, const TrainingSetOptions& options, const Heads& heads,
       StateReplay& replay, const LogScan& scan)
      : inputs_(inputs),
        options_(options),
        replay_(replay),
        first_ms_(options.window_days > 0
                      ? scan.newest_ms - static_cast<TimestampMs>(options.window_days * kDayMs)
                      : std::numeric_limits<TimestampMs>::min()),
        newest_ms_(scan.newest_ms),
        heads_(heads),
        schema_(schema_fingerprint(inputs.feature_names)),
        bias_(options.position_bias),
        collector_(inputs.feature_names, heads.names(),
                   {.negatives_kept = options.thinning.negatives_kept, .seed = options.seed}),
        groups_(heads, options.late_ms, [this](ImpressionGroup group) { closed(group); }),
        sampler_(options.replay.items.popular_half_life_days),
        random_(options.seed) {}

  Status run(EventStream& stream, bool implicit, const JobProgress& progress);
  TrainingSetResult finish();

 private:
  void closed(const ImpressionGroup& group);
  Status open_shown(const ShownGroup& shown, LogPosition position);
  Status open_liked(const LogRecord& record);
  Status open(const ShownGroup& shown, LogPosition position);
  Status fill(const ImpressionMoment& moment, ImpressionGroup& group);
  Status apply(const LogRecord& record);
  bool speaks_for(const Event& event, const ItemView& view) const;

  const TrainingSetInputs& inputs_;
  const TrainingSetOptions& options_;
  StateReplay& replay_;
  const TimestampMs first_ms_;
  const TimestampMs newest_ms_;
  const Heads& heads_;
  const std::uint64_t schema_;
  PositionBias bias_;
  RowCollector collector_;
  OpenGroups groups_;
  PopularSampler sampler_;
  Random random_;
  TrainingSetReport report_;
};

Status Join::run(EventStream& stream, bool implicit, const JobProgress& progress) {
  report_.implicit = implicit;
  LookAhead ahead(stream, options_.group_gap_ms, !implicit);
  const auto expect = [this](std::span<const LogRecord> page) { replay_.expect(page); };
  for (;;) {
    WINNOW_TRY(const std::optional<LookAhead::Step> step, ahead.next(expect));
    if (!step) break;
    for (const ShownGroup& shown : step->groups) {
      WINNOW_RETURN_IF_ERROR(open_shown(shown, step->record.position));
    }
    if (implicit) WINNOW_RETURN_IF_ERROR(open_liked(step->record));
    WINNOW_RETURN_IF_ERROR(apply(step->record));
    if (++report_.events % kSaveEvery != 0) continue;
    WINNOW_RETURN_IF_ERROR(replay_.save());
    if (progress && !progress("join", report_.events, inputs_.log.statistics().events)) {
      return Error{ErrorCode::unavailable, "stopped while reading the log: run it again"};
    }
  }
  groups_.close_all(newest_ms_);
  return replay_.save();
}

void Join::closed(const ImpressionGroup& group) {
  bias_.count(group, heads_.size(), click_head(heads_));
  collector_.add(group);
}

Status Join::open_shown(const ShownGroup& shown, LogPosition position) {
  ShownGroup fresh = shown;
  std::erase_if(fresh.items, [&](const ShownItem& item) {
    return groups_.has_row(shown.recommendation_id, item.item_id) || replay_.find(item.item_id) == kNoItem;
  });
  return open(fresh, position);
}

bool Join::speaks_for(const Event& event, const ItemView& view) const {
  return can_apply(event.action, view) &&
         inputs_.feedback.evidence(event.action, event.value, view.duration_s) > 0;
}

// A group of the liked item and of items that the user had not seen, the moment before.
Status Join::open_liked(const LogRecord& record) {
  const Event& event = record.event;
  const ItemIndex item = replay_.find(event.item_id);
  if (item == kNoItem || !speaks_for(event, replay_.items().view(item))) return {};
  WINNOW_TRY(const UserState* const user, replay_.user(subject_of(event)));
  if (user->find_seen(item) == nullptr && event.time_ms >= first_ms_) {
    ShownGroup drawn{.subject = subject_of(event),
                     .session_id = event.session_id,
                     .recommendation_id = {},
                     .surface = {},
                     .time_ms = event.time_ms,
                     .items = {{event.item_id, event.time_ms}}};
    std::vector<ItemIndex> taken = {item};
    const std::size_t tries = 10 * options_.implicit_negatives;
    for (std::size_t t = 0; t < tries && taken.size() <= options_.implicit_negatives; ++t) {
      const std::optional<ItemIndex> other = sampler_.draw(random_);
      if (!other || user->find_seen(*other) != nullptr || std::ranges::find(taken, *other) != taken.end()) {
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

Status Join::open(const ShownGroup& shown, LogPosition position) {
  if (shown.items.empty() || shown.time_ms < first_ms_) return {};
  ImpressionGroup group;
  group.subject = hash64(shown.subject);
  group.surface = collector_.surface_number(shown.surface);
  group.time_ms = shown.time_ms;
  std::vector<ItemIndex> items;
  std::vector<std::string> item_ids;
  for (const ShownItem& item : shown.items) {
    items.push_back(replay_.find(item.item_id));
    item_ids.push_back(item.item_id);
    group.rows.push_back({items.back(), item.time_ms, item.place, item.explored});
  }
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
                                .items = items};
  WINNOW_RETURN_IF_ERROR(fill(moment, group));
  groups_.open(std::move(group), shown.subject, shown.recommendation_id, item_ids);
  return {};
}

// The features as they were served, where they are these and all of them are there; else those of the moment.
Status Join::fill(const ImpressionMoment& moment, ImpressionGroup& group) {
  const std::size_t width = inputs_.feature_names.size();
  group.values.resize(moment.items.size() * width);
  if (inputs_.served == nullptr || moment.recommendation_id.empty()) {
    return inputs_.features(moment, group.values);
  }
  WINNOW_TRY(const std::optional<ServedImpression> served, inputs_.served->find(moment.recommendation_id));
  const bool usable = served && served->schema == schema_ && served->subject == moment.subject &&
                      served->features.size() == served->items.size() * width;
  if (!usable) return inputs_.features(moment, group.values);
  for (std::size_t r = 0; r < moment.items.size(); ++r) {
    const auto found = std::ranges::find(served->items, moment.items[r], &ServedItem::item);
    if (found == served->items.end()) return inputs_.features(moment, group.values);
    const auto first = (found - served->items.begin()) * static_cast<std::ptrdiff_t>(width);
    std::copy_n(served->features.begin() + first, width,
                group.values.begin() + static_cast<std::ptrdiff_t>(r * width));
  }
  report_.rows_as_served += moment.items.size();
  return {};
}

Status Join::apply(const LogRecord& record) {
  const Event& event = record.event;
  if (event.action == Action::impression) ++report_.impressions;
  WINNOW_TRY(const bool applied, replay_.apply(record));
  if (!applied) {
    ++report_.not_applied;
    return {};
  }
  const double duration_s = replay_.items().view(replay_.find(event.item_id)).duration_s;
  if (groups_.follow(event, duration_s)) ++report_.outcomes;
  return {};
}

TrainingSetResult Join::finish() {
  report_.rows_seen = collector_.rows_seen();
  report_.rows_with_outcome = collector_.positives_seen();
  report_.explored = bias_.explored();
  TrainingSetResult result{collector_.finish(), std::move(report_)};
  bias_.weigh(result.set, click_head(heads_));
  result.report.weighted_by_place =
      std::ranges::any_of(result.set.ranking.weights, [](float weight) { return weight != 1; });
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
  return result;
}

}  // namespace

Status check(const TrainingSetOptions& options) {
  const auto wrong = [](std::string_view field, std::string_view why) {
    return Error{ErrorCode::invalid, fmt::format("training_set.{} {}", field, why),
                 fmt::format("training_set.{}", field)};
  };
  if (!(options.window_days >= 0)) return wrong("window_days", "is below 0: give days, or 0 for all");
  if (options.late_ms < 0) return wrong("late_hours", "is below 0");
  if (options.group_gap_ms < 0) return wrong("group_gap_seconds", "is below 0");
  if (options.implicit_negatives == 0) return wrong("implicit_negatives", "is 0: give at least 1");
  if (!(options.thinning.negatives_kept >= 0 && options.thinning.negatives_kept <= 1)) {
    return wrong("negatives_kept", "is not in [0, 1]: give a share, or 0 for one to one");
  }
  if (!(options.position_bias.least_propensity > 0 && options.position_bias.least_propensity <= 1)) {
    return wrong("least_propensity", "is not in (0, 1]");
  }
  return Heads::parse(options.heads).ok() ? Status() : Status(Heads::parse(options.heads).error());
}

Result<TrainingSetResult> build_training_set(const TrainingSetInputs& inputs,
                                             const TrainingSetOptions& options, const JobProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check(options));
  WINNOW_TRY(const Heads heads, Heads::parse(options.heads));
  const LogPosition last = inputs.log.statistics().last;
  WINNOW_TRY(const LogScan scan, scan_log(inputs.log, last, progress));
  const bool implicit = options.source == TrainingSetOptions::Source::implicit ||
                        (options.source == TrainingSetOptions::Source::automatic && scan.impressions == 0);
  WINNOW_TRY(const std::unique_ptr<StateReplay> replay,
             StateReplay::start(inputs.catalog, inputs.feedback, inputs.states, options.replay));
  std::unique_ptr<EventStream> stream = by_position(inputs.log, last);
  if (!scan.in_order_of_time()) {
    WINNOW_TRY(stream, by_time(inputs.log, last));
  }
  TrainingSetOptions effective = options;
  if (implicit) effective.thinning.negatives_kept = 1;  // they were drawn, and their share says nothing
  Join join(inputs, effective, heads, *replay, scan);
  WINNOW_RETURN_IF_ERROR(join.run(*stream, implicit, progress));
  TrainingSetResult result = join.finish();
  result.report.by_time = !scan.in_order_of_time();
  if (result.set.ranking.rows() == 0) {
    return Error{ErrorCode::conflict, implicit ? "the log holds no liked item to learn from: import events, "
                                                 "or check [feedback]"
                                               : "the log holds no impression in the window to learn from: "
                                                 "widen training_set.window_days"};
  }
  WINNOW_RETURN_IF_ERROR(result.set.ranking.check());
  return result;
}

}  // namespace winnow
