// retrieve: every source's best candidates, merged.
//
// Each source may bring as many as its quota says, and as many more as the filters are sure to drop. A source
// that fails, or whose turn comes after the deadline, is left out and named; the request goes on.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/blend/candidates.h"
#include "online/retrieve/serving_model.h"
#include "stages/candidates.h"
#include "telemetry/request_trace.h"

namespace winnow {

struct RetrieveOptions {
  // Candidates that a source may bring; 0 turns it off. The blend's sources bring as many as its weights were
  // learned on.
  std::map<std::string, std::size_t, std::less<>> quotas = {{"als", kBlendDepth},
                                                            {"item_to_item", kBlendDepth},
                                                            {"popular", kBlendDepth},
                                                            {"category", 40},
                                                            {"country", 40},
                                                            {"trending", 40},
                                                            {"new", 40}};
  std::size_t max_extra = 4000;  // at most so many more for expected drops
};

// What the sources prepared for this request, by position in ServingModel::sources(); null for a missing one.
using PreparedSources = std::vector<std::unique_ptr<PreparedSource>>;

struct Retrieved {
  Candidates candidates;
  Opinions opinions;
  PreparedSources sources;
};

Retrieved retrieve(const RequestContext& context, const ServingModel& model, std::size_t expected_drops,
                   const RetrieveOptions& options, RequestTrace& trace);

}  // namespace winnow
