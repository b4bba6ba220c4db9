// Settings of the models.

#include "winnow/settings/setting.h"
#include "winnow/settings/settings_tables.h"

namespace winnow {

void add_model_settings(std::vector<Setting>& table) {
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

}  // namespace winnow
