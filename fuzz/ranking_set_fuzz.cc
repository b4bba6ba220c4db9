// The body of a ranking set, or of a calibration; the checksum is put behind it. What is read is encoded, and
// read back the same.
#include <cstdint>

#include "base/check.h"
#include "models/ranking/calibration.h"
#include "models/ranking/ranking_set_format.h"
#include "models/sealed.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace winnow;
  ByteWriter body;
  body.raw({reinterpret_cast<const char*>(data), size});
  const std::string bytes = sealed(std::move(body));
  if (const auto set = decode_ranking_set(bytes); set.ok()) {
    const std::string once = encode_ranking_set(*set);
    WINNOW_CHECK(encode_ranking_set(decode_ranking_set(once).value()) == once);
  }
  if (const auto heads = decode_calibration(bytes); heads.ok()) {
    const std::string once = encode_calibration(*heads);
    WINNOW_CHECK(encode_calibration(decode_calibration(once).value()) == once);
  }
  return 0;
}
