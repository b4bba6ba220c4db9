// A ranker of the user's own, as an ONNX model, run by ONNX Runtime's library, which is loaded at run time:
// Winnow neither links nor ships it, and lacks nothing without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace winnow {

struct OnnxOptions {
  // libonnxruntime.so; empty: what the environment names as WINNOW_ONNXRUNTIME, then where the loader looks,
  // then those of Python's packages (VIRTUAL_ENV, /usr/local, /usr).
  std::filesystem::path library;
  std::uint32_t threads = 1;  // of one call
};

// Immutable and thread-safe.
class OnnxRanker final {
 public:
  // model: one input of floats, any number of rows x inputs, and a first output of floats, rows x heads; what
  // it keeps in other files lies beside it. unavailable: no library; invalid: the library refuses the model,
  // it is of another form, or it cannot score a few rows of zeros.
  static Result<OnnxRanker> open(const std::filesystem::path& model, const OnnxOptions& options = {});

  OnnxRanker(OnnxRanker&&) noexcept;
  OnnxRanker& operator=(OnnxRanker&&) noexcept;
  ~OnnxRanker();

  // rows: any number x inputs(), row-major; scores: the same number x heads(). invalid: a score is not
  // finite; internal: what ONNX Runtime says. Allocates.
  Status score(std::span<const float> rows, std::span<float> scores) const;

  std::size_t inputs() const;
  std::size_t heads() const;

 private:
  class Session;
  explicit OnnxRanker(std::unique_ptr<const Session> session);
  std::unique_ptr<const Session> session_;
};

}  // namespace winnow
