// The bytes of a served impression. Format: docs/formats/impressions.md, kept readable by
// tests/golden/impression_v1.bin and impression_v2.bin.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "events/impression_log.h"

namespace winnow {

std::string encode_impression(const ServedImpression& impression);
// corrupt when the checksum or a length is wrong, unsupported for a format of another release.
Result<ServedImpression> decode_impression(std::string_view bytes);

}  // namespace winnow
