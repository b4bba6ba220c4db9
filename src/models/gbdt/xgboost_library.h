// XGBoost's own library for training, loaded at run time through its C API: Winnow neither links nor ships
// it. Debian's 1.7 and PyPI's 2 and 3 serve alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace winnow {

struct XgboostFunctions;

// A loaded library; it stays loaded until the program ends, since its threads do. Thread-safe; copies share
// it.
class XgboostLibrary final {
 public:
  // `given`; when it is empty, the file that the environment names as WINNOW_XGBOOST, then Debian's, then
  // those of Python's packages (VIRTUAL_ENV, /usr/local, /usr). unavailable says how to get one.
  static Result<XgboostLibrary> open(const std::filesystem::path& given = {});

  const XgboostFunctions& functions() const { return *functions_; }
  std::string version() const;              // "1.7.4"
  void* loaded() const { return loaded_; }  // for dlsym: what else the C API has
  // What the last failed call of this thread said.
  Error error(std::string_view doing) const;

 private:
  XgboostLibrary(void* loaded, std::shared_ptr<const XgboostFunctions> functions)
      : loaded_(loaded), functions_(std::move(functions)) {}
  void* loaded_;
  std::shared_ptr<const XgboostFunctions> functions_;
};

// Rows to learn from or to predict, copied.
class XgboostMatrix final {
 public:
  // values: any number x columns, row-major; NaN: missing.
  static Result<XgboostMatrix> create(const XgboostLibrary& library, std::span<const float> values,
                                      std::size_t columns);
  XgboostMatrix(XgboostMatrix&& other) noexcept
      : library_(std::move(other.library_)), handle_(std::exchange(other.handle_, nullptr)) {}
  XgboostMatrix& operator=(XgboostMatrix&&) = delete;
  ~XgboostMatrix();

  const XgboostLibrary& library() const { return library_; }
  void* handle() const { return handle_; }

 private:
  XgboostMatrix(const XgboostLibrary& library, void* handle) : library_(library), handle_(handle) {}
  XgboostLibrary library_;
  void* handle_;
};

using XgboostParameters = std::vector<std::pair<std::string, std::string>>;

// An ensemble that grows by a tree a round, along gradients that the caller works out. One thread at a time.
class XgboostBooster final {
 public:
  // Predictions of `matrices`, all of one library, are kept up as trees are added; they outlive it.
  static Result<XgboostBooster> create(std::span<const XgboostMatrix* const> matrices,
                                       const XgboostParameters& parameters);
  XgboostBooster(XgboostBooster&& other) noexcept
      : library_(std::move(other.library_)), handle_(std::exchange(other.handle_, nullptr)) {}
  XgboostBooster& operator=(XgboostBooster&&) = delete;
  ~XgboostBooster();

  // One more round. Both are of the rows of `train`, by the loss's margin; hessians >= 0.
  Status boost(const XgboostMatrix& train, std::span<float> gradients, std::span<float> hessians);

  enum class Output : std::uint8_t { predictions = 0, margins = 1 };
  Result<std::vector<float>> predict(const XgboostMatrix& rows, Output output) const;

  // The model as UBJSON (xgboost_model.h).
  Result<std::string> save() const;

 private:
  XgboostBooster(const XgboostLibrary& library, void* handle) : library_(library), handle_(handle) {}
  XgboostLibrary library_;
  void* handle_;
};

}  // namespace winnow
