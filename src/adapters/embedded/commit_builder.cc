#include "adapters/embedded/commit_builder.h"

namespace winnow {

namespace {
constexpr std::size_t kTypicalEventBytes = 100;  // with its part of the index
}

CommitBuilder::CommitBuilder(const StoreEngine& engine, const Options& options)
    : engine_(engine),
      options_(options),
      open_(options.partitions, {BatchBuilder(0, options.received_ms), std::nullopt}),
      batch_(options.events * kTypicalEventBytes) {}

void CommitBuilder::add(LogPosition position, std::uint16_t partition, const Hash128& subject,
                        const Event& event) {
  Open& open = open_[partition];
  if (open.records.count() == 0) open.records.restart(position);
  open.records.add(position, event);
  // Imports come sorted by user more often than not.
  if (open.last_subject != subject) index_.add(subject, open.records.first());
  open.last_subject = subject;
  if (open.records.bytes() >= kBatchBytes) close(partition);
}

void CommitBuilder::close(std::uint16_t partition) {
  Open& open = open_[partition];
  if (open.records.count() == 0) return;
  const std::string value = open.records.finish();
  batch_.Put(engine_.column(Column::events), batch_key(partition, open.records.first()), value);
  stored_bytes_ += value.size();
  open.records.restart(0);
  open.last_subject.reset();
}

rocksdb::WriteBatch& CommitBuilder::finish() {
  for (std::size_t partition = 0; partition < open_.size(); ++partition)
    close(static_cast<std::uint16_t>(partition));
  index_.write(engine_, options_.first, options_.received_ms, batch_);
  return batch_;
}

}  // namespace winnow
