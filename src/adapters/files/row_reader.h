// Rows of text files: lines (JSONL) and delimited rows (CSV, TSV, MovieLens' "|" and "::").
//
// Delimited rows follow RFC 4180: a field that begins with a quote ends at the next lone quote, "" inside
// stands for one, and separators and line ends inside belong to the field. A quote anywhere else is an
// ordinary character. Lines end with LF or CRLF; empty lines are passed over; a byte order mark at the front
// of the file is not part of it.
//
// A row that breaks these rules is given with its problem, and reading goes on with the line after the one
// where that row began. No row can take more memory than max_row_bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/files/stream_window.h"

namespace winnow {

struct RowFormat {
  std::string separator = ",";  // one character, or a string such as "::"; unused for whole lines
  bool quotes = true;
  bool whole_lines = false;  // a row is a line with one field: JSONL
  std::size_t max_row_bytes = 1 << 20;
};

struct Row {
  std::span<const std::string_view> fields;
  std::uint64_t line = 0;    // where it begins, counted from 1
  std::string_view text;     // the row as it stands in the file; the front of it when it is too long
  std::string_view problem;  // empty for a sound row; else what is wrong with it, and `fields` is empty
};

class RowReader final {
 public:
  RowReader(ByteSource source, RowFormat format, Place from = {});

  // The next row; nothing at the end. Its views hold until the next call.
  Result<std::optional<Row>> next();
  // Behind the last row that was given.
  Place place() const { return window_.place(); }
  const ByteSource& source() const { return window_.source(); }

 private:
  Result<std::optional<std::size_t>> find_line_end();
  Result<Row> too_long_line();
  Result<Row> quoted_row(std::size_t first_line_bytes);
  Row broken_row(std::size_t first_line_bytes, std::string_view problem);
  void split_line(std::string_view line);
  Row take(std::size_t bytes, std::uint64_t lines, std::string_view text);

  StreamWindow window_;
  RowFormat format_;
  std::vector<std::string_view> fields_;
  std::string unquoted_;
  std::string excerpt_;
};

}  // namespace winnow
