#include "telemetry/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "base/check.h"

namespace winnow {
namespace {

// Upper bounds of the exported histogram buckets, in seconds.
constexpr std::array<double, 17> kBounds = {
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

bool is_name(std::string_view name, bool colons) {
  const auto good = [&](char c, bool first) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':') ||
           (!first && c >= '0' && c <= '9');
  };
  if (name.empty() || !good(name[0], true)) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return good(c, false); });
}

// HELP text escapes backslash and line feed; a label's value the double quote too.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out.push_back(c);
    }
  }
}

std::string rendered(const MetricLabels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    WINNOW_CHECK(is_name(name, false));
    if (!out.empty()) out.push_back(',');
    out.append(name).append("=\"");
    append_escaped(out, value, true);
    out.push_back('"');
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

void append_line(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
                 std::string_view value) {
  out.append(name).append(suffix);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).push_back('\n');
}

}  // namespace

Metrics::Series& Metrics::series(std::string_view name, std::string_view help, Type type,
                                 const MetricLabels& labels) {
  WINNOW_CHECK(is_name(name, true));
  auto found = families_.find(name);
  if (found == families_.end()) {
    found = families_.emplace(std::string(name), Family{type, std::string(help), {}}).first;
  }
  WINNOW_CHECK(found->second.type == type);
  return found->second.series[rendered(labels)];
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const MetricLabels& labels) {
  MutexLock lock(mutex_);
  Series& entry = series(name, help, Type::counter, labels);
  if (!entry.counter) entry.counter = std::make_unique<Counter>();
  return *entry.counter;
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const MetricLabels& labels) {
  MutexLock lock(mutex_);
  Series& entry = series(name, help, Type::gauge, labels);
  if (!entry.gauge) entry.gauge = std::make_unique<Gauge>();
  return *entry.gauge;
}

LatencyHistogram& Metrics::histogram(std::string_view name, std::string_view help,
                                     const MetricLabels& labels) {
  MutexLock lock(mutex_);
  Series& entry = series(name, help, Type::histogram, labels);
  if (!entry.histogram) entry.histogram = std::make_unique<LatencyHistogram>();
  return *entry.histogram;
}

void Metrics::gauge_function(std::string_view name, std::string_view help, const MetricLabels& labels,
                             std::function<double()> read) {
  MutexLock lock(mutex_);
  series(name, help, Type::gauge, labels).read = std::move(read);
}

void Metrics::counter_function(std::string_view name, std::string_view help, const MetricLabels& labels,
                               std::function<double()> read) {
  MutexLock lock(mutex_);
  series(name, help, Type::counter, labels).read = std::move(read);
}

void Metrics::render_series(std::string& out, const std::string& name, const std::string& labels,
                            const Series& series) {
  if (series.read) {
    append_line(out, name, "", labels, number(series.read()));
  } else if (series.counter) {
    append_line(out, name, "", labels, std::to_string(series.counter->value()));
  } else if (series.gauge) {
    append_line(out, name, "", labels, number(series.gauge->value()));
  } else if (series.histogram) {
    const HistogramSnapshot snapshot = series.histogram->snapshot();
    const std::string prefix = labels.empty() ? "" : labels + ",";
    for (const double bound : kBounds) {
      append_line(out, name, "_bucket", fmt::format("{}le=\"{}\"", prefix, bound),
                  std::to_string(snapshot.count_below(bound)));
    }
    append_line(out, name, "_bucket", prefix + "le=\"+Inf\"", std::to_string(snapshot.count()));
    append_line(out, name, "_sum", labels, number(snapshot.sum_s()));
    append_line(out, name, "_count", labels, std::to_string(snapshot.count()));
  }
}

std::string Metrics::render() const {
  static constexpr std::array<std::string_view, 3> kTypes = {"counter", "gauge", "histogram"};
  std::string out;
  MutexLock lock(mutex_);
  for (const auto& [name, family] : families_) {
    out.append("# HELP ").append(name).append(" ");
    append_escaped(out, family.help, false);
    out.append("\n# TYPE ").append(name).append(" ");
    out.append(kTypes[static_cast<std::size_t>(family.type)]).push_back('\n');
    for (const auto& [labels, series] : family.series) render_series(out, name, labels, series);
  }
  return out;
}

}  // namespace winnow
