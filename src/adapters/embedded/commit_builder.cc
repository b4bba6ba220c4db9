#include "adapters/embedded/commit_builder.h"

#include <algorithm>

namespace winnow {

CommitBuilder::CommitBuilder(const StoreEngine& engine, std::uint32_t partitions, TimestampMs received_ms)
    : engine_(engine), received_ms_(received_ms), open_(partitions) {}

void CommitBuilder::add(LogPosition position, std::uint16_t partition, const Hash128& subject,
                        const Event& event) {
  Open& open = open_[partition];
  if (!open.records) open.records.emplace(position, received_ms_);
  open.records->add(position, event);
  // Imports come sorted by user more often than not.
  if (open.subjects.empty() || open.subjects.back() != subject) open.subjects.push_back(subject);
  if (open.records->bytes() >= kBatchBytes) close(partition);
}

void CommitBuilder::close(std::uint16_t partition) {
  Open& open = open_[partition];
  if (!open.records) return;
  const LogPosition first = open.records->first();
  const std::string value = open.records->finish();
  batch_.Put(engine_.column(Column::events), batch_key(partition, first), value);
  stored_bytes_ += value.size();

  const auto before = [](const Hash128& a, const Hash128& b) {
    return a.high != b.high ? a.high < b.high : a.low < b.low;
  };
  std::sort(open.subjects.begin(), open.subjects.end(), before);
  open.subjects.erase(std::unique(open.subjects.begin(), open.subjects.end()), open.subjects.end());
  for (const Hash128& subject : open.subjects) {
    batch_.Put(engine_.column(Column::subjects), subject_key(subject, first), rocksdb::Slice());
  }
  open.records.reset();
  open.subjects.clear();
}

rocksdb::WriteBatch& CommitBuilder::finish() {
  for (std::size_t partition = 0; partition < open_.size(); ++partition)
    close(static_cast<std::uint16_t>(partition));
  return batch_;
}

}  // namespace winnow
