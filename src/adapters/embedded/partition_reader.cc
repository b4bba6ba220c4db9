#include "adapters/embedded/partition_reader.h"

#include <utility>

namespace winnow {

PartitionReader::PartitionReader(std::shared_ptr<const StoreEngine> engine, std::uint16_t partition)
    : partition_(partition),
      walk_(std::move(engine), Column::events,
            {batch_key(partition, 0), behind_prefix(number_key(partition))}) {}

Status PartitionReader::seek(LogPosition from) {
  // The batch that starts at or before `from` may reach beyond it.
  walk_.seek_back(batch_key(partition_, from));
  if (!walk_.valid()) walk_.to_first();
  WINNOW_RETURN_IF_ERROR(open_batch());
  WINNOW_RETURN_IF_ERROR(next());
  while (valid() && position() < from) WINNOW_RETURN_IF_ERROR(next());
  return {};
}

Status PartitionReader::next() {
  while (batch_ && !batch_->next()) {
    WINNOW_RETURN_IF_ERROR(batch_->status());
    walk_.next();
    WINNOW_RETURN_IF_ERROR(open_batch());
  }
  return {};
}

Status PartitionReader::open_batch() {
  batch_.reset();
  if (!walk_.valid()) return walk_.status();
  WINNOW_TRY(batch_, BatchReader::open(walk_.value()));
  return {};
}

}  // namespace winnow
