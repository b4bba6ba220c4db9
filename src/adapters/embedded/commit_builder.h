// CommitBuilder: the events of one commit as one RocksDB write.
//
// Groups events by partition into batches of about kBatchBytes, and tells the subject index of each batch's
// subjects.
#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "adapters/embedded/store_engine.h"
#include "adapters/embedded/subject_index.h"
#include "base/hash.h"
#include "events/record_codec.h"

namespace winnow {

class CommitBuilder final {
 public:
  // Large enough that an import costs few writes, small enough that reading one user's page stays cheap.
  static constexpr std::size_t kBatchBytes = 64 << 10;

  struct Options {
    std::uint32_t partitions = 0;
    LogPosition first = 0;  // of the commit
    TimestampMs received_ms = 0;
    std::size_t events = 0;  // at most, to reserve memory for
  };
  CommitBuilder(const StoreEngine& engine, const Options& options);

  // `subject` is the hash of the event's subject. Positions ascend.
  void add(LogPosition position, std::uint16_t partition, const Hash128& subject, const Event& event);
  // Closes all batches. The batch may then be written, and no more added.
  rocksdb::WriteBatch& finish();

  rocksdb::WriteBatch& batch() { return batch_; }
  std::uint64_t stored_bytes() const { return stored_bytes_; }

 private:
  struct Open {
    BatchBuilder records;
    std::optional<Hash128> last_subject;
  };
  void close(std::uint16_t partition);

  const StoreEngine& engine_;
  const Options options_;
  std::vector<Open> open_;  // by partition
  SubjectIndexBuilder index_;
  rocksdb::WriteBatch batch_;
  std::uint64_t stored_bytes_ = 0;
};

}  // namespace winnow
