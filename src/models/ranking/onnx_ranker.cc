#include "models/ranking/onnx_ranker.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "models/shared_library.h"

namespace winnow {
namespace {

constexpr std::string_view kField = "onnx";

// ONNX Runtime's C API is a table of functions that only ever grows at its end; these are their places in its
// first version (onnxruntime_c_api.h), which has 102.
enum Place : std::uint8_t {
  kGetErrorMessage = 2,
  kCreateEnv = 3,
  kCreateSession = 7,
  kRun = 9,
  kCreateSessionOptions = 10,
  kSetIntraOpNumThreads = 24,
  kSessionGetInputCount = 30,
  kSessionGetInputTypeInfo = 33,
  kSessionGetOutputTypeInfo = 34,
  kSessionGetInputName = 36,
  kSessionGetOutputName = 37,
  kCreateTensorWithData = 49,
  kGetTensorMutableData = 51,
  kCastTypeInfoToTensorInfo = 55,
  kGetTensorElementType = 60,
  kGetDimensionsCount = 61,
  kGetDimensions = 62,
  kGetTensorTypeAndShape = 65,
  kCreateCpuMemoryInfo = 69,
  kAllocatorFree = 76,
  kGetAllocator = 78,
  kReleaseEnv = 92,
  kReleaseStatus = 93,
  kReleaseMemoryInfo = 94,
  kReleaseSession = 95,
  kReleaseValue = 96,
  kReleaseTypeInfo = 98,
  kReleaseTensorInfo = 99,
  kReleaseSessionOptions = 100,
};

constexpr int kWarnings = 3;        // and errors are logged
constexpr int kFloats = 1;          // of element types
constexpr int kArenaAllocator = 1;  // OrtArenaAllocator
constexpr int kDefaultMemory = 0;   // OrtMemTypeDefault

struct ApiBase {
  const void* const* (*api)(std::uint32_t version);
  const char* (*version)();
};

class Api final {
 public:
  explicit Api(const void* const* table) : table_(table) {}

  // A function that returns a status: null, or what went wrong.
  template <class... Arguments>
  Status call(Place place, Arguments... arguments) const {
    void* const status = function<void*(Arguments...)>(place)(arguments...);
    if (status == nullptr) return {};
    Error error{ErrorCode::invalid,
                std::string("ONNX Runtime: ") + function<const char*(const void*)>(kGetErrorMessage)(status),
                std::string(kField)};
    release(kReleaseStatus, status);
    return error;
  }

  void release(Place place, void* thing) const {
    if (thing != nullptr) function<void(void*)>(place)(thing);
  }

 private:
  template <class Function>
  Function* function(Place place) const {
    return reinterpret_cast<Function*>(const_cast<void*>(table_[place]));
  }

  const void* const* table_;
};

// Something of the runtime's, released with its owner.
class Owned final {
 public:
  Owned(const Api& api, Place releaser) : api_(api), releaser_(releaser) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { api_.release(releaser_, thing_); }

  void** out() { return &thing_; }
  void* get() const { return thing_; }

 private:
  const Api& api_;
  Place releaser_;
  void* thing_ = nullptr;
};

Error wrong_form(std::string_view what) {
  return {ErrorCode::invalid,
          "the ONNX model's " + std::string(what) +
              "; a ranker has one input of floats, rows x features, and a first "
              "output of floats, rows x heads",
          std::string(kField)};
}

Error fixed_rows(std::int64_t rows) {
  return {ErrorCode::invalid,
          fmt::format("the ONNX model takes or gives {} rows and no other number: export it with a dynamic "
                      "first axis",
                      rows),
          std::string(kField)};
}

}  // namespace

class OnnxRanker::Session final {
 public:
  explicit Session(Api api) : api_(api) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Status open(const std::filesystem::path& model, std::uint32_t threads) {
    Owned options(api_, kReleaseSessionOptions);
    WINNOW_RETURN_IF_ERROR(api_.call(kCreateEnv, kWarnings, "winnow", env_.out()));
    WINNOW_RETURN_IF_ERROR(api_.call(kCreateSessionOptions, options.out()));
    WINNOW_RETURN_IF_ERROR(api_.call(kSetIntraOpNumThreads, options.get(), static_cast<int>(threads)));
    WINNOW_RETURN_IF_ERROR(
        api_.call(kCreateSession, env_.get(), model.c_str(), options.get(), session_.out()));
    WINNOW_RETURN_IF_ERROR(api_.call(kCreateCpuMemoryInfo, kArenaAllocator, kDefaultMemory, memory_.out()));
    std::size_t count = 0;
    WINNOW_RETURN_IF_ERROR(api_.call(kSessionGetInputCount, session_.get(), &count));
    if (count != 1) return wrong_form("inputs are not one");
    WINNOW_TRY(inputs_, columns(kSessionGetInputTypeInfo, "input is no matrix of floats with a known width"));
    WINNOW_TRY(heads_,
               columns(kSessionGetOutputTypeInfo, "output is no matrix of floats with a known width"));
    WINNOW_TRY(input_name_, name(kSessionGetInputName));
    WINNOW_TRY(output_name_, name(kSessionGetOutputName));
    constexpr std::size_t kTried = 3;  // what only requests would show otherwise
    std::vector<float> scores(kTried * heads_);
    return score(std::vector<float>(kTried * inputs_), scores);
  }

  Status score(std::span<const float> rows, std::span<float> scores) const {
    const std::array<std::int64_t, 2> shape = {static_cast<std::int64_t>(rows.size() / inputs_),
                                               static_cast<std::int64_t>(inputs_)};
    Owned input(api_, kReleaseValue);
    Owned output(api_, kReleaseValue);
    WINNOW_RETURN_IF_ERROR(api_.call(kCreateTensorWithData, memory_.get(),
                                     static_cast<void*>(const_cast<float*>(rows.data())), rows.size_bytes(),
                                     shape.data(), shape.size(), kFloats, input.out()));
    const char* const input_name = input_name_.c_str();
    const char* const output_name = output_name_.c_str();
    const void* const value = input.get();
    WINNOW_RETURN_IF_ERROR(api_.call(kRun, session_.get(), static_cast<void*>(nullptr), &input_name, &value,
                                     std::size_t{1}, &output_name, std::size_t{1}, output.out()));
    Owned info(api_, kReleaseTensorInfo);
    WINNOW_RETURN_IF_ERROR(api_.call(kGetTensorTypeAndShape, output.get(), info.out()));
    WINNOW_TRY(const std::vector<std::int64_t> made, dimensions(info.get()));
    if (made.size() != 2 || made[0] != shape[0] || made[1] != static_cast<std::int64_t>(heads_))
      return wrong_form("output is of another size than it says");
    void* data = nullptr;
    WINNOW_RETURN_IF_ERROR(api_.call(kGetTensorMutableData, output.get(), &data));
    std::copy_n(static_cast<const float*>(data), scores.size(), scores.begin());
    return {};
  }

  std::size_t inputs() const { return inputs_; }
  std::size_t heads() const { return heads_; }

 private:
  Result<std::vector<std::int64_t>> dimensions(const void* tensor_info) const {
    std::size_t count = 0;
    WINNOW_RETURN_IF_ERROR(api_.call(kGetDimensionsCount, tensor_info, &count));
    std::vector<std::int64_t> out(count);
    WINNOW_RETURN_IF_ERROR(api_.call(kGetDimensions, tensor_info, out.data(), count));
    return out;
  }

  // Of the first input or output.
  Result<std::size_t> columns(Place getter, std::string_view otherwise) const {
    Owned type(api_, kReleaseTypeInfo);
    WINNOW_RETURN_IF_ERROR(api_.call(getter, session_.get(), std::size_t{0}, type.out()));
    const void* tensor = nullptr;
    WINNOW_RETURN_IF_ERROR(
        api_.call(kCastTypeInfoToTensorInfo, static_cast<const void*>(type.get()), &tensor));
    if (tensor == nullptr) return wrong_form(otherwise);
    int element = 0;
    WINNOW_RETURN_IF_ERROR(api_.call(kGetTensorElementType, tensor, &element));
    WINNOW_TRY(const std::vector<std::int64_t> shape, dimensions(tensor));
    if (element != kFloats || shape.size() != 2 || shape[1] < 1) return wrong_form(otherwise);
    if (shape[0] >= 0) return fixed_rows(shape[0]);
    return static_cast<std::size_t>(shape[1]);
  }

  Result<std::string> name(Place getter) const {
    void* allocator = nullptr;
    char* text = nullptr;
    WINNOW_RETURN_IF_ERROR(api_.call(kGetAllocator, &allocator));
    WINNOW_RETURN_IF_ERROR(api_.call(getter, session_.get(), std::size_t{0}, allocator, &text));
    std::string out = text;
    WINNOW_RETURN_IF_ERROR(api_.call(kAllocatorFree, allocator, static_cast<void*>(text)));
    return out;
  }

  Api api_;
  Owned env_{api_, kReleaseEnv};
  Owned session_{api_, kReleaseSession};
  Owned memory_{api_, kReleaseMemoryInfo};
  std::string input_name_, output_name_;
  std::size_t inputs_ = 0;
  std::size_t heads_ = 0;
};

OnnxRanker::OnnxRanker(std::unique_ptr<const Session> session) : session_(std::move(session)) {}
OnnxRanker::OnnxRanker(OnnxRanker&&) noexcept = default;
OnnxRanker& OnnxRanker::operator=(OnnxRanker&&) noexcept = default;
OnnxRanker::~OnnxRanker() = default;

Result<OnnxRanker> OnnxRanker::open(const std::filesystem::path& model, const OnnxOptions& options) {
  WINNOW_TRY(void* const library,
             load_library(
                 {.given = options.library,
                  .variable = "WINNOW_ONNXRUNTIME",
                  .names = {"libonnxruntime.so", "libonnxruntime.so.1"},
                  .python_package = "onnxruntime/capi",
                  .python_file = "libonnxruntime.so",
                  .remedy = "ONNX models are run by ONNX Runtime's library: install PyPI's onnxruntime or a "
                            "release of it, and name libonnxruntime.so in WINNOW_ONNXRUNTIME",
                  .field = std::string(kField)}));
  auto* const get_base = reinterpret_cast<const ApiBase* (*)()>(dlsym(library, "OrtGetApiBase"));
  const void* const* const table = get_base == nullptr ? nullptr : get_base()->api(1);
  if (table == nullptr) {
    return Error{ErrorCode::unavailable, "the library that was found is not ONNX Runtime; give another",
                 std::string(kField)};
  }
  auto session = std::make_unique<Session>(Api(table));
  WINNOW_RETURN_IF_ERROR(session->open(model, options.threads));
  return OnnxRanker(std::move(session));
}

Status OnnxRanker::score(std::span<const float> rows, std::span<float> scores) const {
  WINNOW_CHECK(rows.size() % inputs() == 0 && scores.size() == rows.size() / inputs() * heads());
  if (rows.empty()) return {};
  WINNOW_RETURN_IF_ERROR(session_->score(rows, scores));
  if (!std::ranges::all_of(scores, [](float score) { return std::isfinite(score); }))
    return Error{ErrorCode::invalid, "the ONNX model made a score that is not finite", std::string(kField)};
  return {};
}

std::size_t OnnxRanker::inputs() const { return session_->inputs(); }
std::size_t OnnxRanker::heads() const { return session_->heads(); }

}  // namespace winnow
