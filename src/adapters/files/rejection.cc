#include "adapters/files/rejection.h"

#include "adapters/files/field_values.h"
#include "base/text.h"

namespace winnow {

Rejection rejection_of(const std::filesystem::path& file, const Row& row, Error error) {
  return {.file = file,
          .line = row.line,
          .error = std::move(error),
          .row = excerpt(utf8_or_latin1(row.text.substr(0, kMaxRejectedRowBytes + 1)), kMaxRejectedRowBytes)};
}

}  // namespace winnow
