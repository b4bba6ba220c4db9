#include "adapters/files/row_reader.h"

#include <algorithm>
#include <cstring>

namespace winnow {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kQuotedTooLong = "a quoted field runs over the row limit";

std::string_view without_return(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

std::size_t find_byte(std::string_view text, char byte, std::size_t from) {
  if (from >= text.size()) return std::string_view::npos;
  const void* found = std::memchr(text.data() + from, byte, text.size() - from);
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

RowReader::RowReader(ByteSource source, RowFormat format, Place from)
    : window_(std::move(source), from), format_(std::move(format)) {}

// Bytes before the line end of the first unread line, which is in the window afterwards, or the rest of the
// file. Nothing when the line is over the limit.
Result<std::optional<std::size_t>> RowReader::find_line_end() {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view unread = window_.unread();
    const std::size_t at = find_byte(unread, '\n', searched);
    if (at != std::string_view::npos) {
      return at > format_.max_row_bytes ? std::nullopt : std::optional(at);
    }
    if (unread.size() > format_.max_row_bytes) return std::optional<std::size_t>{};
    searched = unread.size();
    WINNOW_TRY(const bool more, window_.grow());
    if (!more) return std::optional(searched);
  }
}

Result<std::optional<Row>> RowReader::next() {
  if (window_.place().offset == 0) {
    while (window_.unread().size() < kByteOrderMark.size()) {
      WINNOW_TRY(const bool more, window_.grow());
      if (!more) break;
    }
    if (window_.unread().starts_with(kByteOrderMark)) window_.consume(kByteOrderMark.size(), 0);
  }
  for (;;) {
    WINNOW_TRY(const auto end, find_line_end());
    if (!end) {
      WINNOW_TRY(const Row row, too_long_line());
      return std::optional(row);
    }
    const std::string_view unread = window_.unread();
    if (unread.empty()) return std::optional<Row>{};
    const std::size_t bytes = std::min(*end + 1, unread.size());  // the last line may lack its end
    const std::string_view line = without_return(unread.substr(0, *end));
    if (line.empty()) {
      window_.consume(bytes, 1);
      continue;
    }
    if (format_.quotes && !format_.whole_lines && find_byte(line, '"', 0) != std::string_view::npos) {
      WINNOW_TRY(const Row row, quoted_row(bytes));
      return std::optional(row);
    }
    split_line(line);
    return std::optional(take(bytes, 1, line));
  }
}

Row RowReader::take(std::size_t bytes, std::uint64_t lines, std::string_view text) {
  const Row row{.fields = fields_, .line = window_.place().line, .text = text, .problem = {}};
  window_.consume(bytes, lines);
  return row;
}

void RowReader::split_line(std::string_view line) {
  fields_.clear();
  if (format_.whole_lines) {
    fields_.push_back(line);
    return;
  }
  if (format_.separator.size() == 1) {
    const char* at = line.data();
    const char* const end = at + line.size();
    while (const void* found = std::memchr(at, format_.separator[0], static_cast<std::size_t>(end - at))) {
      const char* const stop = static_cast<const char*>(found);
      fields_.emplace_back(at, static_cast<std::size_t>(stop - at));
      at = stop + 1;
    }
    fields_.emplace_back(at, static_cast<std::size_t>(end - at));
    return;
  }
  for (std::size_t at; (at = line.find(format_.separator)) != std::string_view::npos;
       line.remove_prefix(at + format_.separator.size())) {
    fields_.push_back(line.substr(0, at));
  }
  fields_.push_back(line);
}

// The row at the front of the window, which has a quote in its first line.
Result<Row> RowReader::quoted_row(std::size_t first_line_bytes) {
  // Places in the window move when it grows, and unquoted_ when it is appended to: fields are kept as ranges
  // first.
  struct Range {
    bool unquoted;
    std::size_t begin, end;
  };
  std::vector<Range> ranges;
  unquoted_.clear();
  std::string_view unread = window_.unread();
  std::uint64_t lines = 0;
  std::size_t at = 0;
  // True when byte `index` of the row is in the window afterwards.
  const auto have = [&](std::size_t index) -> Result<bool> {
    while (index >= unread.size()) {
      WINNOW_TRY(const bool more, window_.grow());
      unread = window_.unread();
      if (!more) return false;
    }
    return true;
  };

  for (bool row_ends = false; !row_ends;) {
    WINNOW_TRY(const bool any, have(at));
    if (any && unread[at] == '"') {
      const std::size_t begin = unquoted_.size();
      ++at;
      for (;;) {
        if (at > format_.max_row_bytes) return broken_row(first_line_bytes, kQuotedTooLong);
        WINNOW_TRY(const bool inside, have(at));
        if (!inside) return broken_row(first_line_bytes, "a quote is opened and never closed");
        std::size_t stop = find_byte(unread, '"', at);
        if (stop == std::string_view::npos) stop = unread.size();
        lines +=
            static_cast<std::uint64_t>(std::count(unread.begin() + static_cast<std::ptrdiff_t>(at),
                                                  unread.begin() + static_cast<std::ptrdiff_t>(stop), '\n'));
        unquoted_.append(unread, at, stop - at);
        at = stop;
        if (at == unread.size()) continue;
        WINNOW_TRY(const bool doubled, have(at + 1));
        if (!doubled || unread[at + 1] != '"') break;
        unquoted_.push_back('"');
        at += 2;
      }
      ++at;  // the closing quote
      ranges.push_back({true, begin, unquoted_.size()});
      // Both a CRLF and a long separator may still be cut by the window's end.
      WINNOW_TRY(const bool more, have(at + std::max<std::size_t>(1, format_.separator.size())));
      static_cast<void>(more);
      if (unread.substr(at).starts_with("\r\n") || unread.substr(at) == "\r") ++at;
      if (at >= unread.size() || unread[at] == '\n') {
        row_ends = true;
      } else if (unread.substr(at).starts_with(format_.separator)) {
        at += format_.separator.size();
      } else {
        return broken_row(first_line_bytes, "text follows a closing quote");
      }
    } else {
      std::size_t line_end;
      for (std::size_t searched = at;;) {
        line_end = find_byte(unread, '\n', searched);
        if (line_end != std::string_view::npos) break;
        searched = unread.size();
        if (searched > format_.max_row_bytes)
          return broken_row(first_line_bytes, "the row is over the limit");
        WINNOW_TRY(const bool more, have(searched));
        if (!more) {
          line_end = unread.size();
          break;
        }
      }
      const std::size_t next = unread.substr(0, line_end).find(format_.separator, at);
      if (next != std::string_view::npos) {
        ranges.push_back({false, at, next});
        at = next + format_.separator.size();
      } else {
        ranges.push_back({false, at, at + without_return(unread.substr(at, line_end - at)).size()});
        at = line_end;
        row_ends = true;
      }
    }
  }

  if (at > format_.max_row_bytes) return broken_row(first_line_bytes, kQuotedTooLong);
  const std::size_t bytes = std::min(at + 1, unread.size());
  fields_.clear();
  for (const Range& range : ranges) {
    const std::string_view from = range.unquoted ? std::string_view(unquoted_) : unread;
    fields_.push_back(from.substr(range.begin, range.end - range.begin));
  }
  return take(bytes, lines + 1, without_return(unread.substr(0, at)));
}

// Gives the first line with the problem, and goes on behind it.
Row RowReader::broken_row(std::size_t first_line_bytes, std::string_view problem) {
  fields_.clear();
  std::string_view line = window_.unread().substr(0, first_line_bytes);
  if (line.ends_with('\n')) line.remove_suffix(1);
  Row row = take(first_line_bytes, 1, without_return(line));
  row.problem = problem;
  return row;
}

// The line at the front of the window is over the limit: its rest is passed over without being kept.
Result<Row> RowReader::too_long_line() {
  constexpr std::size_t kExcerptBytes = 4096;
  fields_.clear();
  excerpt_ = window_.unread().substr(0, kExcerptBytes);
  const std::uint64_t line = window_.place().line;
  for (;;) {
    const std::string_view unread = window_.unread();
    const std::size_t at = find_byte(unread, '\n', 0);
    if (at != std::string_view::npos) {
      window_.consume(at + 1, 1);
      break;
    }
    window_.consume(unread.size(), 0);
    WINNOW_TRY(const bool more, window_.grow());
    if (!more) break;
  }
  return Row{.fields = fields_, .line = line, .text = excerpt_, .problem = "the row is over the limit"};
}

}  // namespace winnow
