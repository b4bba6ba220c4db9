// Where a command's words go.
//
// Results go to stdout, remarks, progress and errors to stderr. Colour and moving lines appear only where a
// person looks on: a terminal, unless NO_COLOR is set or TERM is "dumb". In JSON mode stdout carries JSON
// lines and nothing else, and stderr carries errors and alerts only. Not thread-safe: one command, one thread
// that speaks.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace winnow {

enum class Tone : std::uint8_t { plain, strong, faint, good, warning, bad, accent };

struct TerminalOptions {
  bool json = false;
  bool colour_out = false;
  bool colour_err = false;
  bool live_err = false;          // stderr can redraw a line
  std::size_t columns = 100;      // of stdout
  std::size_t columns_err = 100;  // of stderr
};

class Terminal final {
 public:
  Terminal(std::FILE* out, std::FILE* err, TerminalOptions options)
      : out_(out), err_(err), options_(options) {}

  // stdout and stderr of this process, with what they can show.
  static Terminal standard(bool json);

  bool json() const { return options_.json; }
  bool live() const { return options_.live_err && !options_.json; }
  std::size_t columns() const { return options_.columns; }
  std::size_t columns_err() const { return options_.columns_err; }

  // A result for people; nothing in JSON mode.
  void print(std::string_view text);
  // A line of JSON for machines; nothing otherwise.
  void print_json(std::string_view json);
  // Bytes as they are, in either mode: files that a command writes to stdout.
  void print_raw(std::string_view bytes);
  // A remark; nothing in JSON mode.
  void note(std::string_view text);
  // Redraws the last line of stderr; only where live().
  void redraw(std::string_view line);

  // "error: message", the field, and what to try. In JSON mode also {"error":{code,message,field}} on stdout.
  void fail(const Error& error, std::string_view hint = {});
  void warn(std::string_view text);
  // A warning in either mode: that something else happened than was asked for.
  void alert(std::string_view text);

  // The text in a colour, for print; as it is where colours are not shown.
  std::string paint(Tone tone, std::string_view text) const;

  // False when stdout could not take all that was printed (a full disk, a closed pipe).
  bool flush();

 private:
  std::FILE* out_;
  std::FILE* err_;
  TerminalOptions options_;
};

// The text without control characters, so that data cannot steer the terminal.
std::string printable(std::string_view text);

// Columns that the text takes on a screen: combining marks none, East Asian wide characters two.
std::size_t display_width(std::string_view text);

// At most `columns` columns of the text, with an ellipsis where it was cut.
std::string fit(std::string_view text, std::size_t columns);

// 0.4213 -> "421 ms"; 75 -> "1 min 15 s".
std::string human_duration(double seconds);
// "90s", "30m", "2h", "1d" -> seconds; none for anything else, also for no time at all.
std::optional<double> duration_seconds(std::string_view text);
// 1234567 -> "1.2M".
std::string human_count(double count);
// "2026-11-21 08:51:33 UTC"; "never" for 0.
std::string human_time(std::int64_t time_ms);

}  // namespace winnow
