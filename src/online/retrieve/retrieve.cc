#include "online/retrieve/retrieve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "math/score_keys.h"
#include "online/retrieve/source_run.h"
#include "stages/item_numbering.h"

namespace winnow {

namespace {

struct Proposal {
  ItemIndex item;
  std::uint32_t source;
  float score;
};

void merge(const std::vector<Proposal>& proposals, std::size_t sources, Retrieved& result) {
  Candidates& merged = result.candidates;
  ItemNumbering numbering(proposals.size());
  std::vector<std::uint32_t> columns(proposals.size());
  merged.items.reserve(proposals.size());
  merged.proposed_by.reserve(proposals.size());
  merged.columns.reserve(proposals.size());
  for (std::size_t p = 0; p < proposals.size(); ++p) {
    const auto [column, is_new] = numbering.number(proposals[p].item);
    columns[p] = column;
    if (is_new) {
      merged.items.push_back(proposals[p].item);
      merged.proposed_by.push_back(0);
      merged.columns.push_back(column);
    }
    merged.proposed_by[column] |= SourceMask{1} << proposals[p].source;
  }
  result.opinions.stride = merged.size();
  result.opinions.values.assign(sources * merged.size(), 0.0f);
  for (std::size_t p = 0; p < proposals.size(); ++p) {
    result.opinions.at(proposals[p].source, columns[p]) = proposals[p].score;
  }
}

// What one request asks of its sources.
class Retrieval final {
 public:
  Retrieval(const std::shared_ptr<const RequestScope>& scope, const ItemSieve& named,
            const RetrieveOptions& options, SourcePool& pool, RequestTrace& trace)
      : scope_(scope),
        named_(named),
        options_(options),
        pool_(pool),
        trace_(trace),
        extra_(std::min(named.most_items(), options.max_extra)),
        deadline_s_(steady_seconds() + static_cast<double>(options.source_deadline_ms) / 1000) {
    const double of_request_s = scope->query.deadline_s;
    if (of_request_s > 0) deadline_s_ = std::min(deadline_s_, of_request_s);
    result_.sources.resize(scope->model->sources().size());
    quotas_.reserve(scope->model->sources().size());
    for (const auto& source : scope->model->sources()) {
      quotas_.push_back(options.quota(scope->query.surface, source->name()));
    }
  }

  Retrieved run() {
    start_slow_sources();
    for (const std::shared_ptr<SourceRun>& run : on_this_thread_) {
      if (steady_seconds() <= deadline_s_) run->run();
      collect(*run);
    }
    for (const std::shared_ptr<SourceRun>& run : on_pool_) collect(*run);
    const auto timer = trace_.stage("merge");
    merge(proposals_, result_.sources.size(), result_);
    return std::move(result_);
  }

 private:
  bool is_slow(std::size_t position) const {
    const ServingModel& model = *scope_->model;
    return model.sources()[position]->may_block() || model.pace(position).us() > options_.parallel_from_us;
  }

  void start_slow_sources() {
    if (quotas_.empty()) return;
    const std::size_t largest = *std::max_element(quotas_.begin(), quotas_.end());
    proposals_.reserve(std::accumulate(quotas_.begin(), quotas_.end(), extra_));
    for (std::size_t s = 0; s < quotas_.size(); ++s) {
      if (quotas_[s] == 0) continue;
      auto run = std::make_shared<SourceRun>(scope_, s, quotas_[s] + extra_ * quotas_[s] / largest);
      if (!is_slow(s)) {
        on_this_thread_.push_back(std::move(run));
      } else if (pool_.submit([run] { run->run(); })) {
        on_pool_.push_back(std::move(run));
      } else {
        miss(s);
      }
    }
  }

  void collect(SourceRun& run) {
    std::optional<SourceRun::Outcome> outcome = run.wait(deadline_s_);
    if (!outcome || outcome->prepared == nullptr) return miss(run.position());
    trace_.add(scope_->model->sources()[run.position()]->name(), outcome->us);
    const float worst = worst_wanted(outcome->found, quotas_[run.position()]);
    for (const ScoredItem& found : outcome->found) {
      if (found.score < worst) continue;
      if (row(found.item) < scope_->context.items->size() && std::isfinite(found.score)) {
        proposals_.push_back({found.item, static_cast<std::uint32_t>(run.position()), found.score});
      }
    }
    result_.sources[run.position()] = std::move(outcome->prepared);
  }

  // The score of the quota-th best of what the filters may keep; below all where there are no more than that.
  float worst_wanted(const std::vector<ScoredItem>& found, std::size_t quota) {
    constexpr float kAll = -std::numeric_limits<float>::infinity();
    if (found.size() <= quota) return kAll;
    keys_.clear();
    for (const ScoredItem& each : found) {
      if (!named_.may_contain(each.item) && std::isfinite(each.score))
        keys_.push_back(score_key(each.score, 0));
    }
    if (keys_.size() <= quota) return kAll;
    return score_of(kth_biggest(keys_, quota));
  }

  void miss(std::size_t position) {
    result_.candidates.missing.emplace_back(scope_->model->sources()[position]->name());
  }

  const std::shared_ptr<const RequestScope>& scope_;
  const ItemSieve& named_;
  const RetrieveOptions& options_;
  SourcePool& pool_;
  RequestTrace& trace_;
  std::size_t extra_;                // of the source with the largest quota; of the others in proportion
  std::vector<std::size_t> quotas_;  // by source
  double deadline_s_;
  std::vector<std::shared_ptr<SourceRun>> on_this_thread_;
  std::vector<std::shared_ptr<SourceRun>> on_pool_;
  std::vector<Proposal> proposals_;
  std::vector<std::uint64_t> keys_;  // of worst_wanted
  Retrieved result_;
};

}  // namespace

std::size_t RetrieveOptions::quota(std::string_view surface, std::string_view source) const {
  if (const auto of_surface = surface_quotas.find(surface); of_surface != surface_quotas.end()) {
    const auto found = of_surface->second.find(source);
    if (found != of_surface->second.end()) return found->second;
  }
  const auto found = quotas.find(source);
  return found == quotas.end() ? 0 : found->second;
}

bool RetrieveOptions::uses(std::string_view source) const {
  return quota("", source) > 0 || std::ranges::any_of(surface_quotas, [&](const auto& surface) {
           return quota(surface.first, source) > 0;
         });
}

Retrieved retrieve(const std::shared_ptr<const RequestScope>& scope, const ItemSieve& named,
                   const RetrieveOptions& options, SourcePool& pool, RequestTrace& trace) {
  return Retrieval(scope, named, options, pool, trace).run();
}

}  // namespace winnow
