// The settings of [ranking]: rankers behind the sources, and what outcomes are worth.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/ranking/ranker_model.h"
#include "winnow/settings/settings_tables.h"

namespace winnow {

namespace {

constexpr Range kWorths = {-kMaxWorth, kMaxWorth};
constexpr Range kRevenues = {0, 1e6};
constexpr Range kDiversities = {0, 100};

// A number that a surface may have of its own. by_surface: the map of those, overall: what else holds.
template <class BySurface, class Overall>
Setting surface_number(const std::string& surface, std::string key, Range range, BySurface by_surface,
                       Overall overall, std::string doc) {
  Setting setting{"surfaces." + surface, std::move(key)};
  setting.kind = Setting::Kind::number;
  setting.range = range;
  setting.doc = std::move(doc);
  setting.get = [surface, by_surface, overall](const Settings& s) -> SettingValue {
    const auto& own = by_surface(s);
    const auto here = own.find(surface);
    return here == own.end() ? overall(s) : here->second;
  };
  setting.set = [surface, by_surface](Settings& s, const SettingValue& value) -> Status {
    by_surface(s)[surface] = std::get<double>(value);
    return {};
  };
  return setting;
}

// What an outcome is worth, in a map by head that holds only what differs from the model's own.
template <class Access>
Setting worth_setting(std::string section, std::string key, const std::string& head, Access access,
                      std::string doc) {
  Setting setting{std::move(section), std::move(key)};
  setting.kind = Setting::Kind::number;
  setting.range = kWorths;
  setting.doc = std::move(doc);
  setting.get = [head, access](const Settings& s) -> SettingValue {
    const HeadWorth* const worth = access(s);
    if (worth != nullptr && worth->contains(head)) return worth->find(head)->second;
    const auto& overall = s.train.ranker.worth;
    const auto found = overall.find(head);
    return found == overall.end() ? 0.0 : found->second;
  };
  return setting;
}

// What winnow train learns: the kinds of models, and the shape of the full network.
void add_network_settings(std::vector<Setting>& table) {
  table.push_back(plain_setting(
      "ranking", "networks", [](auto& s) -> auto& { return s.train.ranker.network; },
      "Learn the mixture of experts, where winnow-trainer is there."));
  table.push_back(plain_setting(
      "ranking", "trees", [](auto& s) -> auto& { return s.train.ranker.trees; },
      "Learn trees for every outcome, where XGBoost's library is there. With both, their log-odds are "
      "averaged."));
  table.push_back(number_setting(
      "ranking", "experts", {1, 64}, [](auto& s) -> auto& { return s.train.ranker.full.experts; },
      "Experts of the full ranker's network, which all outcomes share, each by a gate of its own."));
  table.push_back(number_setting(
      "ranking", "expert_hidden", {1, 4096},
      [](auto& s) -> auto& { return s.train.ranker.full.expert_hidden; },
      "Width of an expert's hidden layer."));
  table.push_back(number_setting(
      "ranking", "expert_outputs", {1, 4096},
      [](auto& s) -> auto& { return s.train.ranker.full.expert_outputs; }, "Width of an expert's output."));
  table.push_back(number_setting(
      "ranking", "head_hidden", {1, 4096}, [](auto& s) -> auto& { return s.train.ranker.full.head_hidden; },
      "Width of the hidden layer between the experts and an outcome's probability."));
  Setting minutes = number_setting(
      "ranking", "network_minutes", {0, 100000},
      [](auto& s) -> auto& { return s.train.ranker.full.budget_s; },
      "A network is trained for about so many minutes at most, each of the several that a training takes; 0: "
      "no bound.",
      60);
  minutes.set = [](Settings& s, const SettingValue& value) -> Status {
    s.train.ranker.full.budget_s = s.train.ranker.light.budget_s = std::get<double>(value) * 60;
    return {};
  };
  table.push_back(std::move(minutes));
}

}  // namespace

void add_ranking_settings(std::vector<Setting>& table) {
  table.push_back(plain_setting(
      "ranking", "train", [](auto& s) -> auto& { return s.train.rank; },
      "winnow train learns a ranker too, as with --ranker. It takes winnow-trainer or XGBoost's library, and "
      "goes "
      "live where its order is better than the blend's."));
  table.push_back(number_setting(
      "ranking", "least_answers", {1, 1e9}, [](auto& s) -> auto& { return s.train.shown.least; },
      "The ranker learns from what answers showed where so many of those that are kept had an outcome (a "
      "click, say), else from history."));
  table.push_back(number_setting(
      "ranking", "most_answers", {1, 1e9}, [](auto& s) -> auto& { return s.train.shown.most; },
      "Of more answers than this an even share is learned from."));
  table.push_back(number_setting(
      "ranking", "full_candidates", {0, 10000},
      [](auto& s) -> auto& { return s.engine.pipeline.rank.cascade.full; },
      "Candidates that the full ranker sees, the best of the light one's; 0: no ranker, the blend ranks."));
  table.push_back(number_setting(
      "ranking", "revenue", kRevenues,
      [](auto& s) -> auto& { return s.engine.pipeline.rank.cascade.revenue; },
      "An item counts this times its price times the probability of ranking.revenue_head more; 0: prices do "
      "not count."));
  table.push_back(plain_setting(
      "ranking", "revenue_head", [](auto& s) -> auto& { return s.engine.pipeline.rank.cascade.revenue_head; },
      "The outcome that brings an item's price in, of [training_set.heads]."));
  table.push_back(number_setting(
      "ranking", "diversity", kDiversities,
      [](auto& s) -> auto& { return s.engine.pipeline.diversity.weight; },
      "How far an exact likeness of what stands before it throws an item back, in standard deviations of the "
      "scores; 0: the order is that of the scores."));
  table.push_back(plain_setting(
      "ranking", "onnx", [](auto& s) -> auto& { return s.onnx; },
      "A ranker of your own, an ONNX model with its columns in a JSON file beside it (docs/rankers.md), "
      "relative "
      "to this file. It ranks in place of the versions' full rankers, where ONNX Runtime's library is "
      "there."));
  Setting precision{"ranking", "precision"};
  precision.kind = Setting::Kind::text;
  precision.choices = {"fp32", "bf16", "int8"};
  precision.doc = "The numbers that the networks of rankers compute in.";
  precision.get = [](const Settings& s) -> SettingValue {
    return std::string(name_of(s.engine.ranker_precision));
  };
  precision.set = [](Settings& s, const SettingValue& value) -> Status {
    s.engine.ranker_precision = *parse_precision(std::get<std::string>(value));
    return {};
  };
  table.push_back(std::move(precision));
  add_network_settings(table);
}

void add_surface_ranking_settings(std::vector<Setting>& table, const std::string& surface) {
  table.push_back(surface_number(
      surface, "revenue", kRevenues,
      [](auto& s) -> auto& { return s.engine.pipeline.rank.cascade.surface_revenue; },
      [](const Settings& s) { return s.engine.pipeline.rank.cascade.revenue; },
      "ranking.revenue on this surface."));
  table.push_back(surface_number(
      surface, "diversity", kDiversities,
      [](auto& s) -> auto& { return s.engine.pipeline.diversity.surface_weight; },
      [](const Settings& s) { return s.engine.pipeline.diversity.weight; },
      "ranking.diversity on this surface."));
}

Status check_revenue(const Settings& settings) {
  const CascadeOptions& options = settings.engine.pipeline.rank.cascade;
  bool counts = options.revenue > 0;
  for (const auto& [surface, revenue] : options.surface_revenue) counts = counts || revenue > 0;
  std::vector<std::string> heads;
  for (const HeadOptions& head : settings.training_set.heads) heads.push_back(head.name);
  if (!counts || std::ranges::find(heads, options.revenue_head) != heads.end()) return {};
  return Error{ErrorCode::invalid,
               fmt::format("ranking.revenue_head is \"{}\", which is no outcome: name it under "
                           "[training_set.heads], as purchase = [\"purchase\"], or give one of {}",
                           excerpt(options.revenue_head), fmt::join(heads, ", ")),
               "ranking.revenue_head"};
}

void add_worth_setting(std::vector<Setting>& table, const std::string& head) {
  Setting worth = worth_setting(
      "ranking.worth", head, head, [](const Settings& s) { return &s.engine.pipeline.rank.cascade.worth; },
      fmt::format("What the outcome {} is worth: candidates rank by the sum of worth times probability.",
                  head));
  worth.set = [head](Settings& s, const SettingValue& value) -> Status {
    s.engine.pipeline.rank.cascade.worth[head] = std::get<double>(value);
    s.train.ranker.worth[head] = std::get<double>(value);
    return {};
  };
  table.push_back(std::move(worth));
}

void add_surface_worth_setting(std::vector<Setting>& table, const std::string& surface,
                               const std::string& head) {
  Setting worth = worth_setting(
      "surfaces." + surface, "worth_" + head, head,
      [surface](const Settings& s) -> const HeadWorth* {
        const auto& here = s.engine.pipeline.rank.cascade.surface_worth;
        const auto found = here.find(surface);
        return found == here.end() ? nullptr : &found->second;
      },
      fmt::format("What the outcome {} is worth on this surface.", head));
  worth.set = [surface, head](Settings& s, const SettingValue& value) -> Status {
    s.engine.pipeline.rank.cascade.surface_worth[surface][head] = std::get<double>(value);
    return {};
  };
  table.push_back(std::move(worth));
}

}  // namespace winnow
