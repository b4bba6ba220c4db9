#include "winnow/terminal/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "winnow/terminal/progress.h"
#include "winnow/terminal/table.h"

namespace winnow {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A terminal whose two streams are kept in memory.
class Recorded final {
 public:
  explicit Recorded(TerminalOptions options = {})
      : out_file_(open_memstream(&out_bytes_, &out_size_)),
        err_file_(open_memstream(&err_bytes_, &err_size_)),
        terminal(out_file_, err_file_, options) {}
  Recorded(const Recorded&) = delete;
  Recorded& operator=(const Recorded&) = delete;
  ~Recorded() {
    std::fclose(out_file_);
    std::fclose(err_file_);
    std::free(out_bytes_);
    std::free(err_bytes_);
  }
  std::string out() { return std::fflush(out_file_), std::string(out_bytes_, out_size_); }
  std::string err() { return std::fflush(err_file_), std::string(err_bytes_, err_size_); }

 private:
  char* out_bytes_ = nullptr;
  std::size_t out_size_ = 0;
  char* err_bytes_ = nullptr;
  std::size_t err_size_ = 0;
  std::FILE* out_file_;
  std::FILE* err_file_;

 public:
  Terminal terminal;
};

const TerminalOptions kColour{.colour_out = true, .colour_err = true, .live_err = true};

TEST(Terminal, WritesNoEscapesWhereNobodyLooksOn) {
  Recorded plain;
  plain.terminal.print(plain.terminal.paint(Tone::good, "fine"));
  plain.terminal.fail({ErrorCode::invalid, "no such thing", "als.dims"}, "winnow config");
  EXPECT_EQ(plain.out(), "fine\n");
  EXPECT_EQ(plain.err(), "error: no such thing\n  field: als.dims\n  try: winnow config\n");
}

TEST(Terminal, PaintsOnATerminal) {
  Recorded screen(kColour);
  screen.terminal.print(screen.terminal.paint(Tone::good, "fine"));
  EXPECT_EQ(screen.out(), "\x1b[32mfine\x1b[0m\n");
}

TEST(Terminal, InJsonModeStdoutCarriesNothingElse) {
  Recorded machine({.json = true});
  machine.terminal.print("for people");
  machine.terminal.note("for people");
  machine.terminal.print_json("{\"a\":1}");
  machine.terminal.fail({ErrorCode::not_found, "no user \"7\"", ""});
  EXPECT_EQ(
      machine.out(),
      "{\"a\":1}\n{\"error\":{\"code\":\"not_found\",\"message\":\"no user \\\"7\\\"\",\"field\":null}}\n");
  EXPECT_EQ(machine.err(), "error: no user \"7\"\n");
}

TEST(Terminal, TextOfOthersCannotSteerIt) {
  EXPECT_EQ(printable("a\x1b[31mb\r\nc\xc2\x9b"
                      "d"),
            "a [31mb  c d");
  EXPECT_EQ(printable("gnp\xe2\x80\xae.exe"), "gnp .exe");
  EXPECT_EQ(printable("bad \xff byte"), "bad ? byte");
}

TEST(Terminal, MeasuresWhatAScreenShows) {
  EXPECT_EQ(display_width("Amélie"), 6u);
  EXPECT_EQ(display_width("e\xcc\x81"), 1u);
  EXPECT_EQ(display_width("千と千尋"), 8u);
  EXPECT_EQ(fit("千と千尋", 5), "千と…");
  EXPECT_EQ(fit("short", 5), "short");
  EXPECT_EQ(fit("longer", 5), "long…");
}

TEST(Terminal, ShowsNumbersAsPeopleSayThem) {
  EXPECT_EQ(human_duration(0.0004), "400 µs");
  EXPECT_EQ(human_duration(0.42), "420 ms");
  EXPECT_EQ(human_duration(75), "1 min 15 s");
  EXPECT_EQ(human_duration(90'000), "1 d 1 h");
  EXPECT_EQ(duration_seconds("30m"), 1800);
  EXPECT_EQ(duration_seconds("1.5h"), 5400);
  for (const char* wrong : {"", "m", "30", "0s", "-2h", "3x"}) {
    EXPECT_EQ(duration_seconds(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(human_count(0.5), "0.5");
  EXPECT_EQ(human_count(1'234'567), "1.2M");
  EXPECT_EQ(human_time(1'700'000'000'000), "2023-11-14 22:13:20 UTC");
  EXPECT_EQ(human_time(0), "never");
}

TEST(Table, AlignsItsColumns) {
  Recorded plain;
  Table table({{"name"}, {"count", Table::Align::right}});
  table.add_row({"als", "5"});
  table.add_row({"item to item", "1,024"});
  EXPECT_EQ(table.render(plain.terminal),
            "name          count\n"
            "als               5\n"
            "item to item  1,024\n");
}

TEST(Table, CutsTheWidestTextToFitTheScreen) {
  Recorded narrow({.columns = 30});
  Table table({{"id"}, {"title"}, {"score", Table::Align::right}});
  table.add_row({"1", "A very long title that does not fit at all", "12345.678"});
  const std::string text = table.render(narrow.terminal);
  EXPECT_THAT(text, HasSubstr("A very long ti…"));
  EXPECT_THAT(text, HasSubstr("12345.678"));
}

TEST(Table, ColoursDoNotShiftItsColumns) {
  Recorded screen(kColour);
  Table table({{"state"}, {"what"}});
  table.add_row({{"ok", Tone::good}, "store"});
  EXPECT_THAT(table.render(screen.terminal), HasSubstr("\x1b[32mok\x1b[0m     store"));
}

TEST(Progress, WritesALineForEveryTenthWhereThereIsNoTerminal) {
  Recorded plain;
  double now = 0;
  Progress progress(plain.terminal, "importing", Progress::Unit::count, [&] { return now; });
  for (std::uint64_t done = 0; done <= 1000; ++done) {
    now = static_cast<double>(done) * 0.05;
    progress.update(done, 1000);
  }
  progress.finish("1,000 rows");
  const std::string err = plain.err();
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 11);
  EXPECT_THAT(err, HasSubstr("importing   50%  500 of 1,000  20/s  25.0 s left\n"));
  EXPECT_THAT(err, HasSubstr("importing  1,000 rows  in 50.0 s\n"));
  EXPECT_THAT(err, Not(HasSubstr("\x1b")));
}

TEST(Progress, OfAShortStepIsItsLastLineAlone) {
  Recorded plain;
  double now = 0;
  Progress progress(plain.terminal, "loading", Progress::Unit::count, [&] { return now; });
  for (std::uint64_t done = 0; done <= 100; ++done) {
    now = static_cast<double>(done) * 0.001;
    progress.update(done, 100);
  }
  progress.finish("done");
  EXPECT_EQ(plain.err(), "loading  done  in 100 ms\n");
}

TEST(Progress, RedrawsOneLineOnATerminal) {
  Recorded screen(kColour);
  double now = 0;
  Progress progress(screen.terminal, "importing", Progress::Unit::bytes, [&] { return now; });
  for (std::uint64_t done = 0; done <= 1000; ++done) {
    now = static_cast<double>(done) * 0.01;
    progress.update(done * 1024, 1000 * 1024);
  }
  const std::string err = screen.err();
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 0);
  EXPECT_THAT(err, HasSubstr("████████████░░░░░░░░░░░░"));
}

TEST(Progress, SaysNothingInJsonMode) {
  Recorded machine({.json = true});
  double now = 0;
  {
    Progress progress(machine.terminal, "importing", Progress::Unit::count, [&] { return now; });
    now = 100;
    progress.update(50, 100);
    progress.finish("done");
  }
  EXPECT_EQ(machine.out() + machine.err(), "");
}

}  // namespace
}  // namespace winnow
