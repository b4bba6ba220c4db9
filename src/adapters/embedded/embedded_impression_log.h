// EmbeddedImpressionLog: what was served, in the site's store. Format: docs/formats/impressions.md.
//
// offer puts an impression into a queue that is bounded by bytes; one thread encodes and writes what has
// gathered. A store of an older release has no column for them until it is opened for writing: reading it
// finds nothing.
#pragma once

#include <rocksdb/write_batch.h>

#include <condition_variable>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "adapters/embedded/store.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "events/impression_log.h"

namespace winnow {

class EmbeddedImpressionLog final : public ImpressionLog {
 public:
  // The store outlives it.
  static Result<std::unique_ptr<EmbeddedImpressionLog>> open(Store& store, ImpressionLogOptions options = {});
  ~EmbeddedImpressionLog() override;  // stores what was taken

  bool offer(ServedImpression impression) override;
  Status flush() override;
  Result<std::optional<ServedImpression>> find(std::string_view recommendation_id) const override;
  Result<ImpressionPage> read(std::string_view after, std::size_t limit) const override;
  Result<std::uint64_t> erase_subject(std::string_view subject) override;
  Result<std::uint64_t> enforce_retention(TimestampMs now_ms, std::uint64_t limit) override;
  ImpressionLogStatistics statistics() const override;

 private:
  struct Totals {
    std::uint64_t impressions = 0;
    std::uint64_t bytes = 0;
  };
  // One write: what it adds and removes, and the totals behind it.
  struct Change {
    rocksdb::WriteBatch batch;
    Totals totals;
  };

  EmbeddedImpressionLog(Store& store, ImpressionLogOptions options) : store_(store), options_(options) {}

  void run();
  Status write(const std::vector<ServedImpression>& impressions) WINNOW_EXCLUDES(write_mutex_);
  Status remove(const StoreEngine& engine, std::string_view row_key, Change& change) const;
  Status commit(const StoreEngine& engine, Change& change) const WINNOW_REQUIRES(write_mutex_);
  static Result<Totals> totals_of(const StoreEngine& engine);

  Store& store_;
  const ImpressionLogOptions options_;

  Mutex write_mutex_;  // held by the one who writes to the column; before queue_mutex_
  mutable Mutex queue_mutex_;
  std::condition_variable queued_;
  std::condition_variable written_;
  std::vector<ServedImpression> queue_ WINNOW_GUARDED_BY(queue_mutex_);
  std::size_t queue_bytes_ WINNOW_GUARDED_BY(queue_mutex_) = 0;
  bool writing_ WINNOW_GUARDED_BY(queue_mutex_) = false;
  bool hurry_ WINNOW_GUARDED_BY(queue_mutex_) = false;  // somebody waits in flush
  bool stopping_ WINNOW_GUARDED_BY(queue_mutex_) = false;
  std::uint64_t dropped_ WINNOW_GUARDED_BY(queue_mutex_) = 0;
  Status last_write_ WINNOW_GUARDED_BY(queue_mutex_);
  std::thread thread_;  // none where the store is read only
};

}  // namespace winnow
