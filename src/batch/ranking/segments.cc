#include "batch/ranking/segments.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <utility>

#include "batch/ranking/set_columns.h"

namespace winnow {
namespace {

constexpr float kDaysOfYear = 365.25f;

using Belongs = std::function<bool(std::span<const float> row)>;

Segment segment(const RankingSet& set, std::string name, std::string words, const Belongs& belongs) {
  Segment out{std::move(name), std::move(words), {}, {0}};
  for (std::size_t g = 0; g < set.group_count(); ++g) {
    for (std::uint64_t r = set.groups[g]; r < set.groups[g + 1]; ++r) {
      if (belongs(set.row(r))) out.rows.push_back(static_cast<std::uint32_t>(r));
    }
    if (out.rows.size() > out.groups.back()) out.groups.push_back(out.rows.size());
  }
  return out;
}

}  // namespace

std::vector<Segment> segments_of(const RankingSet& set) {
  std::vector<Segment> out;
  const auto add = [&](std::string name, std::string words, const Belongs& belongs) {
    Segment found = segment(set, std::move(name), std::move(words), belongs);
    const bool all = !out.empty() && found.rows.size() == set.rows();
    if (!found.rows.empty() && !all) out.push_back(std::move(found));
  };
  add("all", "", [](auto) { return true; });

  if (const auto events = place_of(set.features, "user.events")) {
    // The feature is log(1 + actions).
    const auto users = [&](std::string name, std::string words, double least, double below) {
      add(std::move(name), std::move(words), [=](std::span<const float> row) {
        const double actions = std::round(std::expm1(double{row[*events]}));
        return actions >= least && actions < below;
      });
    };
    users("new users", "below 20 actions", 0, 20);
    users("light users", "20 to 99 actions", 20, 100);
    users("heavy users", "100 actions or more", 100, HUGE_VAL);
  }

  const auto years = place_of(set.features, "item.age_years");
  const auto known = place_of(set.features, "item.age_known");
  if (years && known) {
    const auto items = [&](std::string name, std::string words, float least_days, float below_days) {
      add(std::move(name), std::move(words), [=](std::span<const float> row) {
        const float days = row[*years] * kDaysOfYear;
        return row[*known] > 0 && days >= least_days && days < below_days;
      });
    };
    items("new items", "younger than 30 days", -HUGE_VALF, 30);
    items("recent items", "younger than a year", 30, kDaysOfYear);
    items("old items", "older than a year", kDaysOfYear, HUGE_VALF);
    add("undated items", "of unknown age", [=](std::span<const float> row) { return !(row[*known] > 0); });
  }
  return out;
}

}  // namespace winnow
