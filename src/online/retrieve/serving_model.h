// ServingModel: one bundle version made ready to answer: its rows mapped onto the catalogue, its sources
// built.
//
// Immutable; a request pins one, so all its stages use one version. Without a bundle it holds the sources
// that the event stream alone feeds, so that a new site answers from its first event on.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/published.h"
#include "catalog/item_table.h"
#include "models/blend/blend.h"
#include "models/content/content_index.h"
#include "models/ranking/ranker.h"
#include "models/two_tower/new_items.h"
#include "models/vocabulary.h"
#include "online/retrieve/source_pace.h"
#include "registry/model_registry.h"
#include "stages/candidate_source.h"
#include "stages/candidates.h"

namespace winnow {

// What requests know of items from what the catalogue says of them (content_keeper.h); null: nothing.
struct ItemContent {
  Published<ContentIndex> index;
  Published<NewItems> new_items;  // of the live bundle's two-tower model
};

class ServingModel final {
 public:
  // bundle may be null; ranker is the bundle's, null where it has none. `table` and `content` outlive the
  // model. content_share: of an answer's places. History decays as it did in the bundle's training.
  ServingModel(std::shared_ptr<const ModelBundle> bundle, std::shared_ptr<const Ranker> ranker,
               const ItemTable& table, const ItemContent& content, double content_share);

  // No bundle, and these sources.
  ServingModel(std::vector<std::unique_ptr<CandidateSource>> sources, const ItemTable& table);

  ServingModel(const ServingModel&) = delete;
  ServingModel& operator=(const ServingModel&) = delete;

  const ModelBundle* bundle() const { return bundle_.get(); }
  const std::shared_ptr<const ModelBundle>& shared_bundle() const { return bundle_; }
  // Null where the blend alone ranks, and once it was tripped.
  const Ranker* ranker() const { return tripped() ? nullptr : ranker_.get(); }
  // The ranker does not work, as cascade() says: from now on this version does without, and the engine looks
  // for another. Only the first report is kept. Thread-safe.
  void trip(Error why) const;
  bool tripped() const { return tripped_.load(std::memory_order_acquire); }
  Error why_tripped() const;  // once it is tripped
  const Vocabulary& vocabulary() const { return vocabulary_; }
  std::string version() const { return bundle_ ? bundle_->version : std::string(); }
  const std::vector<std::unique_ptr<CandidateSource>>& sources() const { return sources_; }
  // Of the source at that position. Thread-safe.
  SourcePace& pace(std::size_t position) const { return paces_[position]; }
  // The position of a source in sources(); sources().size() when there is none of that name.
  std::size_t source_index(std::string_view name) const;

 private:
  std::shared_ptr<const ModelBundle> bundle_;
  std::shared_ptr<const Ranker> ranker_;
  mutable std::atomic<bool> tripped_ = false;
  mutable Mutex trip_mutex_;
  mutable Error why_tripped_ WINNOW_GUARDED_BY(trip_mutex_);
  Vocabulary vocabulary_;
  std::vector<std::unique_ptr<CandidateSource>> sources_;
  mutable std::deque<SourcePace> paces_;  // as sources_; not copied or moved
};

}  // namespace winnow
