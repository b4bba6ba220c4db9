// Settings of the speed layer and of answering a request.

#include "base/clock.h"
#include "winnow/settings/setting.h"
#include "winnow/settings/settings_tables.h"

namespace winnow {
namespace {

constexpr double kDay = static_cast<double>(kDayMs);
constexpr double kSecond = static_cast<double>(kSecondMs);
constexpr double kAges = 36'500;  // days

// One key per entry of a map from a source's name to a number.
template <class Access>
void add_by_source(std::vector<Setting>& table, std::string_view section, Range range, Access access,
                   std::string_view doc_of_source) {
  const Settings defaults;
  for (const auto& entry : access(defaults)) {
    const std::string source = entry.first;
    table.push_back(number_setting(
        section, source, range, [access, source](auto& s) -> auto& { return access(s).find(source)->second; },
        fmt::format(fmt::runtime(doc_of_source), source)));
  }
}

constexpr Range kQuotas = {0, 5000};

}  // namespace

void add_surface_settings(std::vector<Setting>& table, const std::string& surface) {
  const RetrieveOptions defaults;
  for (const auto& entry : defaults.quotas) {
    const std::string source = entry.first;
    Setting setting{"surfaces." + surface, source};
    setting.kind = Setting::Kind::integer;
    setting.range = kQuotas;
    setting.doc =
        fmt::format("Candidates that the source {} may bring to a request of this surface.", source);
    setting.get = [surface, source](const Settings& s) -> SettingValue {
      return static_cast<std::int64_t>(s.engine.pipeline.retrieve.quota(surface, source));
    };
    setting.set = [surface, source](Settings& s, const SettingValue& value) -> Status {
      s.engine.pipeline.retrieve.surface_quotas[surface][source] =
          static_cast<std::size_t>(std::get<std::int64_t>(value));
      return {};
    };
    table.push_back(std::move(setting));
  }
}

void add_speed_settings(std::vector<Setting>& table) {
  table.push_back(number_setting(
      "speed", "seen_ttl_days", {0.01, kAges},
      [](auto& s) -> auto& { return s.engine.speed.user.seen_ttl_ms; },
      "How long an item that a user has seen stays out of their answers.", kDay));
  table.push_back(number_setting(
      "speed", "affinity_half_life_days", {0.01, kAges},
      [](auto& s) -> auto& { return s.engine.speed.user.affinity_half_life_days; },
      "Half-life of a user's liking of categories and creators."));
  table.push_back(number_setting(
      "speed", "popular_half_life_days", {0.01, kAges},
      [](auto& s) -> auto& { return s.engine.speed.items.popular_half_life_days; },
      "Half-life of an event in the live popularity."));
  table.push_back(number_setting(
      "speed", "trending_fast_hours", {0.1, 8760},
      [](auto& s) -> auto& { return s.engine.speed.items.trending_fast_hours; },
      "Trending compares an item's last hours, of this half-life..."));
  table.push_back(number_setting(
      "speed", "trending_slow_days", {0.1, kAges},
      [](auto& s) -> auto& { return s.engine.speed.items.trending_slow_days; },
      "...with its own past, of this half-life."));
  table.push_back(number_setting(
      "speed", "rising_hours", {0.01, 8760},
      [](auto& s) -> auto& { return s.engine.speed.items.rising_hours; },
      "An item rises when its last time, of this half-life, exceeds its hours of trending_fast_hours."));
  table.push_back(number_setting(
      "speed", "trending_min_velocity", {0, 1000},
      [](auto& s) -> auto& { return s.engine.speed.trends.min_velocity; },
      "An item is trending from so many standard deviations above its own past."));
  table.push_back(number_setting(
      "speed", "co_occurrence_half_life_days", {0.01, kAges},
      [](auto& s) -> auto& { return s.engine.speed.co_occurrence.half_life_days; },
      "Half-life of an event in what people turn to together; after a change it is learned anew."));
  table.push_back(number_setting(
      "speed", "co_occurrence_max_items", {1, 1e9},
      [](auto& s) -> auto& { return s.engine.speed.co_occurrence.max_items; },
      "Items whose companions are kept, some 400 bytes each; over that, those left alone for longest go."));
  table.push_back(number_setting(
      "speed", "prior_strength", {0.1, 1e6},
      [](auto& s) -> auto& { return s.engine.speed.items.prior_strength; },
      "Pseudo-events by which an item's rate of positives is drawn to the catalogue's, so that one lucky "
      "view makes no hit."));
  table.push_back(number_setting(
      "speed", "new_item_days", {0.01, kAges},
      [](auto& s) -> auto& { return s.engine.speed.trends.new_item_days; },
      "An item is new for so long after created_at."));
  table.push_back(plain_setting(
      "speed", "create_missing_items", [](auto& s) -> auto& { return s.engine.speed.create_missing_items; },
      "An event about an unknown item makes a bare entry in the catalogue; else the event has no effect."));
}

void add_pipeline_settings(std::vector<Setting>& table) {
  add_by_source(
      table, "sources", kQuotas, [](auto& s) -> auto& { return s.engine.pipeline.retrieve.quotas; },
      "Candidates that the source {} may bring to a request; 0 turns it off.");
  add_by_source(
      table, "boosts", {0, 100}, [](auto& s) -> auto& { return s.engine.pipeline.rank.boosts; },
      "Added to the score of the best candidate of {}, and to others in proportion.");
  table.push_back(number_setting(
      "boosts", "rising", {0, 100}, [](auto& s) -> auto& { return s.engine.pipeline.rank.rising_boost; },
      "Added to the score of any candidate that rises within the last hour, the more the steeper."));

  table.push_back(plain_setting(
      "filters", "seen", [](auto& s) -> auto& { return s.engine.pipeline.filter.seen; },
      "Leave out what the user has viewed, clicked, watched or rated within speed.seen_ttl_days."));
  table.push_back(plain_setting(
      "filters", "impressions_are_seen",
      [](auto& s) -> auto& { return s.engine.pipeline.filter.impressions_are_seen; },
      "What was only shown to the user counts as seen too."));
  table.push_back(plain_setting(
      "filters", "purchased", [](auto& s) -> auto& { return s.engine.pipeline.filter.purchased; },
      "Leave out what the user has bought."));
  table.push_back(plain_setting(
      "filters", "hidden", [](auto& s) -> auto& { return s.engine.pipeline.filter.hidden; },
      "Leave out what the user has hidden or disliked, for ever."));
  table.push_back(plain_setting(
      "filters", "region", [](auto& s) -> auto& { return s.engine.pipeline.filter.region; },
      "Leave out what may not be shown in the user's country."));
  table.push_back(plain_setting(
      "filters", "disliked_groups", [](auto& s) -> auto& { return s.engine.pipeline.filter.disliked_groups; },
      "Leave out creators and categories that the user dislikes."));
  table.push_back(number_setting(
      "filters", "dislike_min_negatives", {0.1, 1e6},
      [](auto& s) -> auto& { return s.engine.pipeline.filter.dislike_min_negatives; },
      "A group is disliked from so many negative events, decayed, on..."));
  table.push_back(number_setting(
      "filters", "dislike_min_share", {0, 1},
      [](auto& s) -> auto& { return s.engine.pipeline.filter.dislike_min_share; },
      "...when they are at least this share of all the user's signals about it."));

  table.push_back(number_setting(
      "answers", "trending_share", {0, 0.5},
      [](auto& s) -> auto& { return s.engine.pipeline.trending_share; },
      "Share of the positions kept for rising items."));
  table.push_back(number_setting(
      "answers", "new_share", {0, 0.5}, [](auto& s) -> auto& { return s.engine.pipeline.new_share; },
      "Share of the positions kept for new items."));
  table.push_back(number_setting(
      "answers", "content_share", {0, 0.5}, [](auto& s) -> auto& { return s.engine.pipeline.content_share; },
      "Share of the positions kept for what is described like what the user liked and no trained model "
      "knows."));
  table.push_back(number_setting(
      "answers", "subscriptions_share", {0, 0.5},
      [](auto& s) -> auto& { return s.engine.pipeline.subscriptions_share; },
      "Share of the positions kept for what the creators that the user follows have made."));
  table.push_back(number_setting(
      "answers", "deadline_ms", {1, 60'000}, [](auto& s) -> auto& { return s.engine.deadline_ms; },
      "After this time a request stops asking further sources and answers with what it has."));
  table.push_back(number_setting(
      "answers", "source_deadline_ms", {1, 60'000},
      [](auto& s) -> auto& { return s.engine.pipeline.retrieve.source_deadline_ms; },
      "A source that has not answered after this time is left out of the answer, and named in it."));
  table.push_back(number_setting(
      "answers", "source_threads", {0, 256}, [](auto& s) -> auto& { return s.engine.source_threads; },
      "Threads on which sources that take long run beside each other."));
  table.push_back(number_setting(
      "answers", "parallel_from_ms", {0, 1000},
      [](auto& s) -> auto& { return s.engine.pipeline.retrieve.parallel_from_us; },
      "A source that lately took longer than this runs on those threads; a faster one is not worth handing "
      "over.",
      1000));
  table.push_back(number_setting(
      "answers", "model_poll_seconds", {0.01, 3600}, [](auto& s) -> auto& { return s.engine.model_poll_ms; },
      "How often a server looks for a new live model.", kSecond));

  table.push_back(number_setting(
      "events", "max_context_bytes", {0, 65'536},
      [](auto& s) -> auto& { return s.engine.events.max_context_bytes; },
      "An event's context may be so long."));
  table.push_back(number_setting(
      "events", "max_future_seconds", {0, 31'536'000},
      [](auto& s) -> auto& { return s.engine.events.max_future_ms; },
      "An event may lie so far in the future: clocks of senders run ahead a little.", kSecond));
}

}  // namespace winnow
