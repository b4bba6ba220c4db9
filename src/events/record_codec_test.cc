#include "events/record_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/file.h"
#include "base/hash.h"
#include "base/random.h"

namespace winnow {
namespace {

using ::testing::ElementsAreArray;

std::string random_text(Random& random, std::size_t longest) {
  std::string text(random.below(static_cast<std::uint32_t>(longest + 1)), '\0');
  for (char& c : text) c = static_cast<char>(random.below(256));
  return text;
}

Event random_event(Random& random) {
  Event event;
  event.event_id = random_text(random, 40);
  if (random.below(4) != 0) event.user_id = "u" + random_text(random, 20);
  if (event.user_id.empty() || random.below(2) == 0) event.session_id = "s" + random_text(random, 20);
  event.item_id = random_text(random, 300);
  event.action = static_cast<Action>(random.below(kActionCount));
  switch (random.below(5)) {
    case 0:
      event.value = random.below(6);
      break;
    case 1:
      event.value = random.normal() * 1e9;
      break;
    case 2:
      event.value = -0.0;
      break;
    case 3:
      event.value = std::numeric_limits<double>::max();
      break;
    default:
      break;
  }
  event.time_ms = static_cast<TimestampMs>(random.next());
  if (random.below(3) == 0) event.recommendation_id = random_text(random, 30);
  if (random.below(3) == 0) event.context = "{" + random_text(random, 200) + "}";
  return event;
}

std::vector<LogRecord> random_records(Random& random, std::size_t count) {
  std::vector<LogRecord> records;
  LogPosition position = random.next() >> random.below(64);
  const auto received_ms = static_cast<TimestampMs>(random.next());
  for (std::size_t i = 0; i < count; ++i) {
    records.push_back({position, received_ms, random_event(random)});
    const std::uint64_t gap = 1 + random.below(100);
    if (position > std::numeric_limits<LogPosition>::max() - gap) break;
    position += gap;
  }
  return records;
}

TEST(RecordCodec, GivesBackWhatItWasGiven) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const auto records = random_records(random, random.below(50));
    const std::string bytes = encode_batch(records);
    const auto back = decode_batch(bytes);
    ASSERT_TRUE(back.ok()) << back.error().message;
    ASSERT_EQ(back->size(), records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      EXPECT_EQ((*back)[i].position, records[i].position);
      EXPECT_EQ((*back)[i].received_ms, records[i].received_ms);
      EXPECT_EQ((*back)[i].event, records[i].event);
      EXPECT_EQ(std::signbit((*back)[i].event.value), std::signbit(records[i].event.value));
    }
    EXPECT_EQ(encode_batch(*back).size(), bytes.size());
  }
}

TEST(RecordCodec, KnowsASubjectWithoutDecodingTheRecord) {
  Random random(7);
  const auto records = random_records(random, 200);
  const std::string bytes = encode_batch(records);
  auto reader = BatchReader::open(bytes);
  ASSERT_TRUE(reader.ok());
  for (const LogRecord& record : records) {
    ASSERT_TRUE(reader->next());
    const std::string subject = subject_of(record.event);
    EXPECT_EQ(reader->subject().value(), subject);
    for (const LogRecord& other : records) {
      EXPECT_EQ(reader->belongs_to(subject_of(other.event)), subject_of(other.event) == subject);
    }
  }
}

TEST(RecordCodec, ARecordCanBeTakenOutOfABatchWithoutMovingTheOthers) {
  Random random(8);
  const auto records = random_records(random, 20);
  const std::string bytes = encode_batch(records);
  auto reader = BatchReader::open(bytes);
  ASSERT_TRUE(reader.ok());
  BatchBuilder rest(reader->first(), reader->received_ms());
  while (reader->next()) {
    if (reader->position() % 2 == 0) rest.add_body(reader->position(), reader->body());
  }
  const auto back = decode_batch(rest.finish());
  ASSERT_TRUE(back.ok());
  std::size_t at = 0;
  for (const LogRecord& record : records) {
    if (record.position % 2 != 0) continue;
    ASSERT_LT(at, back->size());
    EXPECT_EQ((*back)[at].position, record.position);
    EXPECT_EQ((*back)[at++].event, record.event);
  }
  EXPECT_EQ(at, back->size());
}

TEST(RecordCodec, EveryFlippedBitIsNoticed) {
  Random random(9);
  std::string bytes = encode_batch(random_records(random, 3));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    const auto back = decode_batch(bytes);
    ASSERT_FALSE(back.ok()) << "bit " << bit;
    EXPECT_TRUE(back.error().code == ErrorCode::corrupt || back.error().code == ErrorCode::unsupported);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  }
}

TEST(RecordCodec, EveryTruncationIsNoticed) {
  Random random(10);
  const std::string bytes = encode_batch(random_records(random, 5));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(decode_batch(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
}

// Damage behind a good checksum (a bug, or an attacker): no read beyond the end, no endless loop, no
// allocation.
TEST(RecordCodec, BytesWithAMatchingChecksumAreStillNotTrusted) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    std::string content = encode_batch(random_records(random, 1 + random.below(4))).substr(9);
    for (std::uint32_t changes = 1 + random.below(4); changes > 0; --changes) {
      content[random.below(static_cast<std::uint32_t>(content.size()))] = static_cast<char>(random.next());
    }
    const std::uint64_t checksum = hash64(content);
    std::string bytes(1, '\x01');
    bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
    bytes += content;
    const auto back = decode_batch(bytes);
    if (back.ok()) {
      EXPECT_LE(back->size(), content.size());
    }
  }
}

TEST(RecordCodec, RefusesTheFormatOfAnotherReleaseAndSaysWhatToDo) {
  std::string bytes = encode_batch({});
  bytes[0] = 9;
  const auto back = decode_batch(bytes);
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error().code, ErrorCode::unsupported);
  EXPECT_THAT(back.error().message, testing::HasSubstr("format 9"));
}

// The file is part of the format: a change that breaks it needs a new format number, and code that reads
// both.
TEST(RecordCodec, ReadsTheGoldenFileAndWritesTheSameBytes) {
  Event rating{
      "e1", "user-1", "item-1", Action::rating, 4.5, 1'700'000'000'123, "s1", "r1", R"({"page":"home"})"};
  Event view{"e2", "", "item-2", Action::view, 0, 1'699'999'999'999, "s2", "", ""};
  Event watch{"e3", "user-1", "item-3", Action::watch, 90, 1'700'000'000'999, "", "", ""};
  const std::vector<LogRecord> records = {
      {1000, 1'700'000'001'000, rating}, {1001, 1'700'000'001'000, view}, {1010, 1'700'000'001'000, watch}};
  const auto golden = read_file(WINNOW_SOURCE_DIR "/tests/golden/event_batch_v1.bin");
  ASSERT_TRUE(golden.ok()) << golden.error().message;
  EXPECT_EQ(encode_batch(records), *golden);
  const auto back = decode_batch(*golden);
  ASSERT_TRUE(back.ok());
  ASSERT_EQ(back->size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*back)[i].position, records[i].position);
    EXPECT_EQ((*back)[i].event, records[i].event);
  }
}

}  // namespace
}  // namespace winnow
