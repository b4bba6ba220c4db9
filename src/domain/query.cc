#include "domain/query.h"

namespace winnow {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::full:
      return "full";
    case Level::without_source:
      return "without_source";
    case Level::default_features:
      return "default_features";
    case Level::popular:
      return "popular";
    case Level::editorial:
      return "editorial";
  }
  return "full";
}

}  // namespace winnow
