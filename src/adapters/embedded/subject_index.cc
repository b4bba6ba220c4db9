#include "adapters/embedded/subject_index.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;

// What is left of a subject's hash once its bucket is known, and its batch, counted from the commit's first
// position.
struct ListEntry {
  std::uint64_t subject = 0;
  std::uint64_t offset = 0;
};
struct List {
  TimestampMs received_ms = 0;
  std::vector<ListEntry> entries;  // by subject, then offset
};

std::uint16_t bucket_of(std::uint64_t high) { return static_cast<std::uint16_t>(high >> 54); }
static_assert(SubjectIndexBuilder::kBuckets == 1 << (64 - 54));

std::string list_key(std::uint16_t bucket, LogPosition commit_first) {
  std::string key;
  append_big_endian(key, bucket);
  append_big_endian(key, commit_first);
  return key;
}

void encode_entry(ByteWriter& out, const ListEntry& entry) {
  out.fixed(entry.subject);
  out.varint(entry.offset);
}

Error damaged() {
  return {ErrorCode::corrupt,
          "the event log's index of subjects is damaged: restore the store from a dump, or import again into "
          "a new one"};
}

Result<TimestampMs> read_header(ByteReader& in) {
  const auto format = in.fixed<std::uint8_t>();
  const auto received_ms = in.fixed<TimestampMs>();
  if (in.failed() || format != kFormat) return damaged();
  return received_ms;
}

Result<List> decode_list(std::string_view bytes) {
  ByteReader in(bytes);
  List list;
  WINNOW_TRY(list.received_ms, read_header(in));
  while (!in.at_end()) {
    ListEntry entry;
    entry.subject = in.fixed<std::uint64_t>();
    entry.offset = in.varint();
    if (in.failed()) return damaged();
    list.entries.push_back(entry);
  }
  return list;
}

}  // namespace

void SubjectIndexBuilder::write(const StoreEngine& engine, LogPosition commit_first, TimestampMs received_ms,
                                rocksdb::WriteBatch& batch) {
  std::sort(entries_.begin(), entries_.end());
  entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());
  if (entries_.size() < kFewEntries) {
    for (const Entry& entry : entries_) {
      batch.Put(engine.column(Column::subjects), subject_key({entry.low, entry.high}, entry.first),
                rocksdb::Slice());
    }
    return;
  }
  ByteWriter list;
  for (std::size_t at = 0; at < entries_.size();) {
    const std::uint16_t bucket = bucket_of(entries_[at].high);
    list.clear();
    list.fixed(kFormat);
    list.fixed(received_ms);
    for (; at < entries_.size() && bucket_of(entries_[at].high) == bucket; ++at) {
      encode_entry(list, {entries_[at].low, entries_[at].first - commit_first});
    }
    batch.Put(engine.column(Column::subject_lists), list_key(bucket, commit_first), list.bytes());
  }
}

SubjectWalk::SubjectWalk(std::shared_ptr<const StoreEngine> engine, const Hash128& subject)
    : subject_(subject),
      single_(engine, Column::subjects, {hash_key(subject), behind_prefix(hash_key(subject))}),
      lists_(engine, Column::subject_lists,
             {list_key(bucket_of(subject.high), 0), behind_prefix(number_key(bucket_of(subject.high)))}) {}

Status SubjectWalk::seek(LogPosition before) {
  listed_.clear();
  if (before == 0) before = 1;
  single_.seek_back(subject_key(subject_, before - 1));
  if (!single_.valid()) WINNOW_RETURN_IF_ERROR(single_.status());
  lists_.seek_back(list_key(bucket_of(subject_.high), before - 1));
  return read_lists(before);
}

// Goes back through the lists until one names the subject with batches before the position.
Status SubjectWalk::read_lists(LogPosition before) {
  for (; listed_.empty() && lists_.valid(); lists_.previous()) {
    const auto commit_first = read_big_endian<LogPosition>(lists_.key().substr(sizeof(std::uint16_t)));
    WINNOW_TRY(const List list, decode_list(lists_.value()));
    for (const ListEntry& entry : list.entries) {
      const LogPosition first = commit_first + entry.offset;
      if (entry.subject == subject_.low && first < before) listed_.push_back(first);
    }
  }
  if (!lists_.valid()) return lists_.status();
  return {};
}

LogPosition SubjectWalk::single_first() const {
  return read_big_endian<LogPosition>(single_.key().substr(kHashKeyBytes));
}

LogPosition SubjectWalk::first() const {
  if (!single_.valid()) return listed_.back();
  return listed_.empty() ? single_first() : std::max(single_first(), listed_.back());
}

Status SubjectWalk::next() {
  if (!listed_.empty() && first() == listed_.back()) {
    const LogPosition used = listed_.back();
    listed_.pop_back();
    return listed_.empty() ? read_lists(used) : Status();
  }
  single_.previous();
  return single_.valid() ? Status() : single_.status();
}

Status remove_subject(const std::shared_ptr<const StoreEngine>& engine, const Hash128& subject,
                      LogPosition through, rocksdb::WriteBatch& batch) {
  KeyWalk single(engine, Column::subjects, {hash_key(subject), subject_key(subject, through) + '\0'});
  for (single.to_first(); single.valid(); single.next()) {
    batch.Delete(engine->column(Column::subjects), slice(single.key()));
  }
  WINNOW_RETURN_IF_ERROR(single.status());
  const SubjectIndexRange range = lists_of(subject);
  KeyWalk lists(engine, Column::subject_lists,
                {range.first, behind_prefix(number_key(bucket_of(subject.high)))});
  for (lists.to_first(); lists.valid(); lists.next()) {
    WINNOW_TRY(const List list, decode_list(lists.value()));
    const auto commit_first = read_big_endian<LogPosition>(lists.key().substr(sizeof(std::uint16_t)));
    if (commit_first > through) break;
    ByteWriter kept;
    kept.fixed(kFormat);
    kept.fixed(list.received_ms);
    for (const ListEntry& entry : list.entries) {
      if (entry.subject != subject.low || commit_first + entry.offset > through) encode_entry(kept, entry);
    }
    if (kept.size() != lists.value().size()) {
      batch.Put(engine->column(Column::subject_lists), slice(lists.key()), kept.bytes());
    }
  }
  return lists.status();
}

Status drop_lists(const std::shared_ptr<const StoreEngine>& engine, TimestampMs arrived_before,
                  rocksdb::WriteBatch& batch) {
  for (std::uint16_t bucket = 0; bucket < SubjectIndexBuilder::kBuckets; ++bucket) {
    KeyWalk lists(engine, Column::subject_lists, {list_key(bucket, 0), behind_prefix(number_key(bucket))});
    for (lists.to_first(); lists.valid(); lists.next()) {
      ByteReader in(lists.value());
      WINNOW_TRY(const TimestampMs received_ms, read_header(in));
      if (received_ms >= arrived_before) break;
      batch.Delete(engine->column(Column::subject_lists), slice(lists.key()));
    }
    WINNOW_RETURN_IF_ERROR(lists.status());
  }
  return {};
}

SubjectIndexRange lists_of(const Hash128& subject) {
  const std::uint16_t bucket = bucket_of(subject.high);
  return {list_key(bucket, 0), list_key(bucket, ~LogPosition{0})};
}

}  // namespace winnow
