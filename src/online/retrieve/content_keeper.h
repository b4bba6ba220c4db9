// ContentKeeper: the index of what items are like, kept up to date with the catalogue and with what the live
// model has learned.
//
// A thread of its own rebuilds it when either has changed, for at most a twentieth of the time: a new item of
// a catalogue of 100,000 is found within seconds, of one of millions within minutes.
#pragma once

#include <condition_variable>
#include <memory>
#include <thread>

#include "base/mutex.h"
#include "base/published.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "catalog/item_table.h"
#include "models/content/content_index.h"
#include "online/retrieve/serving_model.h"

namespace winnow {

class ContentKeeper final {
 public:
  // All outlive the keeper.
  ContentKeeper(const Catalog& catalog, const ItemTable& table, const Published<ServingModel>& model)
      : catalog_(catalog), table_(table), model_(model) {}
  ~ContentKeeper() { stop(); }

  // Null while items have no descriptions to compare. Thread-safe.
  const Published<ContentIndex>& index() const { return index_; }

  // Rebuilds the index on this thread if anything has changed since the last time. Not while the thread runs.
  Status refresh();

  void start();
  void stop();

 private:
  void run() WINNOW_EXCLUDES(mutex_);
  bool wait(double seconds) WINNOW_EXCLUDES(mutex_);  // false: it is time to stop

  const Catalog& catalog_;
  const ItemTable& table_;
  const Published<ServingModel>& model_;
  Published<ContentIndex> index_;
  // What the index was built from.
  std::shared_ptr<const ItemSnapshot> built_of_items_;
  std::shared_ptr<const ServingModel> built_of_model_;

  Mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ WINNOW_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace winnow
