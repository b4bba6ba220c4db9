#include "adapters/files/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <vector>

#include "base/file.h"

namespace winnow {

void Sha256::Free::operator()(evp_md_ctx_st* context) const { ::EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(::EVP_MD_CTX_new()) {
  const bool begun = context_ != nullptr && ::EVP_DigestInit_ex(context_.get(), ::EVP_sha256(), nullptr) == 1;
  WINNOW_CHECK(begun);  // fails only without memory
}

void Sha256::add(std::string_view bytes) {
  const bool added = ::EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
  WINNOW_CHECK(added);
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  const bool ended = ::EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1;
  WINNOW_CHECK(ended);
  std::string text;
  for (const unsigned char byte : digest) fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  return text;
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return file_error(errno, "cannot open", path);
  Sha256 hash;
  std::vector<char> chunk(1 << 18);
  while (const std::size_t n = std::fread(chunk.data(), 1, chunk.size(), file.get()))
    hash.add({chunk.data(), n});
  if (std::ferror(file.get()) != 0) return file_error(errno, "cannot read", path);
  return hash.hex();
}

}  // namespace winnow
