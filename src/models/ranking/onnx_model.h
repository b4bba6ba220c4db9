// A ranker of the user's own, ready to rank: the ONNX model, and what its columns mean.
//
// Beside MODEL.onnx lies MODEL.onnx.json:
//
//     {"features": ["source.blend", "item.popularity", ...],   its inputs, in order, of `winnow features`
//      "heads": ["click", "like"],                             its outputs, as probabilities
//      "worth": {"like": 4}}                                   optional, -1e6 to 1e6; 1 where it is silent
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "features/feature_schema.h"
#include "models/ranking/onnx_ranker.h"

namespace winnow {

// Immutable and thread-safe.
struct OnnxModel {
  OnnxRanker session;
  FeatureList features;            // session.inputs()
  std::vector<std::string> heads;  // session.heads()
  std::vector<float> worth;        // one a head

  // Errors have the field ranking.onnx and name the file: not_found where one of the two is missing,
  // unavailable without ONNX Runtime's library, unsupported for a feature that this release lacks, invalid
  // for whatever does not fit.
  static Result<std::shared_ptr<const OnnxModel>> load(const std::filesystem::path& file,
                                                       const OnnxOptions& options = {});
};

// What the file beside a model says.
struct OnnxColumns {
  std::vector<std::string> features;
  std::vector<std::string> heads;
  std::vector<float> worth;  // one a head

  // invalid: what is missing, of another type, empty, unknown, there twice or out of range.
  static Result<OnnxColumns> parse(std::string_view json);
};

}  // namespace winnow
