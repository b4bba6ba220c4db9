#include "ann_engines/arguments.h"

#include <fmt/format.h>

#include <sstream>

#include "base/text.h"

namespace winnow::bench {

Arguments parse_arguments(std::span<char* const> words) {
  if (words.size() % 2 != 0) give_up("arguments are pairs: --name value");
  Arguments given;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::string name = words[i];
    if (!name.starts_with("--")) give_up("\"" + name + "\" is no --name");
    given[name.substr(2)] = words[i + 1];
  }
  return given;
}

std::string text(const Arguments& given, const std::string& name, const std::string& otherwise) {
  const auto at = given.find(name);
  return at == given.end() ? otherwise : at->second;
}

std::uint32_t number(const Arguments& given, const std::string& name, std::uint32_t otherwise) {
  const auto value = parse_int(text(given, name, std::to_string(otherwise)));
  if (!value || *value < 0) give_up("--" + name + " takes a number");
  return static_cast<std::uint32_t>(*value);
}

Metric metric_of(const Arguments& given) {
  const auto metric = parse_metric(text(given, "metric", "ip"));
  if (!metric.ok()) give_up(metric.error().message);
  return *metric;
}

std::vector<SearchEffort> read_efforts(const Arguments& given) {
  std::vector<SearchEffort> efforts;
  std::istringstream list(text(given, "efforts", ""));
  for (std::string one; std::getline(list, one, ',');) {
    std::istringstream parts(one);
    SearchEffort effort;
    char colon = 0;
    if (!(parts >> effort.nprobe >> colon >> effort.rerank >> colon >> effort.reach) || !parts.eof()) {
      give_up("\"" + one + "\" is no effort: --efforts takes NPROBE:RERANK:REACH, and commas between them");
    }
    efforts.push_back(effort);
  }
  return efforts;
}

Task read_task(const Arguments& given) {
  Task task;
  task.k = number(given, "k", 50);
  task.metric = metric_of(given);
  task.base = read_fbin(text(given, "base", ""));
  task.truth = read_ibin(text(given, "truth", ""));
  task.queries = read_fbin(text(given, "queries", ""), number(given, "limit-queries", task.truth.rows()));
  task.cache = text(given, "cache", "");
  task.keep = number(given, "keep", 0) != 0;
  if (task.truth.columns < task.k)
    give_up(fmt::format("the answers are {} deep, not {}", task.truth.columns, task.k));
  if (task.truth.rows() < task.queries.rows()) give_up("fewer answers than queries");
  if (task.base.columns != task.queries.columns) give_up("base and queries differ in dimensions");
  return task;
}

}  // namespace winnow::bench
