// Our rankers as ONNX models (onnx.ai; IR version 8, opset 13), for whoever runs them elsewhere: an input
// "features" (float, rows x inputs) and an output "scores" (float, rows x heads).
#pragma once

#include <string>
#include <vector>

#include "models/gbdt/tree_model.h"
#include "models/multitask/mmoe_model.h"
#include "models/ranking/ranker_model.h"

namespace winnow {

// The bytes of a file. Probabilities are those of run_plainly but for rounding. model: passes check().
std::string export_onnx(const MmoeModel& model);

// As a TreeEnsembleRegressor (ai.onnx.ml) with the model's link behind it; missing values (NaN) go where they
// do in ours, margins are added up in an order of the runtime's. model: passes check().
std::string export_onnx(const TreeModel& model);

struct ExportedFile {
  std::string name;
  std::string bytes;
};

// Every network and every head's trees of a ranker, light.onnx, full.onnx and full-HEAD.onnx, each with the
// features and heads beside it (OnnxColumns: light.onnx.json). As they were trained: what a ranker predicts
// is the mean of its network's and trees' log-odds, calibrated. model: passes check().
std::vector<ExportedFile> export_onnx(const RankerModel& model);

}  // namespace winnow
