#include "online/retrieve/retrieve.h"

#include <algorithm>
#include <cmath>

#include "base/clock.h"
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

}  // namespace

Retrieved retrieve(const RequestContext& context, const ServingModel& model, std::size_t expected_drops,
                   const RetrieveOptions& options, RequestTrace& trace) {
  Retrieved result;
  std::vector<Proposal> proposals;
  const std::size_t extra = std::min(expected_drops, options.max_extra);
  const double deadline_s = context.query->deadline_s;
  for (std::size_t s = 0; s < model.sources().size(); ++s) {
    const CandidateSource& source = *model.sources()[s];
    result.sources.push_back(nullptr);
    const auto quota = options.quotas.find(source.name());
    if (quota == options.quotas.end() || quota->second == 0) continue;
    const auto timer = trace.stage(source.name());
    if (deadline_s > 0 && steady_seconds() > deadline_s) {
      result.candidates.missing.emplace_back(source.name());
      continue;
    }
    Result<std::unique_ptr<PreparedSource>> prepared = source.prepare(context);
    if (!prepared.ok()) {
      result.candidates.missing.emplace_back(source.name());
      continue;
    }
    for (const ScoredItem& found : (*prepared)->retrieve(quota->second + extra)) {
      if (row(found.item) < context.items->size() && std::isfinite(found.score)) {
        proposals.push_back({found.item, static_cast<std::uint32_t>(s), found.score});
      }
    }
    result.sources.back() = *std::move(prepared);
  }
  const auto timer = trace.stage("merge");
  merge(proposals, model.sources().size(), result);
  return result;
}

}  // namespace winnow
