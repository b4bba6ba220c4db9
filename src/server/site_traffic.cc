#include "server/site_traffic.h"

namespace winnow {

namespace {

// The instrument of that name; make(name) where there is none yet.
template <class Instrument, class Make>
Instrument& named(std::vector<std::pair<std::string, Instrument*>>& instruments, std::string_view name,
                  const Make& make) {
  for (const auto& [known, instrument] : instruments) {
    if (known == name) return *instrument;
  }
  std::string fresh(name);
  Instrument& made = make(fresh);
  instruments.emplace_back(std::move(fresh), &made);
  return made;
}

}  // namespace

SiteTraffic::SiteTraffic(Metrics& metrics, const std::string& site_name)
    : metrics_(metrics),
      site_name_(site_name),
      errors_(metrics.counter("winnow_recommendation_errors_total",
                              "Requests for recommendations that failed.", {{"site", site_name}})),
      seconds_(metrics.histogram("winnow_recommendation_seconds",
                                 "Time to answer a request for recommendations.", {{"site", site_name}})) {
  for (std::size_t level = 0; level < kLevels; ++level) {
    levels_[level] = &metrics.counter(
        "winnow_recommendations_total", "Recommendations answered, by how much of the machinery worked.",
        {{"site", site_name}, {"level", std::string(name_of(static_cast<Level>(level)))}});
  }
  constexpr std::array<const char*, 3> kOutcomes = {"accepted", "duplicate", "rejected"};
  for (std::size_t kind = 0; kind < kOutcomes.size(); ++kind) {
    outcomes_[kind] = &metrics.counter("winnow_events_total", "Events received, by their fate.",
                                       {{"site", site_name}, {"outcome", kOutcomes[kind]}});
  }
}

void SiteTraffic::add_recommendation(TimestampMs now_ms, double seconds, const Response* response,
                                     const RequestTrace& trace) {
  traffic_.add_request(now_ms, seconds);
  seconds_.record_s(seconds);
  if (response == nullptr) {
    errors_.add();
    return;
  }
  levels_[static_cast<std::size_t>(response->level)]->add();
  count_sources(*response);
  time_stages(trace);
}

void SiteTraffic::count_sources(const Response& response) {
  MutexLock lock(mutex_);
  for (const SlateItem& item : response.items) {
    for (const auto& [name, score] : item.sources) {
      (void)score;
      named(sources_, name, [&](const std::string& source) -> Counter& {
        return metrics_.counter("winnow_recommended_items_total",
                                "Items recommended, by each source that proposed them.",
                                {{"site", site_name_}, {"source", source}});
      }).add();
    }
  }
}

void SiteTraffic::time_stages(const RequestTrace& trace) {
  MutexLock lock(mutex_);
  for (const RequestTrace::Entry& entry : trace.entries()) {
    named(stages_, entry.stage, [&](const std::string& stage) -> LatencyHistogram& {
      return metrics_.histogram("winnow_stage_seconds", "Time of a request for recommendations, by stage.",
                                {{"site", site_name_}, {"stage", stage}});
    }).record_us(entry.us);
  }
}

void SiteTraffic::add_events(TimestampMs now_ms, std::span<const EventOutcome> outcomes) {
  std::array<std::uint64_t, 3> counts{};
  for (const EventOutcome& outcome : outcomes) ++counts[static_cast<std::size_t>(outcome.kind)];
  for (std::size_t kind = 0; kind < counts.size(); ++kind) {
    if (counts[kind] > 0) outcomes_[kind]->add(counts[kind]);
  }
  if (counts[0] > 0) traffic_.add_events(now_ms, counts[0]);
}

void SiteTraffic::show(const SiteStatus& status) {
  const auto set = [&](std::string_view name, std::string_view help, double value) {
    metrics_.gauge(name, help, {{"site", site_name_}}).set(value);
  };
  set("winnow_items", "Items in the catalogue.", static_cast<double>(status.items));
  set("winnow_users", "Users with features.", static_cast<double>(status.users));
  set("winnow_log_events", "Events in the log.", static_cast<double>(status.log.events));
  set("winnow_log_bytes", "Size of the event log.", static_cast<double>(status.log.bytes));
  set("winnow_stream_lag_events", "Stored events that the speed layer has yet to apply.",
      static_cast<double>(status.log.last > status.applied ? status.log.last - status.applied : 0));
  set("winnow_dead_letters", "Events that could not be applied.", static_cast<double>(status.dead_letters));
  set("winnow_impressions", "Answers that are kept with what they showed.",
      static_cast<double>(status.impressions.impressions));
  set("winnow_impression_bytes", "Size of those, before compression.",
      static_cast<double>(status.impressions.bytes));
  set("winnow_impressions_dropped", "Answers since the start that could not be kept.",
      static_cast<double>(status.impressions.dropped));
  set("winnow_model_live", "Whether a trained model serves.", status.model_version.empty() ? 0 : 1);
  set("winnow_model_refused",
      "Whether the live version or ranking.onnx is not what serves; /api/v1/stats says why in model_error.",
      status.model_error.empty() ? 0 : 1);
  for (const IndexStatus& index : status.indexes) {
    const MetricLabels labels = {{"site", site_name_}, {"source", index.source}};
    metrics_.gauge("winnow_index_items", "Items in a source's vector index.", labels).set(index.items);
    metrics_
        .gauge("winnow_index_recall", "Share of the exact answers that a source's vector index finds.",
               labels)
        .set(index.tuning.recall);
  }
}

SiteTraffic::Totals SiteTraffic::totals() const {
  Totals totals;
  totals.errors = errors_.value();
  totals.requests = totals.errors;
  for (std::size_t level = 0; level < kLevels; ++level) {
    totals.levels[level] = levels_[level]->value();
    totals.requests += totals.levels[level];
  }
  totals.accepted = outcomes_[0]->value();
  totals.duplicates = outcomes_[1]->value();
  totals.rejected = outcomes_[2]->value();
  MutexLock lock(mutex_);
  for (const auto& [name, items] : sources_) totals.sources.emplace_back(name, items->value());
  return totals;
}

}  // namespace winnow
