// SHA-256 of a stream of bytes: what `sha256sum` prints.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct evp_md_ctx_st;

namespace winnow {

class Sha256 final {
 public:
  Sha256();
  void add(std::string_view bytes);
  // 64 lower-case hexadecimal digits; nothing may be added afterwards.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// Of the file as it lies on disk.
Result<std::string> sha256_of_file(const std::filesystem::path& path);

}  // namespace winnow
