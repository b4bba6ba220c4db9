#include "models/ranking/ranker_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/sealed.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WRNK";
constexpr std::uint32_t kFormat = 1;
constexpr std::string_view kName = "ranker";

Error invalid(std::string what) { return {ErrorCode::invalid, "the ranker: " + std::move(what), "ranker"}; }

void write_names(ByteWriter& out, const std::vector<std::string>& names) {
  out.varint(names.size());
  for (const std::string& name : names) out.string(name);
}

std::vector<std::string> read_names(ByteReader& in) {
  std::vector<std::string> names;
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) names.emplace_back(in.string());
  return names;
}

void write_network(ByteWriter& out, const std::optional<MmoeModel>& network) {
  out.string(network ? network->encode() : std::string());
}

Result<std::optional<MmoeModel>> read_network(ByteReader& in) {
  const std::string_view bytes = in.string();
  if (in.failed() || bytes.empty()) return std::optional<MmoeModel>();
  WINNOW_TRY(MmoeModel network, MmoeModel::decode(bytes));
  return std::optional(std::move(network));
}

bool fits(const MmoeModel& network, std::size_t inputs, std::size_t heads) {
  return network.shape.inputs == inputs && network.shape.heads == heads;
}

bool fits(const TreeModel& trees, std::size_t inputs) {
  return trees.features == inputs && trees.base.size() == 1;
}

}  // namespace

Status RankerModel::check() const {
  if (heads.empty()) return invalid("it has no heads");
  if (!network && trees.empty()) return invalid("it has neither a network nor trees");
  if (!trees.empty() && trees.size() != heads.size()) return invalid("trees are not one a head");
  if (calibration.size() != heads.size()) return invalid("calibration is not one a head");
  if (worth.size() != heads.size()) return invalid("worth is not one a head");
  if (!std::ranges::all_of(worth, [](float value) { return std::isfinite(value); }))
    return invalid("a worth is not finite");
  if (!facts.empty() && facts.size() != full_features.size()) return invalid("facts are not one a feature");
  if (light && !fits(*light, light_features.size(), 1))
    return invalid("the light network does not fit its features");
  if (network && !fits(*network, full_features.size(), heads.size()))
    return invalid("the network does not fit its features and heads");
  for (const TreeModel& of_head : trees) {
    if (!fits(of_head, full_features.size())) return invalid("trees do not fit their features");
    WINNOW_RETURN_IF_ERROR(of_head.check());
  }
  for (const HeadCalibration& of_head : calibration) WINNOW_RETURN_IF_ERROR(of_head.check());
  if (light) WINNOW_RETURN_IF_ERROR(light->check());
  return network ? network->check() : Status{};
}

std::string RankerModel::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  write_names(out, light_features);
  write_network(out, light);
  write_names(out, full_features);
  write_names(out, heads);
  write_network(out, network);
  out.varint(trees.size());
  for (const TreeModel& of_head : trees) out.string(of_head.encode());
  out.string(encode_calibration(calibration));
  for (const float value : worth) out.fixed(value);
  out.varint(facts.size());
  for (const FeatureFact& fact : facts) {
    out.fixed(fact.coverage);
    out.fixed(fact.importance);
  }
  return sealed(std::move(out));
}

Result<RankerModel> RankerModel::decode(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_sealed(bytes, kTag, kFormat, kName));
  RankerModel model;
  model.light_features = read_names(in);
  WINNOW_TRY(model.light, read_network(in));
  model.full_features = read_names(in);
  model.heads = read_names(in);
  WINNOW_TRY(model.network, read_network(in));
  const std::uint64_t trees = in.varint();
  for (std::uint64_t i = 0; i < trees && !in.failed(); ++i) {
    WINNOW_TRY(TreeModel of_head, TreeModel::decode(in.string()));
    model.trees.push_back(std::move(of_head));
  }
  const std::string_view calibration = in.string();
  if (in.failed()) return corrupt_model(kName);
  WINNOW_TRY(model.calibration, decode_calibration(calibration));
  for (std::size_t i = 0; i < model.heads.size() && !in.failed(); ++i) {
    model.worth.push_back(in.fixed<float>());
  }
  const std::uint64_t facts = in.varint();
  for (std::uint64_t i = 0; i < facts && !in.failed(); ++i) {
    const auto coverage = in.fixed<float>();
    model.facts.push_back({coverage, in.fixed<float>()});
  }
  if (in.failed() || !in.at_end() || !model.check().ok()) return corrupt_model(kName);
  return model;
}

}  // namespace winnow
