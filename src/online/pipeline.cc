#include "online/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "online/query/cursor.h"
#include "online/respond/respond.h"

namespace winnow {

namespace {

bool lower_row(ItemIndex a, ItemIndex b) { return row(a) < row(b); }

void sort_unique(std::vector<ItemIndex>& items) {
  std::sort(items.begin(), items.end(), lower_row);
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

// A cursor belongs to one visitor's list on one surface.
std::string owner_of(const Query& query) {
  return subject_of(query.user_id, query.session_id) + '\0' + query.surface;
}

Level level_of(const RequestContext& context, const ServingModel& model, const Response& response,
               bool editorial) {
  if (editorial) return Level::editorial;
  if (model.bundle() == nullptr) return Level::popular;
  if (context.user.defaulted) return Level::default_features;
  return response.missing.empty() ? Level::full : Level::without_source;
}

}  // namespace

Result<std::vector<ItemIndex>> Pipeline::shown_before(const Query& query) const {
  if (query.cursor.empty()) return std::vector<ItemIndex>{};
  return decode_cursor(owner_of(query), query.cursor);
}

std::vector<ItemIndex> Pipeline::excluded_by(const Query& query) const {
  std::vector<ItemIndex> excluded;
  for (const std::string& id : query.exclude) {
    const ItemIndex item = parts_.table.find(id);
    if (item != kNoItem) excluded.push_back(item);
  }
  if (!query.context_item.empty()) {
    const ItemIndex item = parts_.table.find(query.context_item);
    if (item != kNoItem) excluded.push_back(item);
  }
  sort_unique(excluded);
  return excluded;
}

// Looks at likeness where the surface wants an order that is diverse.
void Pipeline::rerank(const RequestScope& scope, Ranked& ranked, RequestTrace& trace) const {
  const double weight = options_.diversity.weight_on(scope.query.surface);
  if (weight == 0) return;
  const auto timer = trace.stage("rerank");
  const ServingModel& model = *scope.model;
  std::vector<Named<VectorModel>> learned;
  if (model.bundle() != nullptr) learned = vector_models(model.bundle()->models);
  diversify(ranked, scope.query.count, weight, options_.diversity.pool, [&](ItemIndex item) {
    const ItemAttributes attributes = scope.context.items->attributes(item);
    const std::uint32_t known = model.vocabulary().model_row(item);
    ItemLikeness out{attributes.categories, attributes.creator, {}};
    if (!learned.empty() && known != Vocabulary::kNoRow)
      out.vector = learned.front().model->item_vector(known);
    return out;
  });
}

// A request, in the order in which it happens. Every stage may fail; none may fail the request.
Result<Response> Pipeline::recommend(Query asked, RequestTrace& trace) const {
  const auto scope = std::make_shared<RequestScope>();
  scope->query = std::move(asked);
  const Query& query = scope->query;
  if (query.count < 1 || query.count > Query::kMaxCount) {
    return Error{ErrorCode::invalid,
                 fmt::format("count is {}: give a number from 1 to {}", query.count, Query::kMaxCount),
                 "count"};
  }
  WINNOW_TRY(std::vector<ItemIndex> shown, shown_before(query));

  scope->model = parts_.model.pin();  // sources and weights of one version
  {
    const auto timer = trace.stage("context");
    scope->context = parts_.context.fetch(query);
  }
  const ServingModel& model = *scope->model;
  const RequestContext& context = scope->context;
  const RequestFilter rules(options_.filter, context, excluded_by(query), shown);
  Retrieved retrieved = retrieve(scope, rules.named(), options_.retrieve, parts_.pool, trace);
  Filtered filtered = [&] {
    const auto timer = trace.stage("filter");
    return filter(rules, std::move(retrieved.candidates));
  }();
  Ranking ranking =
      rank(*scope, filtered.kept, std::move(retrieved.opinions), retrieved.sources, options_.rank, trace);
  rerank(*scope, ranking.ranked, trace);
  const Ranked& ranked = ranking.ranked;

  std::optional<RequestTrace::Timer> timer(std::in_place, trace, "respond");
  const std::vector<Placement> placements =
      compose(ranked, query.count,
              {{model.source_index("trending"), options_.trending_share},
               {model.source_index("new"), options_.new_share},
               {model.source_index("subscriptions"), options_.subscriptions_share},
               {model.source_index("content"), options_.content_share}});
  Response response;
  response.items = describe(context, model, ranked, retrieved.sources, placements);
  response.dropped = std::move(filtered.dropped);
  response.missing = std::move(filtered.kept.missing);
  response.model_version = model.version();
  response.candidates = ranked.entries.size();
  response.recommendation_id = make_recommendation_id(query);

  const bool editorial = response.items.empty();
  std::vector<ItemIndex> taken;
  taken.reserve(placements.size());
  for (const Placement& placement : placements) taken.push_back(ranked.entries[placement.entry].item);
  sort_unique(taken);
  bool more = ranked.entries.size() > placements.size();
  if (!more) {
    // Fill the page, and look one item further to know whether there is another.
    const std::size_t missing = query.count - response.items.size();
    for (const ItemIndex item : editorial_items(context, rules, taken, missing + 1)) {
      more = response.items.size() == query.count;
      if (more) break;
      response.items.push_back(
          {std::string(context.items->id(item)), 0, {"editorial", "From the catalogue", ""}, {}});
      taken.push_back(item);
    }
  }
  response.level = level_of(context, model, response, editorial && !response.items.empty());
  shown.insert(shown.end(), taken.begin(), taken.end());
  sort_unique(shown);
  if (more && !taken.empty() && shown.size() <= kMaxCursorItems)
    response.cursor = encode_cursor(owner_of(query), shown);
  timer.reset();
  recorder_.offer(*scope, filtered.kept, ranking, placements, response, trace);
  response.took_ms = trace.total_us() / 1000;
  return response;
}

}  // namespace winnow
