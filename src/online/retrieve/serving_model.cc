#include "online/retrieve/serving_model.h"

#include "models/als/als_source.h"
#include "models/item_to_item/item_to_item_source.h"
#include "models/popularity/list_sources.h"
#include "models/subscriptions/subscriptions_source.h"

namespace winnow {

ServingModel::ServingModel(std::shared_ptr<const ModelBundle> bundle, const ItemTable& table)
    : bundle_(std::move(bundle)),
      vocabulary_(bundle_ ? bundle_->item_ids : std::vector<std::string>{}, table) {
  if (bundle_) {
    const auto trained_with = bundle_->statistics.find("decay_per_day");
    const double decay_per_day = trained_with == bundle_->statistics.end() ? 0 : trained_with->second;
    sources_.push_back(
        std::make_unique<AlsSource>(bundle_->als, bundle_->als_index.get(), vocabulary_, decay_per_day));
    sources_.push_back(std::make_unique<ItemToItemSource>(bundle_->item_to_item, vocabulary_, decay_per_day));
    sources_.push_back(std::make_unique<ListSource>(table, bundle_->popularity, vocabulary_));
  } else {
    sources_.push_back(std::make_unique<ItemToItemSource>(vocabulary_));
    sources_.push_back(std::make_unique<ListSource>(ListKind::popular, table));
  }
  for (const ListKind kind : {ListKind::category, ListKind::country, ListKind::trending, ListKind::newest}) {
    sources_.push_back(std::make_unique<ListSource>(kind, table));
  }
  sources_.push_back(std::make_unique<SubscriptionsSource>(table));
  paces_.resize(sources_.size());
}

ServingModel::ServingModel(std::vector<std::unique_ptr<CandidateSource>> sources, const ItemTable& table)
    : vocabulary_({}, table), sources_(std::move(sources)), paces_(sources_.size()) {}

std::size_t ServingModel::source_index(std::string_view name) const {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i]->name() == name) return i;
  }
  return sources_.size();
}

}  // namespace winnow
