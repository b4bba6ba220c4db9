// The list of settings. Ranges are generous: they keep out slips of the pen, not taste.

#include "base/clock.h"
#include "winnow/settings/setting.h"

namespace winnow {
namespace {

constexpr double kDay = static_cast<double>(kDayMs);
constexpr double kHour = static_cast<double>(kHourMs);

void add_store(std::vector<Setting>& table) {
  table.push_back(plain_setting(
      "store", "data", [](auto& s) -> auto& { return s.data; },
      "Folder of the store, relative to this file. The flag --data and the variable WINNOW_DATA go before "
      "it; a "
      "file that lies in the store itself cannot set it."));
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
}

void add_feedback(std::vector<Setting>& table) {
  table.push_back(plain_setting(
      "feedback", "positive", [](auto& s) -> auto& { return s.feedback.positive; },
      "Actions that say \"I like it\": an action, or one with a threshold on its value. watch is compared as "
      "the share "
      "of the item's duration."));
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

void add_models(std::vector<Setting>& table) {
  table.push_back(number_setting(
      "als", "dims", {16, 512}, [](auto& s) -> auto& { return s.als.dims; },
      "Length of the item and user vectors; a multiple of 16."));
  table.push_back(number_setting(
      "als", "epochs", {1, 1000}, [](auto& s) -> auto& { return s.als.epochs; }, "Passes over the data."));
  table.push_back(number_setting(
      "als", "unobserved_weight", {0, 10}, [](auto& s) -> auto& { return s.als.unobserved_weight; },
      "How much a pair that was never seen counts as a no."));
  table.push_back(number_setting(
      "als", "regularization", {0, 1000}, [](auto& s) -> auto& { return s.als.regularization; },
      "Strength of the L2 term; more for small data."));
  table.push_back(number_setting(
      "als", "frequency_exponent", {0, 2}, [](auto& s) -> auto& { return s.als.frequency_exponent; },
      "The L2 term of a row grows with its number of events to this power."));
  table.push_back(number_setting(
      "als", "confidence", {0, 1000}, [](auto& s) -> auto& { return s.als.confidence; },
      "Extra confidence per unit of training weight; 0 treats all positive pairs alike."));
  table.push_back(number_setting(
      "als", "cg_steps", {1, 50}, [](auto& s) -> auto& { return s.als.cg_steps; },
      "Conjugate-gradient steps per row and pass."));
  table.push_back(number_setting(
      "als", "seed", {0, 9e15}, [](auto& s) -> auto& { return s.als.seed; },
      "Seed of the starting vectors: the same seed and data give the same model."));

  table.push_back(number_setting(
      "item_to_item", "neighbours", {1, 10'000}, [](auto& s) -> auto& { return s.item_to_item.neighbours; },
      "Neighbours kept for each item."));
  table.push_back(number_setting(
      "item_to_item", "shrinkage", {0, 1e6}, [](auto& s) -> auto& { return s.item_to_item.shrinkage; },
      "Added to the denominator, so that pairs with thin evidence score less."));
  table.push_back(number_setting(
      "item_to_item", "popularity_exponent", {0, 1},
      [](auto& s) -> auto& { return s.item_to_item.popularity_exponent; },
      "Power of the items' frequencies in the denominator; 0.5 is cosine, more favours rare items."));
  table.push_back(number_setting(
      "item_to_item", "user_exponent", {0, 2}, [](auto& s) -> auto& { return s.item_to_item.user_exponent; },
      "A user of n items counts n to minus this power, so that heavy users say less per pair."));
  table.push_back(number_setting(
      "item_to_item", "history_half_life_days", {0, 36'500},
      [](auto& s) -> auto& { return s.item_to_item.history_half_life_days; },
      "In a request, older history counts less by this half-life. 0: all alike."));

  table.push_back(number_setting(
      "popularity", "half_life_days", {0, 36'500},
      [](auto& s) -> auto& { return s.popularity.half_life_days; },
      "Half-life of an event in the trained popularity. 0: no decay."));
}

}  // namespace

std::vector<Setting> settings_table() {
  std::vector<Setting> table;
  add_store(table);
  add_feedback(table);
  add_models(table);
  return table;
}

std::vector<SettingSection> settings_sections() {
  return {
      {"store", "Where data lie and how long they are kept."},
      {"feedback", "What an action means for learning."},
      {"feedback.weights", "How much one action counts in training; 0 leaves it out."},
      {"als", "The ALS model: matrix factorisation on implicit feedback."},
      {"item_to_item", "The item-to-item model: people who liked this also liked."},
      {"popularity", "The trained popularity."},
  };
}

}  // namespace winnow
