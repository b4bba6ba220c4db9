// A table of text, with columns as wide as they need to be and no wider than the terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "winnow/terminal/terminal.h"

namespace winnow {

class Table final {
 public:
  enum class Align : std::uint8_t { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  struct Cell {
    std::string text;
    Tone tone = Tone::plain;
    Cell(std::string words, Tone colour = Tone::plain)
        : text(std::move(words)), tone(colour) {}  // NOLINT: implicit
    Cell(const char* words) : text(words) {}       // NOLINT: implicit
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Missing cells are empty; control characters in them are made spaces.
  void add_row(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }

  // Lines that end in newlines. When the table is too wide, the widest left-aligned columns are cut.
  std::string render(const Terminal& terminal) const;

 private:
  std::vector<std::size_t> widths(std::size_t limit) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace winnow
