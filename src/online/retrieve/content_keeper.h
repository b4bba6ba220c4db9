// ContentKeeper: what requests know of items from what the catalogue says of them, kept up to date with it
// and with what the live model has learned: the index of what items are like, and the vectors of items that
// are new to a two-tower model.
//
// A thread of its own makes them anew when either has changed, for at most a twentieth of the time: a new
// item of a catalogue of 100,000 is found within seconds, of one of millions within minutes.
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
  // All outlive the keeper. keeps_index: whether any surface has places for what the index finds.
  ContentKeeper(const Catalog& catalog, const ItemTable& table, const Published<ServingModel>& model,
                bool keeps_index)
      : catalog_(catalog), table_(table), model_(model), keeps_index_(keeps_index) {}
  ~ContentKeeper() { stop(); }

  // The index is null while items have no descriptions to compare. Thread-safe.
  const ItemContent& content() const { return content_; }

  // Makes both anew on this thread if anything has changed since the last time. Not while the thread runs.
  Status refresh();

  void start();
  void stop();

 private:
  void run() WINNOW_EXCLUDES(mutex_);
  bool wait(double seconds) WINNOW_EXCLUDES(mutex_);  // false: it is time to stop

  const Catalog& catalog_;
  const ItemTable& table_;
  const Published<ServingModel>& model_;
  bool keeps_index_;
  ItemContent content_;
  // What it was made from.
  std::shared_ptr<const ItemSnapshot> built_of_items_;
  std::shared_ptr<const ServingModel> built_of_model_;

  Mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ WINNOW_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace winnow
