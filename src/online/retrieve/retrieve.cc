#include "online/retrieve/retrieve.h"

#include <algorithm>
#include <cmath>

#include "base/clock.h"

namespace winnow {

Retrieved retrieve(const RequestContext& context, const ServingModel& model, std::size_t expected_drops,
                   const RetrieveOptions& options, RequestTrace& trace) {
  struct Proposal {
    ItemIndex item;
    SourceMask mask;
  };
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
        proposals.push_back({found.item, SourceMask{1} << s});
      }
    }
    result.sources.back() = *std::move(prepared);
  }
  std::sort(proposals.begin(), proposals.end(),
            [](const Proposal& a, const Proposal& b) { return row(a.item) < row(b.item); });
  for (const Proposal& proposal : proposals) {
    Candidates& merged = result.candidates;
    if (!merged.items.empty() && merged.items.back() == proposal.item) {
      merged.proposed_by.back() |= proposal.mask;
    } else {
      merged.items.push_back(proposal.item);
      merged.proposed_by.push_back(proposal.mask);
    }
  }
  return result;
}

}  // namespace winnow
