// CommitBuilder: the events of one commit as one RocksDB write.
//
// Groups events by partition into batches of about kBatchBytes, and writes one index entry for each subject
// of a batch. Positions are given in order from the first one on.
#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "adapters/embedded/store_engine.h"
#include "base/hash.h"
#include "events/record_codec.h"

namespace winnow {

class CommitBuilder final {
 public:
  // Large enough that an import costs few writes, small enough that reading one user's page stays cheap.
  static constexpr std::size_t kBatchBytes = 64 << 10;

  CommitBuilder(const StoreEngine& engine, std::uint32_t partitions, TimestampMs received_ms);

  // `subject` is the hash of the event's subject. Positions ascend.
  void add(LogPosition position, std::uint16_t partition, const Hash128& subject, const Event& event);
  // Closes all batches. The batch may then be written, and no more added.
  rocksdb::WriteBatch& finish();

  rocksdb::WriteBatch& batch() { return batch_; }
  std::uint64_t stored_bytes() const { return stored_bytes_; }

 private:
  struct Open {
    std::optional<BatchBuilder> records;
    std::vector<Hash128> subjects;
  };
  void close(std::uint16_t partition);

  const StoreEngine& engine_;
  TimestampMs received_ms_;
  std::vector<Open> open_;  // by partition
  rocksdb::WriteBatch batch_;
  std::uint64_t stored_bytes_ = 0;
};

}  // namespace winnow
