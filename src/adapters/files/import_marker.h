// How far the import of one file of events has come, as it stands in the event log's marker.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/files/stream_window.h"
#include "base/result.h"

namespace winnow {

struct ImportMarker {
  Place place;  // the next row to read
  std::uint64_t rows = 0;
  std::uint64_t rejected = 0;
  bool done = false;

  // "1 OFFSET LINE ROWS REJECTED DONE", decimal; the first number is the version of the form.
  std::string text() const;
  // The marker at the file's front for an empty text.
  static Result<ImportMarker> parse(std::string_view text);
  friend bool operator==(const ImportMarker&, const ImportMarker&) = default;
};

}  // namespace winnow
