// Values of a JSON document, and of its binary form UBJSON (ubjson.org, draft 12): what XGBoost writes models
// in. Private to xgboost_model.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winnow {

struct Document {
  struct Member;
  enum class Kind { null, number, text, numbers, list, object };

  Kind kind = Kind::null;
  double number = 0;  // also true and false
  std::string text;
  std::vector<double> numbers;  // an array of nothing else
  std::vector<Document> items;  // any other array
  std::vector<Member> members;

  // The member of that name; null where there is none, or this is no object.
  const Document* find(std::string_view name) const;
};

struct Document::Member {
  std::string name;
  Document value;
};

// A number that is written with a point or an exponent is the nearest float. corrupt when the bytes are not
// one whole document, or it is nested more than 64 deep.
Result<Document> parse_json(std::string_view bytes);
Result<Document> parse_ubjson(std::string_view bytes);

}  // namespace winnow
