#include "learning/census.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

namespace winnow {
namespace {

constexpr std::size_t kColumns = 42;
constexpr std::size_t kMarital = 7;
constexpr std::size_t kIncome = 41;
constexpr std::array<std::size_t, 7> kNumbers = {0, 5, 16, 17, 18, 30, 39};
constexpr std::array<std::size_t, 5> kLeftOut = {kMarital, 22, 23, 24, kIncome};
constexpr std::size_t kLeastRows = 20;
constexpr std::size_t kBins = 32;    // of a number's values above 0, of as many rows each
constexpr std::uint64_t kSplit = 7;  // the hash's seed

using Row = std::vector<std::string_view>;

bool among(std::span<const std::size_t> columns, std::size_t column) {
  return std::ranges::find(columns, column) != columns.end();
}

enum class Part { train, validation, test };

Part part_of(std::string_view line) {
  const std::uint64_t bucket = hash64(line, kSplit) % 32;
  return bucket < 8 ? Part::test : bucket < 11 ? Part::validation : Part::train;
}

// Where a column's values go.
class Encoding final {
 public:
  explicit Encoding(const std::vector<Row>& rows) {
    for (std::size_t column = 0; column < kColumns; ++column) {
      if (among(kLeftOut, column)) continue;
      if (among(kNumbers, column)) {
        numbers_.emplace(column, names_.size());
        names_.push_back(fmt::format("c{}", column));
        add_bins(column, rows);
        continue;
      }
      std::map<std::string_view, std::size_t> counts;
      for (const Row& row : rows) ++counts[row[column]];
      for (const auto& [value, count] : counts) {
        if (count < kLeastRows) continue;
        categories_[column].emplace(value, names_.size());
        names_.push_back(fmt::format("c{}={}", column, value));
      }
    }
  }

  const std::vector<std::string>& names() const { return names_; }

  void append(const Row& row, std::vector<float>& values) const {
    const std::size_t from = values.size();
    values.resize(from + names_.size());
    for (const auto& [column, feature] : numbers_) {
      const double number = number_in(row, column);
      values[from + feature] = static_cast<float>(std::log1p(number));
      const Bins& bins = bins_.at(column);
      const auto bin = std::ranges::upper_bound(bins.edges, number) - bins.edges.begin();
      values[from + bins.first + static_cast<std::size_t>(bin)] = 1;
    }
    for (const auto& [column, known] : categories_) {
      if (const auto found = known.find(row[column]); found != known.end()) values[from + found->second] = 1;
    }
  }

 private:
  struct Bins {
    std::vector<double> edges;  // ascending; bin k ends below edge k
    std::size_t first = 0;      // feature
  };

  static double number_in(const Row& row, std::size_t column) {
    return parse_double(row[column]).value_or(0);
  }

  void add_bins(std::size_t column, const std::vector<Row>& rows) {
    std::vector<double> above;
    for (const Row& row : rows) {
      if (const double number = number_in(row, column); number > 0) above.push_back(number);
    }
    std::ranges::sort(above);
    Bins& bins = bins_[column];
    for (std::size_t k = 0; k < kBins && !above.empty(); ++k)
      bins.edges.push_back(above[k * above.size() / kBins]);
    bins.edges.erase(std::unique(bins.edges.begin(), bins.edges.end()), bins.edges.end());
    bins.first = names_.size();
    for (std::size_t k = 0; k <= bins.edges.size(); ++k)
      names_.push_back(fmt::format("c{} bin {}", column, k));
  }

  std::vector<std::string> names_;
  std::map<std::size_t, Bins> bins_;
  std::map<std::size_t, std::size_t> numbers_;
  std::map<std::size_t, std::map<std::string, std::size_t, std::less<>>> categories_;
};

RankingSet set_of(const std::vector<Row>& rows, const Encoding& encoding) {
  RankingSet set;
  set.features = encoding.names();
  set.heads.assign(kCensusTasks.begin(), kCensusTasks.end());
  for (const Row& row : rows) {
    encoding.append(row, set.values);
    set.labels.push_back(row[kIncome].starts_with('5') ? 1.0f : 0.0f);
    set.labels.push_back(row[kMarital] == "Never married" ? 1.0f : 0.0f);
    set.weights.push_back(1);
    set.groups.push_back(set.rows());
    set.time_ms.push_back(0);
  }
  return set;
}

}  // namespace

Result<CensusSets> read_census(const std::filesystem::path& path, CensusCut cut) {
  WINNOW_TRY(const std::string text, read_file(path));
  std::vector<Row> train, judged;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    Row row;
    for (const std::string_view value : split(line, ',')) row.push_back(trim(value));
    if (row.size() != kColumns)
      return Error{ErrorCode::invalid,
                   fmt::format("{}: a line of {} columns, not {}", path.string(), row.size(), kColumns), ""};
    const Part part = part_of(line);
    if (part == Part::test && cut == CensusCut::validation) continue;
    const bool learned = part == Part::train || (part == Part::validation && cut == CensusCut::test);
    (learned ? train : judged).push_back(std::move(row));
  }
  const Encoding encoding(train);
  return CensusSets{set_of(train, encoding), set_of(judged, encoding)};
}

RankingSet with_head(const RankingSet& set, std::size_t head) {
  RankingSet out = set;
  out.heads = {set.heads[head]};
  out.labels.clear();
  for (std::size_t r = 0; r < set.rows(); ++r) out.labels.push_back(set.labels_of(r)[head]);
  return out;
}

}  // namespace winnow
