#include "batch/validate/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "batch/dataset/parts.h"
#include "batch/evaluate/rankings.h"
#include "batch/validate/live_version.h"
#include "evaluation/ranking_metrics.h"

namespace winnow {

namespace {

constexpr std::size_t kCutoff = 10;
constexpr std::size_t kLongest = 20;
constexpr std::size_t kFewestUsers = 30;  // fewer say nothing about the difference of two models

MetricsContext metrics_context(const JudgeInputs& in) {
  MetricsContext context;
  context.items = in.data.pairs.items;
  context.train_users = in.data.pairs.users;
  context.train_users_of.resize(context.items);
  for (const std::uint32_t item : in.test.history.item) ++context.train_users_of[item];
  context.categories = in.categories;
  return context;
}

// Identifies what is predicted, by the ids of the items and not by their rows. 53 bits: exact as a number of
// JSON.
double id_of(const EvaluationSplit& split, const Dataset& data) {
  ByteWriter out;
  for (std::size_t user = 0; user < split.test.size(); ++user) {
    if (split.test[user].empty()) continue;
    out.varint(split.masked[user].size());
    for (const std::uint32_t item : split.test[user]) out.string(data.item_ids[item]);
  }
  return static_cast<double>(hash64(out.bytes()) >> 11);
}

std::vector<double> ndcg_of_blend(const BlendedModels& models, const EvaluationSplit& split) {
  std::vector<double> ndcg;
  rank_users(models, split, kCutoff, [&](std::uint32_t user, std::span<const std::uint32_t> list) {
    ndcg.push_back(user_metrics(list, split.test[user], kCutoff).ndcg);
  });
  return ndcg;
}

struct LiveComparison {
  Comparison comparison;
  std::string words;
};

// so_far: the judgement but for this comparison.
LiveComparison compare_with_live(const JudgeInputs& in, const BlendedModels& models,
                                 const Judgement& so_far) {
  if (!in.live) return {{}, "no version is live yet"};
  const ModelBundle& live = *in.live;
  const auto live_newest_ms = static_cast<TimestampMs>(statistic_of(live, kNewestEventStatistic, 0));
  const EvaluationSplit unseen = predicted_after(live_newest_ms, in.test, in.data);
  const std::size_t users = judged_users(unseen);
  if (users >= kFewestUsers) {
    return {compare(ndcg_of_blend(models, unseen), ndcg_of_live(live, in.data, unseen)),
            fmt::format("on what {} users did after version {} was trained", users, live.version)};
  }
  const auto recorded = live.metrics.find("blend.ndcg@10");
  if (recorded != live.metrics.end() && statistic_of(live, kHeldOutStatistic, -1) == so_far.held_out_id) {
    const double ours = so_far.models.at("blend").at("ndcg@10").value;
    const double difference = ours - recorded->second;
    return {{so_far.users, ours, recorded->second, difference, difference},
            fmt::format("with the figure of version {} on the same held-out part", live.version)};
  }
  return {{},
          fmt::format("version {} has seen what is held out ({} users did something since)", live.version,
                      users)};
}

}  // namespace

Comparison compare(std::span<const double> ours, std::span<const double> theirs) {
  Comparison out;
  out.users = std::min(ours.size(), theirs.size());
  if (out.users == 0) return out;
  const auto n = static_cast<double>(out.users);
  double squares = 0;
  for (std::size_t k = 0; k < out.users; ++k) {
    out.ours += ours[k] / n;
    out.theirs += theirs[k] / n;
    squares += (ours[k] - theirs[k]) * (ours[k] - theirs[k]) / n;
  }
  const double mean = out.ours - out.theirs;
  const double error = std::sqrt(std::max(0.0, squares - mean * mean) / std::max(1.0, n - 1));
  out.low = mean - 1.96 * error;
  out.high = mean + 1.96 * error;
  return out;
}

Judgement judge(const JudgeInputs& in) {
  Judgement out;
  out.users = judged_users(in.test);
  out.held_out_id = id_of(in.test, in.data);
  const BlendedModels blended = blended_models(in.models, in.weights);
  const MetricsContext context = metrics_context(in);
  std::map<std::string, std::vector<double>> ndcg;
  // Ranks by a model or a blend, keeping its metrics under `name`; `also` sees every list.
  const auto measure = [&](const std::string& name, const auto& models, const auto& also) {
    MetricsCollector collector(context, {kCutoff, kLongest}, in.seed);
    rank_users(models, in.test, kLongest, [&](std::uint32_t user, std::span<const std::uint32_t> list) {
      collector.add(list, in.test.test[user]);
      ndcg[name].push_back(user_metrics(list, in.test.test[user], kCutoff).ndcg);
      also(list);
    });
    out.models[name] = collector.values();
  };
  const auto nothing = [](std::span<const std::uint32_t>) {};
  for (const auto& [name, model] : scoring_models(in.models)) measure(std::string(name), *model, nothing);
  std::vector<bool> shown(in.data.pairs.items);
  std::size_t places = 0;
  measure("blend", blended, [&](std::span<const std::uint32_t> list) {
    for (const std::uint32_t item : list.first(std::min(kCutoff, list.size()))) shown[item] = true;
    places += kCutoff;
  });
  const auto distinct = static_cast<double>(std::count(shown.begin(), shown.end(), true));
  const std::size_t room = std::min(places, shown.size());
  out.spread = room == 0 ? 0 : distinct / static_cast<double>(room);
  out.with_popular = compare(ndcg["blend"], ndcg["popular"]);
  LiveComparison with_live = compare_with_live(in, blended, out);
  out.with_live = with_live.comparison;
  out.live_words = std::move(with_live.words);
  return out;
}

std::string Judgement::encode() const {
  ByteWriter out;
  out.varint(users);
  out.varint(models.size());
  for (const auto& [model, metrics] : models) {
    out.string(model);
    out.varint(metrics.size());
    for (const auto& [name, metric] : metrics) {
      out.string(name);
      for (const double number : {metric.value, metric.low, metric.high}) out.fixed(number);
    }
  }
  out.fixed(spread);
  for (const Comparison& with : {with_popular, with_live}) {
    out.varint(with.users);
    for (const double number : {with.ours, with.theirs, with.low, with.high}) out.fixed(number);
  }
  out.string(live_words);
  out.fixed(held_out_id);
  return out.take();
}

Result<Judgement> Judgement::decode(std::string_view bytes) {
  ByteReader in(bytes);
  Judgement out;
  out.users = in.varint();
  for (std::uint64_t models = in.varint(); models > 0 && !in.failed(); --models) {
    auto& metrics = out.models[std::string(in.string())];
    for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
      MetricValue& metric = metrics[std::string(in.string())];
      for (double* number : {&metric.value, &metric.low, &metric.high}) *number = in.fixed<double>();
    }
  }
  out.spread = in.fixed<double>();
  for (Comparison* with : {&out.with_popular, &out.with_live}) {
    with->users = in.varint();
    for (double* number : {&with->ours, &with->theirs, &with->low, &with->high}) *number = in.fixed<double>();
  }
  out.live_words = in.string();
  out.held_out_id = in.fixed<double>();
  if (in.failed() || !in.at_end()) {
    return Error{ErrorCode::corrupt, "the judgement of a stopped job is damaged: it is made again"};
  }
  return out;
}

}  // namespace winnow
