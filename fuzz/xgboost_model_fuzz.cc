// A file that says it is a model of XGBoost. What is read is a tree model, and its encoding is read back the
// same.
#include <cstdint>

#include "base/check.h"
#include "models/gbdt/xgboost_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace winnow;
  const auto model = read_xgboost_model({reinterpret_cast<const char*>(data), size});
  if (!model.ok()) return 0;
  const std::string bytes = model->encode();
  const auto again = TreeModel::decode(bytes);
  WINNOW_CHECK(again.ok() && again->encode() == bytes);
  return 0;
}
