// Pipeline: one request from query to answer, in the order in which it happens. See pipeline.cc: it is one
// page.
#pragma once

#include <memory>
#include <vector>

#include "base/published.h"
#include "base/result.h"
#include "domain/query.h"
#include "online/filter/filter.h"
#include "online/impressions/impression_recorder.h"
#include "online/query/fetch_context.h"
#include "online/rank/rank.h"
#include "online/rerank/diversify.h"
#include "online/respond/compose.h"
#include "online/retrieve/retrieve.h"
#include "telemetry/request_trace.h"

namespace winnow {

struct PipelineOptions {
  RetrieveOptions retrieve;
  FilterOptions filter;
  RankOptions rank;
  DiversityOptions diversity;
  double trending_share = 0.05;      // of the answer's positions, reserved for rising items
  double new_share = 0.05;           // the same for new items
  double subscriptions_share = 0.1;  // the same for what the creators that the user follows have made
  double content_share = 0;          // the same for what is described like what the user liked
  double impression_share = 0.2;     // of the answers that are logged, with their features
};

class Pipeline final {
 public:
  // All parts outlive the pipeline.
  struct Parts {
    const ContextFetcher& context;
    const ItemTable& table;
    const Published<ServingModel>& model;
    SourcePool& pool;
    ImpressionLog* impressions = nullptr;  // null: what is shown is not logged
  };
  Pipeline(Parts parts, PipelineOptions options)
      : parts_(parts),
        options_(std::move(options)),
        recorder_(parts.impressions, options_.impression_share) {}

  // invalid when count or cursor break their rules; otherwise an answer, however simple. Thread-safe.
  Result<Response> recommend(Query query, RequestTrace& trace) const;

 private:
  Result<std::vector<ItemIndex>> shown_before(const Query& query) const;
  std::vector<ItemIndex> excluded_by(const Query& query) const;
  void rerank(const RequestScope& scope, Ranked& ranked, RequestTrace& trace) const;

  Parts parts_;
  PipelineOptions options_;
  ImpressionRecorder recorder_;
};

}  // namespace winnow
