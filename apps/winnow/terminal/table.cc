#include "winnow/terminal/table.h"

#include <algorithm>
#include <utility>

namespace winnow {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;  // no column is cut below this

}  // namespace

void Table::add_row(std::vector<Cell> cells) {
  cells.resize(columns_.size(), Cell(""));
  for (Cell& cell : cells) cell.text = printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths(std::size_t limit) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = display_width(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, display_width(row[c].text));
    widths.push_back(width);
  }
  std::size_t total = kGap * (columns_.empty() ? 0 : columns_.size() - 1);
  for (const std::size_t width : widths) total += width;
  while (total > limit) {
    std::size_t widest = widths.size();
    for (std::size_t c = 0; c < widths.size(); ++c) {
      if (columns_[c].align != Align::left || widths[c] <= kNarrowest) continue;
      if (widest == widths.size() || widths[c] > widths[widest]) widest = c;
    }
    if (widest == widths.size()) break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::string Table::render(const Terminal& terminal) const {
  const std::vector<std::size_t> widths = this->widths(terminal.columns());
  std::string out;
  const auto add_line = [&](auto&& text_of, auto&& tone_of) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string text = fit(text_of(c), widths[c]);
      const std::string padding(widths[c] - display_width(text), ' ');
      if (c > 0) line.append(kGap, ' ');
      const std::string painted = terminal.paint(tone_of(c), text);
      line += columns_[c].align == Align::right ? padding + painted : painted + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  };
  add_line([&](std::size_t c) { return columns_[c].title; }, [](std::size_t) { return Tone::faint; });
  for (const auto& row : rows_) {
    add_line([&](std::size_t c) { return row[c].text; }, [&](std::size_t c) { return row[c].tone; });
  }
  return out;
}

}  // namespace winnow
