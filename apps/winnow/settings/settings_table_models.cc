// Settings of training and of the models.

#include "winnow/settings/setting.h"
#include "winnow/settings/settings_tables.h"

namespace winnow {

void add_training_settings(std::vector<Setting>& table) {
  table.push_back(number_setting(
      "train", "window_days", {0, 36'500}, [](auto& s) -> auto& { return s.train.extract.window_days; },
      "Events of so many days are learned from, counted back from the newest one. 0: all there are."));
  table.push_back(number_setting(
      "train", "window_min_events", {0, 1e12},
      [](auto& s) -> auto& { return s.train.extract.window_min_events; },
      "The window reaches back at least to the newest so many events."));
  table.push_back(number_setting(
      "train", "bot_events_per_minute", {0, 1e6},
      [](auto& s) -> auto& { return s.train.clean.bot_events_per_minute; },
      "Who has more events than this in some minute is a bot and is left out. 0: nobody is."));
  table.push_back(number_setting(
      "train", "session_minutes", {0, 10'000}, [](auto& s) -> auto& { return s.train.clean.session_minutes; },
      "A longer pause ends a session. Within one, the same action on the same item counts once."));
  table.push_back(number_setting(
      "train", "daily_cap", {0, 1e6}, [](auto& s) -> auto& { return s.train.clean.daily_cap; },
      "Of one user and day at most so many events count. 0: no cap."));
  table.push_back(number_setting(
      "train", "decay_per_day", {0, 10}, [](auto& s) -> auto& { return s.train.clean.decay_per_day; },
      "An event's weight decays by e to minus this times its age in days."));
  table.push_back(plain_setting(
      "train", "popularity_half_lives", [](auto& s) -> auto& { return s.train.popularity_half_lives; },
      "Half-lives in days that are tried for popularity; 0 is no decay."));
  table.back().range = {0, 36'500};
  table.push_back(number_setting(
      "train", "validation_share", {0.01, 0.4},
      [](auto& s) -> auto& { return s.train.parts.validation_share; },
      "Share of the data, by time, on which the sources' weights are chosen."));
  table.push_back(number_setting(
      "train", "test_share", {0.01, 0.4}, [](auto& s) -> auto& { return s.train.parts.test_share; },
      "Share of the data, the newest, on which the models are judged."));
  table.push_back(number_setting(
      "train", "min_users", {1, 1e9}, [](auto& s) -> auto& { return s.train.parts.min_users; },
      "With fewer users to judge by, each user's own last items are held out instead."));
  table.push_back(number_setting(
      "train", "max_users", {1, 1e9}, [](auto& s) -> auto& { return s.train.parts.max_users; },
      "Of more users than this a sample is judged."));
  table.push_back(number_setting(
      "train", "min_pairs", {0, 1e12}, [](auto& s) -> auto& { return s.train.gates.min_pairs; },
      "Gate: pairs of user and item that there must be to learn from."));
  table.push_back(number_setting(
      "train", "tolerance", {0, 1}, [](auto& s) -> auto& { return s.train.gates.tolerance; },
      "Gate: share of NDCG@10 by which the blend may fall behind popularity and the live version."));
  table.push_back(number_setting(
      "train", "min_spread", {0, 1}, [](auto& s) -> auto& { return s.train.gates.min_spread; },
      "Gate: distinct items among the places of all top-10 lists."));
  table.push_back(number_setting(
      "train", "keep_versions", {1, 10'000}, [](auto& s) -> auto& { return s.train.rollout.keep_versions; },
      "Versions kept beside the live one and the one before it."));
  table.push_back(number_setting(
      "train", "seed", {0, 9e15}, [](auto& s) -> auto& { return s.train.seed; },
      "Seed of everything random: the same seed and data give the same models."));
  table.push_back(number_setting(
      "train", "schedule_hours", {0, 10'000}, [](auto& s) -> auto& { return s.schedule_hours; },
      "A server trains by itself so many hours after the last training. 0: it does not."));
  table.push_back(number_setting(
      "train", "refresh_minutes", {0, 1e6}, [](auto& s) -> auto& { return s.refresh_minutes; },
      "A server moves the live version on to the newest events by itself so many minutes after the last "
      "training or refresh. 0: it does not."));
}

void add_model_settings(std::vector<Setting>& table) {
  table.push_back(plain_setting(
      "train", "extra_models", [](auto& s) -> auto& { return s.train.models.extra; },
      "Trained and blended beside ALS, item-to-item and popularity; each costs time in training and in "
      "requests. two_tower needs winnow-trainer.",
      extra_model_names()));
  table.push_back(number_setting(
      "index", "from_items", {1, 4e9}, [](auto& s) -> auto& { return s.train.index.from_items; },
      "Catalogues of fewer items are searched exactly: there an index saves nothing."));
  Setting kind{"index", "kind"};
  kind.kind = Setting::Kind::text;
  kind.choices = {"ivf_int8", "ivf_int4", "flat"};
  kind.doc =
      "How vectors are kept for searching: 8 or 4 bits a number in inverted lists, then exact scores of the "
      "best; or all exactly.";
  kind.get = [](const Settings& s) -> SettingValue { return std::string(name_of(s.train.index.kind)); };
  kind.set = [](Settings& s, const SettingValue& value) -> Status {
    WINNOW_TRY(s.train.index.kind, parse_index_kind(std::get<std::string>(value)));
    return {};
  };
  table.push_back(std::move(kind));
  table.push_back(number_setting(
      "index", "target_recall", {0.5, 1}, [](auto& s) -> auto& { return s.train.index.target_recall; },
      "Share of the exact answers that a search is tuned to find."));
  table.push_back(number_setting(
      "als", "dims", {16, 512}, [](auto& s) -> auto& { return s.train.models.als.dims; },
      "Length of the item and user vectors."));
  table.back().step = 16;
  table.push_back(number_setting(
      "als", "epochs", {1, 1000}, [](auto& s) -> auto& { return s.train.models.als.epochs; },
      "Passes over the data."));
  table.push_back(number_setting(
      "als", "unobserved_weight", {0, 1000},
      [](auto& s) -> auto& { return s.train.models.als.unobserved_weight; },
      "How much a pair that was never seen counts as a no; 0 chooses by how dense the data are."));
  table.push_back(number_setting(
      "als", "regularization", {1e-6, 1e6},
      [](auto& s) -> auto& { return s.train.models.als.regularization; },
      "Strength of the L2 term; more for small data."));
  table.push_back(number_setting(
      "als", "frequency_exponent", {0, 2},
      [](auto& s) -> auto& { return s.train.models.als.frequency_exponent; },
      "The L2 term of a row grows with its number of events to this power."));
  table.push_back(number_setting(
      "als", "user_exponent", {0, 2}, [](auto& s) -> auto& { return s.train.models.als.user_exponent; },
      "A user of n items counts n to minus this power, so that heavy users say less per pair."));
  table.push_back(number_setting(
      "als", "confidence", {0, 1000}, [](auto& s) -> auto& { return s.train.models.als.confidence; },
      "Extra confidence of pairs with a larger training weight; 0 treats all positive pairs alike."));
  table.push_back(number_setting(
      "als", "cg_steps", {1, 50}, [](auto& s) -> auto& { return s.train.models.als.cg_steps; },
      "Conjugate-gradient steps per row and pass."));
  table.push_back(number_setting(
      "spectral", "dims", {1, 1024}, [](auto& s) -> auto& { return s.train.models.spectral.dims; },
      "Length of the item vectors."));
  table.push_back(number_setting(
      "graph", "dims", {1, 1024}, [](auto& s) -> auto& { return s.train.models.graph.dims; },
      "Length of the item vectors."));
  table.push_back(number_setting(
      "graph", "epochs", {1, 1000}, [](auto& s) -> auto& { return s.train.models.graph.epochs; },
      "Passes over the histories."));
  table.push_back(number_setting(
      "graph", "histories", {1, 10'000'000}, [](auto& s) -> auto& { return s.train.models.graph.histories; },
      "Histories that it learns from, at most; each is first judged by the filters, which look through all "
      "interactions for it."));
  table.push_back(number_setting(
      "two_tower", "dims", {32, 512}, [](auto& s) -> auto& { return s.train.models.two_tower.dims; },
      "Length of the item and user vectors."));
  table.back().step = 32;
  table.push_back(number_setting(
      "two_tower", "length", {1, 1000}, [](auto& s) -> auto& { return s.train.models.two_tower.length; },
      "Newest actions of a user that are read."));
  table.push_back(number_setting(
      "two_tower", "epochs", {1, 1000}, [](auto& s) -> auto& { return s.train.models.two_tower.epochs; },
      "Passes over the data at most: training ends when held-out actions are predicted no better."));
  table.push_back(number_setting(
      "item_to_item", "neighbours", {1, 10'000},
      [](auto& s) -> auto& { return s.train.models.item_to_item.neighbours; },
      "Neighbours kept for each item."));
  table.push_back(number_setting(
      "item_to_item", "shrinkage", {0, 1e6},
      [](auto& s) -> auto& { return s.train.models.item_to_item.shrinkage; },
      "Added to the denominator, so that pairs with thin evidence score less."));
  table.push_back(number_setting(
      "item_to_item", "popularity_exponent", {0, 1},
      [](auto& s) -> auto& { return s.train.models.item_to_item.popularity_exponent; },
      "Power of the items' frequencies in the denominator; 0.5 is cosine, 1 is lift; more favours rare "
      "items."));
  table.push_back(number_setting(
      "item_to_item", "user_exponent", {0, 2},
      [](auto& s) -> auto& { return s.train.models.item_to_item.user_exponent; },
      "A user of n items counts n to minus this power, so that heavy users say less per pair."));
  table.push_back(number_setting(
      "item_to_item", "wilson_z", {0, 10},
      [](auto& s) -> auto& { return s.train.models.item_to_item.wilson_z; },
      "A pair counts as what it is at least, so many standard deviations down (Wilson's interval). 0: as it "
      "is."));
  table.push_back(number_setting(
      "item_to_item", "history_half_life_days", {0, 36'500},
      [](auto& s) -> auto& { return s.train.models.item_to_item.history_half_life_days; },
      "In a request, older history counts less by this half-life. 0: all alike."));
}

}  // namespace winnow
