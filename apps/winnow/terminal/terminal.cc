#include "winnow/terminal/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"

namespace winnow {
namespace {

constexpr std::size_t kUnbounded = 10'000;

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::strong:
      return "\x1b[1m";
    case Tone::faint:
      return "\x1b[2m";
    case Tone::good:
      return "\x1b[32m";
    case Tone::warning:
      return "\x1b[33m";
    case Tone::bad:
      return "\x1b[31m";
    case Tone::accent:
      return "\x1b[36m";
  }
  return "";
}

std::string painted(bool colour, Tone tone, std::string_view text) {
  if (!colour || tone == Tone::plain || text.empty()) return std::string(text);
  return fmt::format("{}{}\x1b[0m", escape_of(tone), text);
}

void write_line(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
  if (text.empty() || text.back() != '\n') std::fputc('\n', file);
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

Terminal Terminal::standard(bool json) {
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  const bool colour = !dumb && !is_set("NO_COLOR");
  TerminalOptions options;
  options.json = json;
  options.colour_out = colour && isatty(STDOUT_FILENO);
  options.colour_err = colour && isatty(STDERR_FILENO);
  options.live_err = !dumb && isatty(STDERR_FILENO);
  options.columns = kUnbounded;  // a file or pipe gets every word
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) options.columns = size.ws_col;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) options.columns_err = size.ws_col;
  return Terminal(stdout, stderr, options);
}

void Terminal::print(std::string_view text) {
  if (!options_.json) write_line(out_, text);
}

void Terminal::print_json(std::string_view json) {
  if (!options_.json) return;
  write_line(out_, json);
  std::fflush(out_);
}

void Terminal::print_raw(std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), out_); }

void Terminal::note(std::string_view text) {
  if (!options_.json) write_line(err_, painted(options_.colour_err, Tone::faint, text));
}

void Terminal::redraw(std::string_view line) {
  if (!live()) return;
  std::fprintf(err_, "\r\x1b[2K%.*s", static_cast<int>(line.size()), line.data());
  std::fflush(err_);
}

void Terminal::fail(const Error& error, std::string_view hint) {
  if (options_.json) {
    print_json(fmt::format(R"({{"error":{{"code":{},"message":{},"field":{}}}}})",
                           json_quoted(name_of(error.code)), json_quoted(error.message),
                           error.field.empty() ? "null" : json_quoted(error.field)));
  }
  std::fflush(out_);  // what was said before the error stands before it
  write_line(err_, painted(options_.colour_err, Tone::bad, "error: ") + printable(error.message));
  const auto line = [&](std::string_view label, std::string_view text) {
    write_line(err_, painted(options_.colour_err, Tone::faint, label) + printable(text));
  };
  if (!error.field.empty()) line("  field: ", error.field);
  if (!hint.empty()) line("  try: ", hint);
}

void Terminal::warn(std::string_view text) {
  if (!options_.json) alert(text);
}

void Terminal::alert(std::string_view text) {
  write_line(err_, painted(options_.colour_err, Tone::warning, "warning: ") + std::string(text));
}

std::string Terminal::paint(Tone tone, std::string_view text) const {
  return painted(options_.colour_out, tone, text);
}

bool Terminal::flush() { return std::fflush(out_) == 0 && std::ferror(out_) == 0; }

}  // namespace winnow
