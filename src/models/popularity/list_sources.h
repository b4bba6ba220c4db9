// Candidate sources that read the ranked lists of Trends: what everybody likes, by category, by country, what
// is rising, and what is new. They know nobody, and so they work for everybody, from the first event on.
#pragma once

#include <memory>
#include <string_view>

#include "catalog/item_table.h"
#include "models/popularity/popularity.h"
#include "models/vocabulary.h"
#include "stages/candidate_source.h"

namespace winnow {

enum class ListKind : std::uint8_t { popular, category, country, trending, newest };

// "popular", "category", "country", "trending", "new": the names that settings and answers use.
std::string_view name_of(ListKind kind);

class ListSource final : public CandidateSource {
 public:
  // `table` names categories in reasons; it outlives the source.
  ListSource(ListKind kind, const ItemTable& table) : kind_(kind), table_(table) {}

  // For `popular`: its opinion of an item is the trained model's, on which the blend's weights were learned.
  ListSource(const ItemTable& table, const PopularityModel& model, const Vocabulary& vocabulary)
      : kind_(ListKind::popular), table_(table), model_(&model), vocabulary_(&vocabulary) {}

  std::string_view name() const override { return name_of(kind_); }
  Result<std::unique_ptr<PreparedSource>> prepare(const RequestContext& context) const override;

 private:
  ListKind kind_;
  const ItemTable& table_;
  const PopularityModel* model_ = nullptr;
  const Vocabulary* vocabulary_ = nullptr;
};

}  // namespace winnow
