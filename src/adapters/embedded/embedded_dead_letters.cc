#include "adapters/embedded/embedded_dead_letters.h"

#include <rocksdb/write_batch.h>

#include <span>
#include <string>
#include <utility>

#include "adapters/embedded/store_engine.h"
#include "base/bytes.h"
#include "events/record_codec.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;

Error damaged() {
  return {ErrorCode::corrupt,
          "a dead letter cannot be read: restore the store from a dump, or import again into a new one"};
}

std::string encode(const LogRecord& record, std::string_view reason, std::uint32_t tries) {
  ByteWriter out;
  out.fixed(kFormat);
  out.varint(tries);
  out.string(reason);
  out.raw(encode_batch(std::span(&record, 1)));
  return out.take();
}

Result<DeadLetter> decode(std::uint64_t id, std::string_view bytes) {
  ByteReader in(bytes);
  const auto format = in.fixed<std::uint8_t>();
  DeadLetter letter;
  letter.id = id;
  letter.tries = static_cast<std::uint32_t>(in.varint());
  letter.reason = in.string();
  if (in.failed() || format != kFormat) return damaged();
  WINNOW_TRY(auto records, decode_batch(in.raw(in.remaining())));
  if (records.size() != 1) return damaged();
  letter.record = std::move(records.front());
  return letter;
}

}  // namespace

Result<std::unique_ptr<EmbeddedDeadLetters>> EmbeddedDeadLetters::open(Store& store) {
  std::unique_ptr<EmbeddedDeadLetters> letters(new EmbeddedDeadLetters(store));
  WINNOW_TRY(const auto engine, store.pin());
  MutexLock lock(letters->mutex_);
  WINNOW_RETURN_IF_ERROR(letters->load(engine));
  return letters;
}

Status EmbeddedDeadLetters::load(const std::shared_ptr<const StoreEngine>& engine) {
  size_ = 0;
  KeyWalk walk(engine, Column::dead_letters);
  for (walk.to_first(); walk.valid(); walk.next()) ++size_;
  WINNOW_RETURN_IF_ERROR(walk.status());
  generation_ = engine->generation();
  return {};
}

Result<std::shared_ptr<const StoreEngine>> EmbeddedDeadLetters::writer() {
  WINNOW_TRY(auto engine, store_.writer());
  if (engine->generation() != generation_) WINNOW_RETURN_IF_ERROR(load(engine));
  return engine;
}

Status EmbeddedDeadLetters::add(const LogRecord& record, std::string_view reason, std::uint32_t tries) {
  MutexLock lock(mutex_);
  WINNOW_TRY(const auto engine, writer());
  const std::string key = number_key<std::uint64_t>(record.position);
  WINNOW_TRY(const auto replaced, engine->get(Column::dead_letters, key));
  rocksdb::WriteBatch batch;
  batch.Put(engine->column(Column::dead_letters), key, encode(record, reason, tries));
  WINNOW_RETURN_IF_ERROR(store_.write(*engine, batch, Store::Durability::durable));
  if (!replaced) ++size_;
  return {};
}

Result<std::vector<DeadLetter>> EmbeddedDeadLetters::list(std::uint64_t after_id, std::size_t limit) const {
  WINNOW_TRY(const auto engine, store_.pin());
  std::vector<DeadLetter> letters;
  if (after_id == ~std::uint64_t{0}) return letters;
  KeyWalk walk(engine, Column::dead_letters, {number_key(after_id + 1), ""});
  for (walk.to_first(); walk.valid() && letters.size() < limit; walk.next()) {
    WINNOW_TRY(DeadLetter letter, decode(read_big_endian<std::uint64_t>(walk.key()), walk.value()));
    letters.push_back(std::move(letter));
  }
  WINNOW_RETURN_IF_ERROR(walk.status());
  return letters;
}

Status EmbeddedDeadLetters::remove(std::uint64_t id) {
  MutexLock lock(mutex_);
  WINNOW_TRY(const auto engine, writer());
  const std::string key = number_key(id);
  WINNOW_TRY(const auto stored, engine->get(Column::dead_letters, key));
  if (!stored) {
    return Error{ErrorCode::not_found, "there is no dead letter " + std::to_string(id) + ": list them again",
                 "id"};
  }
  rocksdb::WriteBatch batch;
  batch.Delete(engine->column(Column::dead_letters), key);
  WINNOW_RETURN_IF_ERROR(store_.write(*engine, batch, Store::Durability::durable));
  --size_;
  return {};
}

// Scrubs the column even when it holds no letter of the subject now: one that was replayed and removed has
// left its bytes in the files.
Result<std::uint64_t> EmbeddedDeadLetters::erase_subject(std::string_view subject) {
  std::uint64_t erased = 0;
  {
    MutexLock lock(mutex_);
    WINNOW_TRY(const auto engine, writer());
    rocksdb::WriteBatch batch;
    KeyWalk walk(engine, Column::dead_letters);
    for (walk.to_first(); walk.valid(); walk.next()) {
      WINNOW_TRY(const DeadLetter letter, decode(0, walk.value()));
      if (subject_of(letter.record.event) != subject) continue;
      batch.Delete(engine->column(Column::dead_letters), slice(walk.key()));
      ++erased;
    }
    WINNOW_RETURN_IF_ERROR(walk.status());
    if (erased > 0) {
      WINNOW_RETURN_IF_ERROR(store_.write(*engine, batch, Store::Durability::durable));
      size_ -= erased;
    }
  }
  const Store::Range everything[] = {
      {Column::dead_letters, number_key<std::uint64_t>(0), number_key(~std::uint64_t{0})}};
  WINNOW_RETURN_IF_ERROR(store_.scrub(everything));
  return erased;
}

std::uint64_t EmbeddedDeadLetters::size() const {
  MutexLock lock(mutex_);
  return size_;
}

}  // namespace winnow
