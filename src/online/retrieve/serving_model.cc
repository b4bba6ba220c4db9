#include "online/retrieve/serving_model.h"

#include "models/content/content_source.h"
#include "models/item_to_item/item_to_item_source.h"
#include "models/popularity/list_sources.h"
#include "models/subscriptions/subscriptions_source.h"
#include "models/vector_sources.h"

namespace winnow {

ServingModel::ServingModel(std::shared_ptr<const ModelBundle> bundle, std::shared_ptr<const Ranker> ranker,
                           const ItemTable& table, const ItemContent& content, double content_share)
    : bundle_(std::move(bundle)),
      ranker_(std::move(ranker)),
      vocabulary_(bundle_ ? bundle_->item_ids : std::vector<std::string>{}, table) {
  double decay_per_day = 0;
  if (bundle_) {
    const auto trained_with = bundle_->statistics.find("decay_per_day");
    if (trained_with != bundle_->statistics.end()) decay_per_day = trained_with->second;
    const ModelSet& models = bundle_->models;
    const auto add = [&](std::string_view name, const VectorModel& model) {
      sources_.push_back(history_source(name, model, index_of(*bundle_, name), vocabulary_, decay_per_day));
    };
    add("als", models.als);
    sources_.push_back(std::make_unique<ItemToItemSource>(models.item_to_item, vocabulary_, decay_per_day));
    sources_.push_back(std::make_unique<ListSource>(table, models.popularity, vocabulary_));
    if (models.spectral) add("spectral", *models.spectral);
    if (models.graph) add("graph", *models.graph);
    if (models.two_tower) {
      sources_.push_back(two_tower_source(*models.two_tower, index_of(*bundle_, "two_tower"), vocabulary_,
                                          content.new_items));
    }
  } else {
    sources_.push_back(std::make_unique<ItemToItemSource>(vocabulary_));
    sources_.push_back(std::make_unique<ListSource>(ListKind::popular, table));
  }
  for (const ListKind kind : {ListKind::category, ListKind::country, ListKind::trending, ListKind::newest}) {
    sources_.push_back(std::make_unique<ListSource>(kind, table));
  }
  sources_.push_back(std::make_unique<SubscriptionsSource>(table));
  sources_.push_back(
      std::make_unique<ContentSource>(content.index, vocabulary_, decay_per_day, content_share));
  paces_.resize(sources_.size());
}

ServingModel::ServingModel(std::vector<std::unique_ptr<CandidateSource>> sources, const ItemTable& table)
    : vocabulary_({}, table), sources_(std::move(sources)), paces_(sources_.size()) {}

void ServingModel::trip(Error why) const {
  MutexLock lock(trip_mutex_);
  if (tripped_.exchange(true, std::memory_order_acq_rel)) return;
  why_tripped_ = std::move(why);
}

Error ServingModel::why_tripped() const {
  MutexLock lock(trip_mutex_);
  return why_tripped_;
}

std::size_t ServingModel::source_index(std::string_view name) const {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i]->name() == name) return i;
  }
  return sources_.size();
}

}  // namespace winnow
