#include "models/ranking/onnx_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "models/ranking/ranker_model.h"

namespace winnow {
namespace {

constexpr std::string_view kField = "ranking.onnx";
constexpr std::array<std::string_view, 3> kKeys = {"features", "heads", "worth"};

Error invalid(std::string message) { return {ErrorCode::invalid, std::move(message), std::string(kField)}; }

Result<std::vector<std::string>> names_in(simdjson::dom::object root, std::string_view key) {
  simdjson::dom::array list;
  simdjson::dom::element given;
  if (root[key].get(given) != simdjson::SUCCESS)
    return invalid(fmt::format("\"{}\" is missing: give a list of names", key));
  if (given.get(list) != simdjson::SUCCESS)
    return invalid(fmt::format("\"{}\" is no list: give a list of names", key));
  if (list.size() == 0) return invalid(fmt::format("\"{}\" is empty: name at least one", key));
  std::vector<std::string> out;
  for (const simdjson::dom::element element : list) {
    std::string_view name;
    if (element.get(name) != simdjson::SUCCESS || name.empty())
      return invalid(fmt::format("\"{}\" holds what is no name", key));
    if (std::ranges::find(out, name) != out.end())
      return invalid(fmt::format("\"{}\" holds {} twice", key, excerpt(name)));
    out.emplace_back(name);
  }
  return out;
}

}  // namespace

Result<OnnxColumns> OnnxColumns::parse(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS)
    return invalid("no JSON object: give {\"features\": [...], \"heads\": [...]}");
  for (const auto& [key, value] : root) {
    if (std::ranges::find(kKeys, key) == kKeys.end()) {
      return invalid(
          fmt::format("\"{}\" is unknown: leave it out; there are {}", excerpt(key), fmt::join(kKeys, ", ")));
    }
  }
  OnnxColumns out;
  WINNOW_TRY(out.features, names_in(root, "features"));
  WINNOW_TRY(out.heads, names_in(root, "heads"));
  out.worth.assign(out.heads.size(), 1.0f);
  simdjson::dom::element given;
  if (root["worth"].get(given) != simdjson::SUCCESS) return out;
  simdjson::dom::object worth;
  if (given.get(worth) != simdjson::SUCCESS) return invalid("\"worth\" is no object of numbers by head");
  for (const auto& [head, element] : worth) {
    const auto known = std::ranges::find(out.heads, head);
    if (known == out.heads.end())
      return invalid(fmt::format("\"worth\" names {}, which is none of \"heads\"", excerpt(head)));
    double value = 0;
    if (element.get(value) != simdjson::SUCCESS || !(std::abs(value) <= kMaxWorth)) {
      return invalid(
          fmt::format("the worth of {} is no number from {} to {}", excerpt(head), -kMaxWorth, kMaxWorth));
    }
    out.worth[static_cast<std::size_t>(known - out.heads.begin())] = static_cast<float>(value);
  }
  return out;
}

Result<std::shared_ptr<const OnnxModel>> OnnxModel::load(const std::filesystem::path& file,
                                                         const OnnxOptions& options) {
  const auto in = [](const std::filesystem::path& where, Error error) {
    error.message = fmt::format("{}: {}", where.string(), error.message);
    error.field = kField;
    return error;
  };
  const std::filesystem::path beside = file.string() + ".json";
  const auto text = read_file(beside);
  if (!text.ok()) return in(beside, text.error());
  auto columns = OnnxColumns::parse(*text);
  if (!columns.ok()) return in(beside, columns.error());
  auto features = features_named(columns->features);
  if (!features.ok()) return in(beside, features.error());
  if (!std::filesystem::is_regular_file(file))
    return in(file, {ErrorCode::not_found, "there is no such file"});
  auto session = OnnxRanker::open(file, options);
  if (!session.ok()) return in(file, session.error());
  if (session->inputs() != features->size() || session->heads() != columns->heads.size()) {
    return in(file,
              invalid(fmt::format("the model takes {} features and gives {} outcomes, but {} names {} and {}",
                                  session->inputs(), session->heads(), beside.filename().string(),
                                  features->size(), columns->heads.size())));
  }
  return std::make_shared<const OnnxModel>(OnnxModel{*std::move(session), *std::move(features),
                                                     std::move(columns->heads), std::move(columns->worth)});
}

}  // namespace winnow
