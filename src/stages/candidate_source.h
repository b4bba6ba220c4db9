// CandidateSource: where candidates come from.
//
// A source is immutable and shared by all requests. prepare() does a request's work that retrieval, scoring
// and explaining have in common (folding a user in, accumulating similarities); what it returns serves that
// one request, on one thread at a time. A source that has nothing to say for a request returns no candidates;
// one that fails returns an Error, is left out of the answer and named in it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stages/request_context.h"

namespace winnow {

class PreparedSource {
 public:
  virtual ~PreparedSource() = default;
  // The source's best candidates, at most `limit`, each once, in no order; scores are finite.
  virtual std::vector<ScoredItem> retrieve(std::size_t limit) = 0;
  // The source's opinion of any items, also those that it did not propose: scores[i] for items[i], finite, 0
  // where it has none. Only a source that the blend has a weight for is asked.
  virtual void score(std::span<const ItemIndex> items, std::span<float> scores) const = 0;
  // Why the source would show the item.
  virtual Reason explain(ItemIndex item) const = 0;
};

class CandidateSource {
 public:
  virtual ~CandidateSource() = default;
  virtual std::string_view name() const = 0;
  // Whether it waits for something outside of this process: then it never runs on a request's own thread.
  virtual bool may_block() const { return false; }
  virtual Result<std::unique_ptr<PreparedSource>> prepare(const RequestContext& context) const = 0;
};

}  // namespace winnow
