#include "online/retrieve/retrieve.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/clock.h"

namespace winnow {

namespace {

struct Proposal {
  ItemIndex item;
  std::uint32_t source;
  float score;
};

// Gives each item a number in the order of first sight: open addressing, at most half full.
class Numbering final {
 public:
  explicit Numbering(std::size_t most) : slots_(std::bit_ceil(2 * most + 1), kEmpty) {}

  // The item's number; `next` when it has none yet, and then it has that one.
  std::uint32_t number(ItemIndex item, const std::vector<ItemIndex>& items) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (row(item) * 0x9E3779B9u) & mask;
    while (slots_[at] != kEmpty && items[slots_[at]] != item) at = (at + 1) & mask;
    if (slots_[at] == kEmpty) slots_[at] = static_cast<std::uint32_t>(items.size());
    return slots_[at];
  }

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFFu;
  std::vector<std::uint32_t> slots_;
};

void merge(const std::vector<Proposal>& proposals, std::size_t sources, Retrieved& result) {
  Candidates& merged = result.candidates;
  Numbering numbering(proposals.size());
  std::vector<std::uint32_t> columns(proposals.size());
  for (std::size_t p = 0; p < proposals.size(); ++p) {
    columns[p] = numbering.number(proposals[p].item, merged.items);
    if (columns[p] == merged.items.size()) {
      merged.items.push_back(proposals[p].item);
      merged.proposed_by.push_back(0);
      merged.columns.push_back(columns[p]);
    }
    merged.proposed_by[columns[p]] |= SourceMask{1} << proposals[p].source;
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
