// retrieve: every source's best candidates, merged.
//
// Each source may bring as many as its quota says, and as many more as the filters are sure to drop. A source
// that fails, or whose turn comes after the deadline, is left out and named; the request goes on.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "online/retrieve/serving_model.h"
#include "stages/candidates.h"
#include "telemetry/request_trace.h"

namespace winnow {

struct RetrieveOptions {
  // Candidates that a source may bring; 0 turns it off.
  std::map<std::string, std::size_t, std::less<>> quotas = {
      {"als", 300},    {"item_to_item", 300}, {"popular", 200}, {"category", 60},
      {"country", 60}, {"trending", 60},      {"new", 60}};
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
