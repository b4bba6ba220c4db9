#include "models/model_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>

#include "base/bytes.h"

namespace winnow {

namespace {

// Calls visit(name, model) for each model that the set holds.
template <class Visit>
void for_each_model(const ModelSet& set, const Visit& visit) {
  visit("als", set.als);
  visit("item_to_item", set.item_to_item);
  visit("popular", set.popularity);
  if (set.spectral) visit("spectral", *set.spectral);
  if (set.graph) visit("graph", *set.graph);
  if (set.two_tower) visit("two_tower", *set.two_tower);
}

// The part of a bundle is named after the model, its source in the blend after what it shows.
std::string_view part_name(std::string_view model) { return model == "popular" ? "popularity" : model; }

bool finite_scores(const ItemToItemModel& model) {
  for (std::uint32_t item = 0; item < model.items(); ++item) {
    for (const ScoredRow& neighbour : model.neighbours(item)) {
      if (!std::isfinite(neighbour.score)) return false;
    }
  }
  return true;
}

bool finite_scores(const PopularityModel& model) {
  return std::ranges::all_of(model.scores(), [](float score) { return std::isfinite(score); });
}

bool finite_scores(const VectorModel& model) { return all_finite(model); }

}  // namespace

std::vector<std::string> extra_model_names() { return {"spectral", "graph", "two_tower"}; }

std::vector<Named<ScoringModel>> scoring_models(const ModelSet& set) {
  std::vector<Named<ScoringModel>> out;
  for_each_model(set, [&](std::string_view name, const ScoringModel& model) {
    out.push_back({name, &model});
  });
  return out;
}

std::vector<Named<VectorModel>> vector_models(const ModelSet& set) {
  std::vector<Named<VectorModel>> out;
  for_each_model(set, [&]<class Model>(std::string_view name, const Model& model) {
    if constexpr (std::is_base_of_v<VectorModel, Model>) out.push_back({name, &model});
  });
  return out;
}

std::vector<std::pair<std::string, std::string>> encode_models(const ModelSet& set) {
  std::vector<std::pair<std::string, std::string>> out;
  for_each_model(set, [&](std::string_view name, const auto& model) {
    out.emplace_back(part_name(name), model.encode());
  });
  return out;
}

Result<ModelSet> decode_models(
    const std::function<Result<std::optional<std::string>>(std::string_view part)>& part) {
  const auto required = [&](std::string_view name, auto decode) -> decltype(decode(std::string_view())) {
    WINNOW_TRY(const std::optional<std::string> bytes, part(name));
    if (!bytes) return Error{ErrorCode::corrupt, fmt::format("the model {} is missing", name)};
    return decode(*bytes);
  };
  WINNOW_TRY(AlsModel als, required("als", AlsModel::decode));
  WINNOW_TRY(ItemToItemModel item_to_item, required("item_to_item", ItemToItemModel::decode));
  WINNOW_TRY(PopularityModel popularity, required("popularity", PopularityModel::decode));
  ModelSet set{std::move(als), std::move(item_to_item), std::move(popularity)};

  const auto optional = [&](std::string_view name, auto decode, auto& model) -> Status {
    WINNOW_TRY(const std::optional<std::string> bytes, part(name));
    if (!bytes) return {};
    WINNOW_TRY(model, decode(*bytes));
    return {};
  };
  WINNOW_RETURN_IF_ERROR(optional("spectral", ItemVectorsModel::decode, set.spectral));
  WINNOW_RETURN_IF_ERROR(optional("graph", ItemVectorsModel::decode, set.graph));
  WINNOW_RETURN_IF_ERROR(optional("two_tower", TwoTowerModel::decode, set.two_tower));

  for (const auto& [name, model] : scoring_models(set)) {
    if (model->items() != set.als.items()) {
      return Error{ErrorCode::corrupt, fmt::format("its models speak of different items: als of {}, {} of {}",
                                                   set.als.items(), name, model->items())};
    }
  }
  return set;
}

std::string ModelSet::encode() const {
  const auto parts = encode_models(*this);
  ByteWriter out;
  out.varint(parts.size());
  for (const auto& [name, bytes] : parts) {
    out.string(name);
    out.string(bytes);
  }
  return out.take();
}

Result<ModelSet> ModelSet::decode(std::string_view bytes) {
  ByteReader in(bytes);
  std::map<std::string, std::string, std::less<>> parts;
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    std::string name(in.string());
    parts.emplace(std::move(name), in.string());
  }
  if (in.failed() || !in.at_end()) return Error{ErrorCode::corrupt, "the set of models is damaged"};
  return decode_models([&](std::string_view name) -> Result<std::optional<std::string>> {
    const auto found = parts.find(name);
    if (found == parts.end()) return std::optional<std::string>();
    return std::optional(found->second);
  });
}

bool all_finite(const ModelSet& set) {
  bool finite = true;
  for_each_model(set, [&](std::string_view, const auto& model) { finite = finite && finite_scores(model); });
  return finite;
}

}  // namespace winnow
