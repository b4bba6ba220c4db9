#include "batch/impressions/shown_context.h"

#include <simdjson.h>

#include <limits>

namespace winnow {

ShownContext read_shown_context(std::string_view context) {
  ShownContext shown;
  if (context.empty()) return shown;
  thread_local simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(context.data(), context.size()).get(object) != simdjson::SUCCESS) return shown;
  std::uint64_t place = 0;
  if (object["position"].get(place) == simdjson::SUCCESS &&
      place <= std::numeric_limits<std::uint16_t>::max()) {
    shown.place = static_cast<std::uint16_t>(place);
  }
  bool explored = false;
  if (object["explored"].get(explored) == simdjson::SUCCESS) shown.explored = explored;
  std::string_view surface;
  if (object["surface"].get(surface) == simdjson::SUCCESS) shown.surface = surface;
  return shown;
}

}  // namespace winnow
