#include "features/co_occurrence.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/random.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr float kNobody = -std::numeric_limits<float>::infinity();

// log2 of an amount, decay undone: comparable between lists of different epochs.
float absolute_log2(double amount, std::int64_t epoch) {
  return static_cast<float>(std::log2(static_cast<float>(amount)) +
                            static_cast<double>(epoch) * DecayMoment::kEpochHalfLives);
}

}  // namespace

// Consecutive items. The lists are changed and read under the lock; what a request asks of every item of a
// history can be had without.
struct CoOccurrence::Chunk {
  Mutex mutex;
  std::array<std::unique_ptr<Companions>, kChunkItems> lists WINNOW_GUARDED_BY(mutex);
  std::array<std::atomic<std::uint32_t>, kChunkItems> versions{};
  std::array<std::atomic<float>, kChunkItems> people_log2;

  Chunk() {
    for (auto& log2 : people_log2) log2.store(kNobody, std::memory_order_relaxed);
  }
  // The item's companions are others now.
  void touch(std::uint32_t slot) WINNOW_REQUIRES(mutex) {
    versions[slot].fetch_add(1, std::memory_order_release);
  }
  void note_people(std::uint32_t slot) WINNOW_REQUIRES(mutex) {
    const Companions::Numbers& numbers = lists[slot]->numbers();
    people_log2[slot].store(numbers.people > 0 ? absolute_log2(numbers.people, numbers.epoch) : kNobody,
                            std::memory_order_relaxed);
  }
  void drop(std::uint32_t slot) WINNOW_REQUIRES(mutex) {
    lists[slot].reset();
    people_log2[slot].store(kNobody, std::memory_order_relaxed);
    touch(slot);
  }
};

CoOccurrence::CoOccurrence(CoOccurrenceOptions options)
    : options_(options), directory_(std::make_shared<Directory>()), published_(directory_) {
  WINNOW_CHECK(options.half_life_days > 0 && options.max_items > 0);
}

CoOccurrence::~CoOccurrence() = default;

double CoOccurrence::half_lives(TimestampMs time_ms) const {
  return static_cast<double>(time_ms) / (options_.half_life_days * kDayMs);
}

CoOccurrence::Chunk& CoOccurrence::chunk_of(ItemIndex item) {
  const std::size_t number = row(item) / kChunkItems;
  if (number >= directory_->size()) {
    auto larger = std::make_shared<Directory>(std::bit_ceil(number + 1));
    for (std::size_t i = 0; i < directory_->size(); ++i) {
      (*larger)[i].store((*directory_)[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    directory_ = larger;
    published_.publish(std::move(larger));
  }
  std::atomic<Chunk*>& place = (*directory_)[number];
  if (Chunk* chunk = place.load(std::memory_order_relaxed)) return *chunk;
  chunks_.push_back(std::make_unique<Chunk>());
  place.store(chunks_.back().get(), std::memory_order_release);
  return *chunks_.back();
}

void CoOccurrence::add(const Visit& visit) {
  const DecayMoment moment = DecayMoment::at(visit.time_ms, options_.half_life_days * kDayMs);
  Random coins(
      hash64({reinterpret_cast<const char*>(&visit.item), sizeof visit.item},
             static_cast<std::uint64_t>(visit.time_ms)));  // of the visit alone: a replay's are the same
  const auto change = [&](ItemIndex item, auto apply) {
    Chunk& chunk = chunk_of(item);
    const std::uint32_t slot = row(item) % kChunkItems;
    MutexLock lock(chunk.mutex);
    std::unique_ptr<Companions>& list = chunk.lists[slot];
    if (!list) {
      list = std::make_unique<Companions>();
      ++items_;
    }
    if (apply(*list, list->unit_at(moment))) chunk.touch(slot);
    if (item == visit.item) chunk.note_people(slot);
  };
  change(visit.item, [&](Companions& list, float unit) {
    list.add_person(unit);
    bool changed = false;
    for (const ItemIndex other : visit.companions()) {
      changed |= list.add(other, unit * visit.share, coins.uniform());
    }
    return changed;
  });
  for (const ItemIndex other : visit.companions()) {
    change(other, [&](Companions& list, float unit) {
      return list.add(visit.item, unit * visit.share, coins.uniform());
    });
  }
  newest_ms_.store(std::max(newest_ms_.load(std::memory_order_relaxed), visit.time_ms),
                   std::memory_order_relaxed);
  if (items_ > options_.max_items) forget_surplus();
}

void CoOccurrence::subtract(const Visit& visit) {
  const DecayMoment moment = DecayMoment::at(visit.time_ms, options_.half_life_days * kDayMs);
  const auto change = [&](ItemIndex item, auto apply) {
    Chunk& chunk = chunk_of(item);
    const std::uint32_t slot = row(item) % kChunkItems;
    MutexLock lock(chunk.mutex);
    Companions* list = chunk.lists[slot].get();
    if (list == nullptr) return;
    if (apply(*list, list->unit_at(moment))) chunk.touch(slot);
    chunk.note_people(slot);
    if (!list->is_empty()) return;
    chunk.drop(slot);
    --items_;
  };
  change(visit.item, [&](Companions& list, float unit) {
    bool changed = false;
    for (const ItemIndex other : visit.companions()) changed |= list.subtract(other, unit * visit.share);
    list.subtract_person(unit);
    return changed;
  });
  for (const ItemIndex other : visit.companions()) {
    change(other,
           [&](Companions& list, float unit) { return list.subtract(visit.item, unit * visit.share); });
  }
}

// Every list with its item, in order of item, its chunk locked.
template <class Each>
void CoOccurrence::for_each_list(Each each) const {
  for (std::uint32_t number = 0; number < directory_->size(); ++number) {
    Chunk* chunk = (*directory_)[number].load(std::memory_order_relaxed);
    if (chunk == nullptr) continue;
    MutexLock lock(chunk->mutex);
    for (std::uint32_t slot = 0; slot < kChunkItems; ++slot) {
      if (chunk->lists[slot]) each(ItemIndex{number * kChunkItems + slot}, chunk->lists[slot]->numbers());
    }
  }
}

void CoOccurrence::drop(ItemIndex item) {
  Chunk& chunk = chunk_of(item);
  MutexLock lock(chunk.mutex);
  chunk.drop(row(item) % kChunkItems);
  --items_;
}

// A tenth at once, so that this costs O(1) a visit on average.
void CoOccurrence::forget_surplus() {
  std::vector<std::pair<TimestampMs, ItemIndex>> ages;
  ages.reserve(items_);
  for_each_list([&](ItemIndex item, const Companions::Numbers& numbers) {
    ages.emplace_back(numbers.newest_ms, item);
  });
  const auto kept = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 10 + 1);
  std::nth_element(ages.begin(), kept - 1, ages.end());
  for (auto it = ages.begin(); it != kept; ++it) drop(it->second);
}

void CoOccurrence::clear() {
  std::vector<ItemIndex> all;
  for_each_list([&](ItemIndex item, const Companions::Numbers&) { all.push_back(item); });
  for (const ItemIndex item : all) drop(item);
  newest_ms_.store(0, std::memory_order_relaxed);
}

std::string CoOccurrence::encode() const {
  ByteWriter out;
  out.fixed(kFormat);
  out.fixed(options_.half_life_days);
  out.signed_varint(newest_ms_.load(std::memory_order_relaxed));
  out.varint(items_);
  std::uint32_t previous = 0;
  for_each_list([&](ItemIndex item, const Companions::Numbers& numbers) {
    out.varint(row(item) - previous);
    previous = row(item);
    out.signed_varint(numbers.epoch);
    out.fixed(numbers.people);
    out.signed_varint(numbers.newest_ms);
    out.varint(numbers.counters.size());
    for (const Companions::Counter& counter : numbers.counters) {
      out.varint(row(counter.item));
      out.fixed(counter.count);
      out.fixed(counter.error);
    }
  });
  return out.take();
}

namespace {

bool is_sound(const Companions::Numbers& numbers) {
  return std::isfinite(numbers.people) && numbers.people >= 0 &&
         std::ranges::all_of(numbers.counters, [](const Companions::Counter& counter) {
           return std::isfinite(counter.count) && counter.error >= 0 && counter.error <= counter.count;
         });
}

}  // namespace

Status CoOccurrence::decode(std::string_view bytes) {
  clear();
  const Error damaged{ErrorCode::corrupt,
                      "what items are turned to together is stored damaged: run `winnow rebuild` to derive "
                      "it again"};
  ByteReader in(bytes);
  if (in.fixed<std::uint8_t>() != kFormat) return damaged;
  const auto half_life_days = in.fixed<double>();
  if (in.failed()) return damaged;
  if (half_life_days != options_.half_life_days) return {};
  newest_ms_.store(in.signed_varint(), std::memory_order_relaxed);
  const std::uint64_t lists = in.varint();
  std::uint64_t item = 0;
  for (std::uint64_t i = 0; i < lists && !in.failed(); ++i) {
    item += in.varint();
    Companions::Numbers numbers;
    numbers.epoch = in.signed_varint();
    numbers.people = in.fixed<double>();
    numbers.newest_ms = in.signed_varint();
    const std::uint64_t counters = in.varint();
    if (counters > Companions::kCounters || item >= row(kNoItem)) break;
    for (std::uint64_t k = 0; k < counters; ++k) {
      const auto other = static_cast<std::uint32_t>(in.varint());
      const auto count = in.fixed<float>();
      numbers.counters.push_back({ItemIndex{other}, count, in.fixed<float>()});
    }
    if (in.failed() || !is_sound(numbers)) break;
    Chunk& chunk = chunk_of(ItemIndex{static_cast<std::uint32_t>(item)});
    const auto slot = static_cast<std::uint32_t>(item % kChunkItems);
    MutexLock lock(chunk.mutex);
    if (chunk.lists[slot]) break;
    chunk.lists[slot] = std::make_unique<Companions>(std::move(numbers));
    chunk.touch(slot);
    chunk.note_people(slot);
    ++items_;
  }
  if (!in.failed() && in.at_end() && items_ == lists) return {};
  clear();
  return damaged;
}

CoOccurrence::Reader CoOccurrence::reader() const {
  return {published_.pin(), half_lives(newest_ms_.load(std::memory_order_relaxed))};
}

CoOccurrence::Chunk* CoOccurrence::Reader::chunk_of(ItemIndex item) const {
  const std::size_t number = row(item) / kChunkItems;
  return number < directory_->size() ? (*directory_)[number].load(std::memory_order_acquire) : nullptr;
}

std::uint32_t CoOccurrence::Reader::version(ItemIndex item) const {
  const Chunk* chunk = chunk_of(item);
  return chunk == nullptr ? 0 : chunk->versions[row(item) % kChunkItems].load(std::memory_order_acquire);
}

std::vector<ScoredItem> CoOccurrence::Reader::similar(ItemIndex item, const SimilarityScale& scale,
                                                      const std::function<bool(ItemIndex)>& wanted) const {
  std::vector<ScoredItem> found;
  Chunk* chunk = chunk_of(item);
  if (chunk == nullptr) return found;
  Companions::Numbers numbers;
  {
    const std::uint32_t slot = row(item) % kChunkItems;
    MutexLock lock(chunk->mutex);
    if (!chunk->lists[slot]) return found;
    numbers = chunk->lists[slot]->numbers();
  }
  // Differences of logarithms are small: floats hold them, and are far cheaper.
  const auto decayed_log2 = [&](double amount) {
    return static_cast<float>(absolute_log2(amount, numbers.epoch) - now_);
  };
  const float people = decayed_log2(numbers.people);
  found.reserve(numbers.counters.size());
  for (const Companions::Counter& counter : numbers.counters) {
    const float sure = counter.count - counter.error;
    if (!(sure > 0) || (wanted && !wanted(counter.item))) continue;
    const float together = decayed_log2(sure);
    const Chunk* others = chunk_of(counter.item);
    const float log2 =
        others == nullptr
            ? kNobody
            : others->people_log2[row(counter.item) % kChunkItems].load(std::memory_order_relaxed);
    // Whoever was counted for the pair was once counted for both, also where that is forgotten.
    const float both = std::max(people, together) + std::max(static_cast<float>(log2 - now_), together);
    const float score = std::exp2(together) / (std::exp2(scale.popularity_exponent * both) + scale.shrinkage);
    if (score > 0 && std::isfinite(score)) found.push_back({counter.item, score});
  }
  return found;
}

}  // namespace winnow
