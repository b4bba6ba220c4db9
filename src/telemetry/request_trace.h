// RequestTrace: where the time of one request went, stage by stage, without allocating.
//
//   RequestTrace trace;
//   { auto timer = trace.stage("retrieve"); ... }   // RAII: charged when the timer goes out of scope
//   trace.add("als", 41.5);                         // measured elsewhere, such as on another thread
//
// A stage that is timed twice adds up. Names are string literals: they are kept by address and compared by
// content. Belongs to one request and one thread. Costs two clock reads (about 50 ns) a stage.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

namespace winnow {

class RequestTrace final {
 public:
  // Stages beyond this many distinct names are left out.
  static constexpr std::size_t kMaxStages = 32;

  struct Entry {
    std::string_view stage;
    double us = 0;
  };

  class [[nodiscard]] Timer final {
   public:
    Timer(RequestTrace& trace, std::string_view stage) : trace_(trace), stage_(stage), start_(now()) {}
    ~Timer() { trace_.add(stage_, us_since(start_)); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

   private:
    RequestTrace& trace_;
    std::string_view stage_;
    std::chrono::steady_clock::time_point start_;
  };

  RequestTrace() : start_(now()) {}

  Timer stage(std::string_view name) { return {*this, name}; }

  void add(std::string_view stage, double us) {
    for (std::size_t i = 0; i < size_; ++i) {
      if (entries_[i].stage == stage) {
        entries_[i].us += us;
        return;
      }
    }
    if (size_ < kMaxStages) entries_[size_++] = {stage, us};
  }

  // In the order in which the stages first ended.
  std::span<const Entry> entries() const { return {entries_.data(), size_}; }

  // Since the trace was made.
  double total_us() const { return us_since(start_); }

 private:
  static std::chrono::steady_clock::time_point now() { return std::chrono::steady_clock::now(); }
  static double us_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::micro>(now() - start).count();
  }

  std::chrono::steady_clock::time_point start_;
  std::array<Entry, kMaxStages> entries_{};
  std::size_t size_ = 0;
};

}  // namespace winnow
