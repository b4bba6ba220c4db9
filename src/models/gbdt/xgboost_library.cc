#include "models/gbdt/xgboost_library.h"

#include <dlfcn.h>

#include <limits>
#include <optional>

#include "models/shared_library.h"

namespace winnow {

// As include/xgboost/c_api.h declares them. Each returns 0, or -1 and leaves a message.
struct XgboostFunctions {
  const char* (*last_error)() = nullptr;
  void (*version)(int* major, int* minor, int* patch) = nullptr;
  int (*matrix_create)(const float* data, std::uint64_t rows, std::uint64_t columns, float missing,
                       void** out) = nullptr;
  int (*matrix_free)(void* matrix) = nullptr;
  int (*booster_create)(void* const matrices[], std::uint64_t count, void** out) = nullptr;
  int (*booster_free)(void* booster) = nullptr;
  int (*set_parameter)(void* booster, const char* name, const char* value) = nullptr;
  int (*boost)(void* booster, void* matrix, float* gradients, float* hessians, std::uint64_t rows) = nullptr;
  int (*predict)(void* booster, void* matrix, const char* config, const std::uint64_t** shape,
                 std::uint64_t* dims, const float** out) = nullptr;
  int (*save)(void* booster, const char* config, std::uint64_t* size, const char** out) = nullptr;
};

namespace {

constexpr std::string_view kField = "xgboost";

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

std::optional<XgboostFunctions> functions_of(void* library) {
  XgboostFunctions f;
  const bool all =
      find(library, "XGBGetLastError", f.last_error) && find(library, "XGBoostVersion", f.version) &&
      find(library, "XGDMatrixCreateFromMat", f.matrix_create) &&
      find(library, "XGDMatrixFree", f.matrix_free) && find(library, "XGBoosterCreate", f.booster_create) &&
      find(library, "XGBoosterFree", f.booster_free) && find(library, "XGBoosterSetParam", f.set_parameter) &&
      find(library, "XGBoosterBoostOneIter", f.boost) &&
      find(library, "XGBoosterPredictFromDMatrix", f.predict) &&
      find(library, "XGBoosterSaveModelToBuffer", f.save);
  return all ? std::optional(f) : std::nullopt;
}

}  // namespace

Result<XgboostLibrary> XgboostLibrary::open(const std::filesystem::path& given) {
  WINNOW_TRY(
      void* const library,
      load_library({.given = given,
                    .variable = "WINNOW_XGBOOST",
                    .names = {"libxgboost.so.0", "libxgboost.so"},
                    .python_package = "xgboost/lib",
                    .python_file = "libxgboost.so",
                    .remedy = "trees are trained by XGBoost's library: install Debian's libxgboost0 or "
                              "PyPI's xgboost-cpu, or name the file in WINNOW_XGBOOST",
                    .field = std::string(kField)}));
  const auto functions = functions_of(library);
  if (!functions) {
    return Error{ErrorCode::unavailable,
                 "the XGBoost library that was found is older than 1.7; install a newer one",
                 std::string(kField)};
  }
  return XgboostLibrary(library, std::make_shared<const XgboostFunctions>(*functions));
}

std::string XgboostLibrary::version() const {
  int major = 0, minor = 0, patch = 0;
  functions_->version(&major, &minor, &patch);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

Error XgboostLibrary::error(std::string_view doing) const {
  return {ErrorCode::internal, "XGBoost could not " + std::string(doing) + ": " + functions_->last_error(),
          std::string(kField)};
}

Result<XgboostMatrix> XgboostMatrix::create(const XgboostLibrary& library, std::span<const float> values,
                                            std::size_t columns) {
  void* handle = nullptr;
  if (library.functions().matrix_create(values.data(), values.size() / columns, columns,
                                        std::numeric_limits<float>::quiet_NaN(), &handle) != 0)
    return library.error("take the rows");
  return XgboostMatrix(library, handle);
}

XgboostMatrix::~XgboostMatrix() {
  if (handle_ != nullptr) library_.functions().matrix_free(handle_);
}

Result<XgboostBooster> XgboostBooster::create(std::span<const XgboostMatrix* const> matrices,
                                              const XgboostParameters& parameters) {
  const XgboostLibrary& library = matrices[0]->library();
  std::vector<void*> handles;
  for (const XgboostMatrix* matrix : matrices) handles.push_back(matrix->handle());
  void* handle = nullptr;
  if (library.functions().booster_create(handles.data(), handles.size(), &handle) != 0)
    return library.error("make a booster");
  XgboostBooster out(library, handle);
  for (const auto& [name, value] : parameters) {
    if (library.functions().set_parameter(handle, name.c_str(), value.c_str()) != 0)
      return library.error("set " + name);
  }
  return out;
}

XgboostBooster::~XgboostBooster() {
  if (handle_ != nullptr) library_.functions().booster_free(handle_);
}

Status XgboostBooster::boost(const XgboostMatrix& train, std::span<float> gradients,
                             std::span<float> hessians) {
  if (library_.functions().boost(handle_, train.handle(), gradients.data(), hessians.data(),
                                 gradients.size()) != 0)
    return library_.error("grow a tree");
  return {};
}

Result<std::vector<float>> XgboostBooster::predict(const XgboostMatrix& rows, Output output) const {
  const std::string config =
      R"({"training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false, "type": )" +
      std::to_string(static_cast<int>(output)) + "}";
  const std::uint64_t* shape = nullptr;
  std::uint64_t dims = 0;
  const float* out = nullptr;
  if (library_.functions().predict(handle_, rows.handle(), config.c_str(), &shape, &dims, &out) != 0)
    return library_.error("predict");
  std::size_t count = 1;
  for (std::uint64_t d = 0; d < dims; ++d) count *= shape[d];
  return std::vector<float>(out, out + count);
}

Result<std::string> XgboostBooster::save() const {
  std::uint64_t size = 0;
  const char* bytes = nullptr;
  if (library_.functions().save(handle_, R"({"format": "ubj"})", &size, &bytes) != 0)
    return library_.error("save the model");
  return std::string(bytes, size);
}

}  // namespace winnow
