// Metrics: every counter, gauge and histogram of the process, rendered in Prometheus' text format 0.0.4.
//
// One object is made in apps/ and handed to whoever measures. Ask once for an instrument and keep the
// reference: it lives as long as the Metrics, and using it takes no lock. Asking again for the same name and
// labels gives the same instrument. Names and labels come from code, so a malformed one is a bug
// (WINNOW_CHECK).
//
// Format: https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "telemetry/histogram.h"

namespace winnow {

class Counter final {
 public:
  void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge final {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double by) { value_.fetch_add(by, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// {{"surface", "home"}, {"level", "full"}}: any values, which are escaped when rendered.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class Metrics final {
 public:
  Metrics() = default;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter& counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  // Seconds; the name ends in _seconds.
  LatencyHistogram& histogram(std::string_view name, std::string_view help, const MetricLabels& labels = {});

  // A gauge that is asked for its value when metrics are read. `read` is called on the reader's thread and
  // must stay callable as long as this object is read. Registering the same name and labels again replaces
  // it.
  void gauge_function(std::string_view name, std::string_view help, const MetricLabels& labels,
                      std::function<double()> read);
  // The same for a number that only grows.
  void counter_function(std::string_view name, std::string_view help, const MetricLabels& labels,
                        std::function<double()> read);

  // Families in order of name, series in order of labels. O(number of series).
  std::string render() const;

 private:
  enum class Type { counter, gauge, histogram };
  struct Series {
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<LatencyHistogram> histogram;
    std::function<double()> read;
  };
  struct Family {
    Type type = Type::counter;
    std::string help;
    std::map<std::string, Series> series;  // by rendered labels: a="b",c="d"
  };
  Series& series(std::string_view name, std::string_view help, Type type, const MetricLabels& labels)
      WINNOW_REQUIRES(mutex_);
  static void render_series(std::string& out, const std::string& name, const std::string& labels,
                            const Series& series);

  mutable Mutex mutex_;
  std::map<std::string, Family, std::less<>> families_ WINNOW_GUARDED_BY(mutex_);
};

}  // namespace winnow
