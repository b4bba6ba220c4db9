#include "adapters/files/row_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/files/gzip_testing.h"
#include "base/random.h"
#include "base/testing_folder.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct ReadRow {
  std::uint64_t line;
  std::vector<std::string> fields;
  std::string problem;
  friend bool operator==(const ReadRow&, const ReadRow&) = default;
};

std::vector<ReadRow> rows_of(const std::filesystem::path& path, RowFormat format = {}, Place from = {}) {
  auto source = ByteSource::open(path);
  EXPECT_TRUE(source.ok()) << source.error().message;
  EXPECT_TRUE(source->skip(from.offset).ok());
  RowReader reader(std::move(*source), std::move(format), from);
  std::vector<ReadRow> rows;
  for (;;) {
    const auto row = reader.next();
    EXPECT_TRUE(row.ok()) << row.error().message;
    if (!row.ok() || !row->has_value()) return rows;
    rows.push_back(
        {(*row)->line, {(*row)->fields.begin(), (*row)->fields.end()}, std::string((*row)->problem)});
  }
}

std::vector<ReadRow> rows_of_text(std::string_view text, RowFormat format = {}) {
  const TestFolder folder;
  return rows_of(folder.write("a.csv", text), std::move(format));
}

TEST(RowReader, ReadsPlainRowsWithEitherLineEnd) {
  const auto rows = rows_of_text("a,b\r\n1,2\n\n,\n3,");
  EXPECT_THAT(rows, ElementsAre(ReadRow{1, {"a", "b"}, ""}, ReadRow{2, {"1", "2"}, ""},
                                ReadRow{4, {"", ""}, ""}, ReadRow{5, {"3", ""}, ""}));
}

TEST(RowReader, ReadsQuotesAsRfc4180Says) {
  const auto rows = rows_of_text("1,\"a,b\",\"say \"\"hi\"\"\",\"\"\n2,\"two\r\nlines\",x\r\n3,\"end\"");
  EXPECT_THAT(rows, ElementsAre(ReadRow{1, {"1", "a,b", "say \"hi\"", ""}, ""},
                                ReadRow{2, {"2", "two\r\nlines", "x"}, ""}, ReadRow{4, {"3", "end"}, ""}));
}

TEST(RowReader, TakesAQuoteInsideAFieldAsACharacter) {
  EXPECT_THAT(rows_of_text("1,5\" disk,x\n2,b,\"c\"\n"),
              ElementsAre(ReadRow{1, {"1", "5\" disk", "x"}, ""}, ReadRow{2, {"2", "b", "c"}, ""}));
}

TEST(RowReader, LeavesOutAByteOrderMark) {
  EXPECT_THAT(rows_of_text("\xEF\xBB\xBFid,title\n"), ElementsAre(ReadRow{1, {"id", "title"}, ""}));
  EXPECT_THAT(rows_of_text("\xEF\xBB\xBF"), IsEmpty());
  EXPECT_THAT(rows_of_text(""), IsEmpty());
}

TEST(RowReader, GoesOnBehindAQuoteThatIsNeverClosed) {
  const auto rows = rows_of_text("1,\"open\n2,b\n3,c\n");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[0].problem, HasSubstr("never closed"));
  EXPECT_EQ(rows[1], (ReadRow{2, {"2", "b"}, ""}));
  EXPECT_EQ(rows[2], (ReadRow{3, {"3", "c"}, ""}));
}

TEST(RowReader, NamesTextBehindAClosingQuote) {
  const auto rows = rows_of_text("1,\"a\"b\n2,c\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0].problem, HasSubstr("follows a closing quote"));
  EXPECT_EQ(rows[1], (ReadRow{2, {"2", "c"}, ""}));
}

TEST(RowReader, PassesOverALineBeyondTheLimitWithoutKeepingIt) {
  const auto rows = rows_of_text("a,b\n" + std::string(3'000'000, 'x') + "\n1,2\n", {.max_row_bytes = 1000});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[1].problem, HasSubstr("over the limit"));
  EXPECT_EQ(rows[2], (ReadRow{3, {"1", "2"}, ""}));
}

TEST(RowReader, EndsAQuotedFieldBeyondTheLimit) {
  std::string text = "1,\"";
  for (int i = 0; i < 1000; ++i) text += "line\n";
  const auto rows = rows_of_text(text + "\"\n", {.max_row_bytes = 500});
  ASSERT_FALSE(rows.empty());
  EXPECT_THAT(rows[0].problem, HasSubstr("over the row limit"));
  EXPECT_EQ(rows.size(), 1001u);
}

TEST(RowReader, SplitsByLongSeparatorsAndWholeLines) {
  EXPECT_THAT(rows_of_text("1::Toy Story: 2::x\n", {.separator = "::", .quotes = false}),
              ElementsAre(ReadRow{1, {"1", "Toy Story: 2", "x"}, ""}));
  EXPECT_THAT(rows_of_text("{\"a\":1,\"b\":2}\r\n", {.whole_lines = true}),
              ElementsAre(ReadRow{1, {"{\"a\":1,\"b\":2}"}, ""}));
}

TEST(RowReader, ReadsPackedFilesOfSeveralMembers) {
  const TestFolder folder;
  const auto path = folder.write("a.csv", gzipped("a,b\n1,") + gzipped("2\n3,4\n"));
  EXPECT_THAT(rows_of(path), ElementsAre(ReadRow{1, {"a", "b"}, ""}, ReadRow{2, {"1", "2"}, ""},
                                         ReadRow{3, {"3", "4"}, ""}));
}

TEST(RowReader, SaysThatAPackedFileIsCutOrDamaged) {
  const TestFolder folder;
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919) + ",x\n";
  const std::string packed = gzipped(text);
  std::string damaged = packed;
  for (std::size_t i = damaged.size() / 2; i < damaged.size() / 2 + 64; ++i) damaged[i] = '\xA5';
  for (const std::string& bytes :
       {packed.substr(0, packed.size() / 2), damaged, packed.substr(0, 5), packed + "garbage behind"}) {
    auto source = ByteSource::open(folder.write("a.gz", bytes));
    ASSERT_TRUE(source.ok());
    RowReader reader(std::move(*source), {});
    for (;;) {
      const auto row = reader.next();
      if (!row.ok()) {
        EXPECT_EQ(row.error().code, ErrorCode::corrupt);
        EXPECT_THAT(row.error().message, HasSubstr("a.gz"));
        break;
      }
      ASSERT_TRUE(row->has_value()) << "the damage went unseen";
    }
  }
}

TEST(ByteSource, RefusesWhatIsNoFile) {
  const TestFolder folder;
  EXPECT_EQ(ByteSource::open(folder.path() / "absent").error().code, ErrorCode::not_found);
  EXPECT_EQ(ByteSource::open(folder.path()).error().code, ErrorCode::invalid);
  EXPECT_EQ(ByteSource::open("/dev/zero").error().code, ErrorCode::invalid);
}

TEST(ByteSource, GivesPackedAndPlainBytesTheSameFingerprint) {
  const TestFolder folder;
  const std::string text(3'000'000, 'y');
  const auto plain = fingerprint(folder.write("plain", text));
  EXPECT_EQ(*plain, *fingerprint(folder.write("packed", gzipped(text))));
  EXPECT_NE(*plain, *fingerprint(folder.write("other", text + "z")));
}

// The oracle: a reader of whole texts, one character at a time.
std::vector<std::vector<std::string>> slow_rows(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t at = 0; at < text.size();) {
    std::vector<std::string> fields(1);
    bool blank = true;
    for (bool field_begins = true;;) {
      if (at >= text.size()) break;
      if (field_begins && text[at] == '"') {
        blank = field_begins = false;
        for (++at; at < text.size(); ++at) {
          if (text[at] != '"')
            fields.back() += text[at];
          else if (at + 1 < text.size() && text[at + 1] == '"')
            fields.back() += text[at++];
          else
            break;
        }
        ++at;
      } else if (text[at] == ',') {
        fields.emplace_back();
        field_begins = true;
        blank = false;
        ++at;
      } else if (text[at] == '\n') {
        ++at;
        break;
      } else {
        fields.back() += text[at++];
        blank = field_begins = false;
      }
    }
    if (!blank) rows.push_back(fields);
  }
  return rows;
}

TEST(RowReader, AgreesWithASlowReaderOnRandomSoundFiles) {
  const TestFolder folder;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::string text;
    for (std::uint32_t row = 0, rows = random.below(40); row < rows; ++row) {
      for (std::uint32_t field = 0, fields = 1 + random.below(4); field < fields; ++field) {
        if (field > 0) text += ',';
        const bool quoted = random.below(3) == 0;
        if (quoted) text += '"';
        for (std::uint32_t i = random.below(8); i > 0; --i) {
          const char c = "abc,\n\"xy"[random.below(8)];
          if (!quoted && (c == ',' || c == '\n' || c == '"')) continue;
          text += c;
          if (c == '"') text += c;
        }
        if (quoted) text += '"';
      }
      text += '\n';
    }
    const auto expected = slow_rows(text);
    const auto path = folder.write("a.csv", text);
    const auto rows = rows_of(path);
    ASSERT_EQ(rows.size(), expected.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(rows[i].fields, expected[i]);
      EXPECT_EQ(rows[i].problem, "");
    }
    EXPECT_EQ(rows_of(folder.write("a.gz", gzipped(text))), rows);
  }
}

TEST(RowReader, GoesOnFromAnyPlaceAsIfItHadNeverStopped) {
  const TestFolder folder;
  std::string text = "\xEF\xBB\xBFid,text\n";
  for (int i = 0; i < 50; ++i)
    text += std::to_string(i) + ",\"a\nb" + std::string(static_cast<std::size_t>(i), 'z') + "\"\n\n";
  for (const auto& path : {folder.write("a.csv", text), folder.write("a.csv.gz", gzipped(text))}) {
    const auto all = rows_of(path);
    ASSERT_EQ(all.size(), 51u);
    auto source = ByteSource::open(path);
    RowReader reader(std::move(*source), {});
    for (std::size_t read = 1; read <= all.size(); ++read) {
      ASSERT_TRUE(reader.next().ok());
      EXPECT_EQ(rows_of(path, {}, reader.place()),
                std::vector(all.begin() + static_cast<std::ptrdiff_t>(read), all.end()));
    }
  }
}

TEST(RowReader, SurvivesRandomBytes) {
  const TestFolder folder;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::string text;
    for (std::uint32_t i = random.below(3000); i > 0; --i) {
      text +=
          random.below(4) == 0 ? static_cast<char>(random.below(256)) : ",\"\"\n\r::ab;"[random.below(11)];
    }
    const auto path = folder.write("a", text);
    for (const char* separator : {",", "::"}) {
      std::uint64_t line = 0;
      for (const ReadRow& row : rows_of(path, {.separator = separator, .max_row_bytes = 200})) {
        EXPECT_GT(row.line, line);
        line = row.line;
        EXPECT_EQ(row.fields.empty(), !row.problem.empty());
      }
    }
  }
}

}  // namespace
}  // namespace winnow
