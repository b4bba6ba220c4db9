// retrieve: every source's best candidates, merged.
//
// Each source may bring as many as its quota says that the filters may keep, and before those what they may
// drop for what the user or the request said of it. It is asked for so many more, in proportion to its quota:
// the largest for all that was said something of. Sources that take long run beside each other on a pool,
// each with a deadline of its own; those that take less than a hand-over between threads is worth run on the
// request's thread meanwhile. Which is which is measured. A source that fails, or is not done at its
// deadline, is left out and named; the request goes on.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/query.h"
#include "models/blend/candidates.h"
#include "online/retrieve/serving_model.h"
#include "online/retrieve/source_pool.h"
#include "stages/candidates.h"
#include "stages/item_sieve.h"
#include "stages/request_context.h"
#include "telemetry/request_trace.h"

namespace winnow {

// Source -> candidates that it may bring; 0 turns it off.
using SourceQuotas = std::map<std::string, std::size_t, std::less<>>;

struct RetrieveOptions {
  // The blend's sources bring as many as its weights were learned on.
  SourceQuotas quotas = {{"als", kBlendDepth},
                         {"item_to_item", kBlendDepth},
                         {"popular", kBlendDepth},
                         {"spectral", kBlendDepth},
                         {"graph", kBlendDepth},
                         {"two_tower", kBlendDepth},
                         {"content", 20},
                         {"category", 40},
                         {"country", 40},
                         {"trending", 40},
                         {"new", 40},
                         {"subscriptions", 40}};
  // Surface -> what differs from `quotas` there.
  std::map<std::string, SourceQuotas, std::less<>> surface_quotas;
  std::size_t max_extra = 4000;         // at most so many more for expected drops
  TimestampMs source_deadline_ms = 30;  // of each source, or what is left of the request's time
  double parallel_from_us = 1000;       // a source that takes longer than this runs on the pool

  std::size_t quota(std::string_view surface, std::string_view source) const;
  bool uses(std::string_view source) const;  // on any surface
};

// What a request holds on to until its last source is done, even one that it no longer waits for.
struct RequestScope {
  Query query;
  std::shared_ptr<const ServingModel> model;
  RequestContext context;  // of `query`
};

// What the sources prepared for this request, by position in ServingModel::sources(); null for a missing one.
using PreparedSources = std::vector<std::unique_ptr<PreparedSource>>;

struct Retrieved {
  Candidates candidates;
  Opinions opinions;
  PreparedSources sources;  // not beyond the scope
};

// named: what the filters may drop of single items.
Retrieved retrieve(const std::shared_ptr<const RequestScope>& scope, const ItemSieve& named,
                   const RetrieveOptions& options, SourcePool& pool, RequestTrace& trace);

}  // namespace winnow
