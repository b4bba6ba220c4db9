// PartitionReader: the records of one partition in order of position, batch by batch.
// After seek and after each next, valid() tells whether there is a record.
#pragma once

#include <memory>
#include <optional>

#include "adapters/embedded/store_engine.h"
#include "events/record_codec.h"

namespace winnow {

class PartitionReader final {
 public:
  PartitionReader(std::shared_ptr<const StoreEngine> engine, std::uint16_t partition);

  // To the first record with position >= from. O(records of one batch).
  Status seek(LogPosition from);
  Status next();
  bool valid() const { return batch_.has_value(); }

  LogPosition position() const { return batch_->position(); }
  Result<LogRecord> record() const { return batch_->record(); }

 private:
  Status open_batch();

  std::uint16_t partition_;
  KeyWalk walk_;
  std::optional<BatchReader> batch_;  // over the walk's present value, on a record; empty at the end
};

}  // namespace winnow
