// A small JSON file that knows its format and notices damage.
//
//   {"format":1,"checksum":"<XXH3-128 of the body's bytes, 32 hex digits>","body":{...}}
//
// People can read it and tools can parse it, yet one flipped bit is found: the body is covered by the
// checksum, and the frame around it is compared byte by byte. Format: docs/formats/bundle.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"

namespace winnow {

// What an error about the file says: where it lies, and what its reader can do.
struct SealedFile {
  std::filesystem::path path;
  std::uint32_t format = 1;
  std::string_view remedy;  // "run `winnow train`"
};

std::string hex(const Hash128& hash);  // 32 lower-case digits

// body: a JSON object.
std::string seal_json(std::string_view body, std::uint32_t format);

// The body. unsupported for another format, corrupt for any other difference from what seal_json writes.
Result<std::string> unseal_json(std::string_view text, const SealedFile& file);

// The body of the file at `file.path`; not_found when there is none.
Result<std::string> read_sealed_json(const SealedFile& file);

}  // namespace winnow
