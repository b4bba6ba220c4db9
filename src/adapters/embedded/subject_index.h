// The subject index: which batches of the event log hold events of a subject. Format:
// docs/formats/event_log.md.
//
// A commit of few subjects writes an entry for each subject and batch, under the subject's hash: found at
// once, but a random place in the store for each. A commit of many, an import, would spend most of its time
// on that, so it writes lists instead: subjects fall into kBuckets buckets by hash, and each bucket gets one
// list. Finding a subject then reads its bucket's lists, a thousandth of the index. Neither form spells out a
// subject.
#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/embedded/store_engine.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/result.h"
#include "domain/event.h"

namespace winnow {

// Gathers the entries of one commit.
class SubjectIndexBuilder final {
 public:
  static constexpr std::uint16_t kBuckets = 1024;
  static constexpr std::size_t kFewEntries = 1024;

  // The batch that starts at `first` holds events of `subject`. May be said more than once.
  void add(const Hash128& subject, LogPosition first) {
    entries_.push_back({subject.high, subject.low, first});
  }
  // `commit_first`: the first position of the commit.
  void write(const StoreEngine& engine, LogPosition commit_first, TimestampMs received_ms,
             rocksdb::WriteBatch& batch);

 private:
  struct Entry {  // sorts like its key
    std::uint64_t high;
    std::uint64_t low;
    LogPosition first;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  std::vector<Entry> entries_;
};

// A subject's batches, newest first. After seek and after each next, valid() tells whether there is one.
// May name a batch that does not exist any more, or that has lost the subject's events.
class SubjectWalk final {
 public:
  SubjectWalk(std::shared_ptr<const StoreEngine> engine, const Hash128& subject);

  // To the newest batch that starts before this position.
  Status seek(LogPosition before);
  Status next();
  bool valid() const { return single_.valid() || !listed_.empty(); }
  LogPosition first() const;

 private:
  LogPosition single_first() const;
  Status read_lists(LogPosition before);

  Hash128 subject_;
  KeyWalk single_;
  KeyWalk lists_;
  std::vector<LogPosition>
      listed_;  // of the newest list that is not used up, ascending: the next one at its end
};

// Takes the subject's batches up to and with the one that starts at `through` out of the index.
Status remove_subject(const std::shared_ptr<const StoreEngine>& engine, const Hash128& subject,
                      LogPosition through, rocksdb::WriteBatch& batch);
// Drops the lists of commits that arrived before then.
Status drop_lists(const std::shared_ptr<const StoreEngine>& engine, TimestampMs arrived_before,
                  rocksdb::WriteBatch& batch);
// The keys of all lists that may name the subject.
struct SubjectIndexRange {
  std::string first;  // inclusive
  std::string last;   // inclusive
};
SubjectIndexRange lists_of(const Hash128& subject);

}  // namespace winnow
