// The list of settings. Ranges are generous: they keep out slips of the pen, not taste.

#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "winnow/settings/setting.h"
#include "winnow/settings/settings_tables.h"

namespace winnow {
namespace {

constexpr double kDay = static_cast<double>(kDayMs);
constexpr double kHour = static_cast<double>(kHourMs);

void add_store(std::vector<Setting>& table) {
  table.push_back(plain_setting(
      "store", "data", [](auto& s) -> auto& { return s.data; },
      "Folder of the store, relative to this file. The flag --data and the variable WINNOW_DATA go before "
      "it; a file that lies in the store itself cannot set it."));
  table.push_back(number_setting(
      "store", "partitions", {1, 1024}, [](auto& s) -> auto& { return s.log.partitions; },
      "Partitions of the event log. Fixed when the store is made; later values are not looked at."));
  table.push_back(number_setting(
      "store", "retention_days", {0, 36'500}, [](auto& s) -> auto& { return s.log.retention_ms; },
      "Events older than this, by arrival, are dropped from the log. 0 keeps them for ever.", kDay));
  table.push_back(number_setting(
      "store", "dedup_window_hours", {0, 87'600}, [](auto& s) -> auto& { return s.log.dedup_window_ms; },
      "An event whose event_id arrived within this time is a duplicate and is not stored again.", kHour));
  table.push_back(number_setting(
      "store", "dedup_max_events", {0, 1e9}, [](auto& s) -> auto& { return s.log.dedup_max_events; },
      "At most this many of the newest event ids are remembered, at 16 bytes each."));
  table.push_back(number_setting(
      "store", "impression_days", {0, 36'500}, [](auto& s) -> auto& { return s.impressions.retention_ms; },
      "What was served, with its features, is kept so long for training. 0: for ever.", kDay));
  table.push_back(number_setting(
      "store", "impression_gb", {0, 1e6}, [](auto& s) -> auto& { return s.impressions.max_bytes; },
      "What was served takes at most so much, before compression; the oldest goes first. 0: no limit.",
      1ull << 30));
  table.push_back(number_setting(
      "store", "impression_share", {0, 1},
      [](auto& s) -> auto& { return s.engine.pipeline.impression_share; },
      "Share of the answers that are kept so, drawn evenly. 0: none. To keep one takes about a quarter of "
      "what it "
      "takes to make it."));
}

void add_feedback(std::vector<Setting>& table) {
  table.push_back(plain_setting(
      "feedback", "positive", [](auto& s) -> auto& { return s.feedback.positive; },
      "Actions that say \"I like it\": an action, or one with a threshold on its value. watch is compared as "
      "the share of the item's duration."));
  table.push_back(plain_setting(
      "feedback", "negative", [](auto& s) -> auto& { return s.feedback.negative; },
      "Actions that say \"not for me\". An event that matches both lists is negative."));
  for (const std::string_view name : action_names()) {
    const Action action = *action_named(name);
    Setting setting{"feedback.weights", std::string(name)};
    setting.kind = Setting::Kind::number;
    setting.range = {0, 1e6};
    setting.doc = fmt::format("What one {} counts in training.", name);
    setting.get = [action](const Settings& s) -> SettingValue { return s.feedback.policy.weight(action); };
    setting.set = [action](Settings& s, const SettingValue& value) {
      return s.feedback.policy.set_weight(action, std::get<double>(value));
    };
    table.push_back(std::move(setting));
  }
}

// Those that anything differs on, by name.
std::set<std::string> surfaces_of(const Settings& settings) {
  const PipelineOptions& pipeline = settings.engine.pipeline;
  std::set<std::string> out;
  const auto add = [&](const auto& by_surface) {
    for (const auto& [surface, what] : by_surface) out.insert(surface);
  };
  add(pipeline.retrieve.surface_quotas);
  add(pipeline.rank.cascade.surface_worth);
  add(pipeline.rank.cascade.surface_revenue);
  add(pipeline.diversity.surface_weight);
  return out;
}

}  // namespace

std::vector<Setting> settings_table(const Settings& settings) {
  std::vector<Setting> table;
  add_store(table);
  add_feedback(table);
  add_speed_settings(table);
  add_pipeline_settings(table);
  add_training_settings(table);
  add_training_set_settings(table);
  for (const HeadOptions& head : settings.training_set.heads) add_head_settings(table, head.name);
  add_ranking_settings(table);
  for (const HeadOptions& head : settings.training_set.heads) add_worth_setting(table, head.name);
  add_model_settings(table);
  add_server_settings(table);
  for (const std::string& surface : surfaces_of(settings)) {
    add_surface_settings(table, surface);
    add_surface_ranking_settings(table, surface);
    for (const HeadOptions& head : settings.training_set.heads)
      add_surface_worth_setting(table, surface, head.name);
  }
  return table;
}

std::vector<SettingSection> settings_sections(const Settings& settings) {
  std::vector<SettingSection> sections = {
      {"store", "Where data lie and how long they are kept."},
      {"feedback", "What an action means for learning."},
      {"feedback.weights", "How much one action counts in training; 0 leaves it out."},
      {"events", "What an event may look like."},
      {"speed", "The speed layer: what each event changes at once."},
      {"sources", "How many candidates each source may bring to a request."},
      {"surfaces",
       "What differs on one surface: a section [surfaces.NAME], named as in the requests, takes the keys of "
       "[sources], worth_HEAD for what an outcome is worth there, and revenue and diversity of [ranking]."},
      {"boosts", "Sources without a learned weight add this to a candidate's score."},
      {"filters", "What is never shown."},
      {"answers", "What an answer is made of."},
      {"train", "The batch job: what is learned from, how it is cleaned and judged, and what may go live."},
      {"ranking", "Rankers behind the sources: a light one for all candidates, a full one for the best."},
      {"ranking.worth", "What an outcome is worth, by head of [training_set.heads]."},
      {"training_set", "What rankers learn from: what was shown, and what came of it."},
      {"training_set.heads",
       "The outcomes to predict: a list of rules as in [feedback] for each. A further key is a further "
       "outcome; an empty list leaves one out."},
      {"training_set.window_hours", "How long after an impression an event still counts as its outcome."},
      {"als", "The ALS model: matrix factorisation on implicit feedback."},
      {"spectral",
       "The spectral model, when train.extra_models names it: the smoothest vectors of the item graph."},
      {"graph",
       "The graph model, when train.extra_models names it: short item vectors that repeat what the filters "
       "of "
       "the item graph think."},
      {"two_tower", "The two-tower model, when train.extra_models names it: it reads the order of actions."},
      {"item_to_item", "The item-to-item model: people who liked this also liked."},
      {"index", "The vector index of large catalogues, made and tuned by each training."},
      {"server", "The HTTP server."},
  };
  for (const std::string& surface : surfaces_of(settings)) {
    sections.push_back({"surfaces." + surface, fmt::format("What differs on the surface {}.", surface)});
  }
  return sections;
}

}  // namespace winnow
