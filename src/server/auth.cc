#include "server/auth.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace winnow {
namespace {

using Hash = std::array<unsigned char, 32>;

Hash hash_of(std::string_view text) {
  Hash out;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

std::optional<Hash> parse_hash(std::string_view hex) {
  Hash out;
  if (hex.size() != 2 * out.size()) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char* const at = hex.data() + 2 * i;
    const auto [end, error] = std::from_chars(at, at + 2, out[i], 16);
    if (error != std::errc{} || end != at + 2) return std::nullopt;
  }
  return out;
}

// The key that the request shows; empty when it shows none.
std::string_view shown_key(const Request& request) {
  constexpr std::string_view kBearer = "bearer ";
  const std::string_view given = request.authorization;
  if (given.size() > kBearer.size()) {
    const bool bearer = std::equal(kBearer.begin(), kBearer.end(), given.begin(), [](char wanted, char c) {
      return wanted == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    });
    if (bearer) return trim(given.substr(kBearer.size()));
  }
  return request.api_key;
}

bool writes(Method method) {
  return method != Method::get && method != Method::head && method != Method::options;
}

}  // namespace

std::string sha256_hex(std::string_view text) {
  std::string out;
  for (const unsigned char byte : hash_of(text)) out += fmt::format("{:02x}", byte);
  return out;
}

Result<Auth> Auth::make(std::span<const ApiKey> keys, Site& default_site) {
  Auth auth(default_site);
  for (const ApiKey& given : keys) {
    Key key;
    const auto hash = parse_hash(given.sha256_hex);
    if (!hash) {
      return Error{ErrorCode::invalid,
                   fmt::format("the key {} has no valid hash: give the 64 hexadecimal digits of its SHA-256",
                               excerpt(given.name)),
                   "keys"};
    }
    key.hash = *hash;
    key.site = given.site != nullptr ? given.site : &default_site;
    for (const std::string& right : given.rights) {
      const bool admin = right == "admin";
      if (!admin && right != "read" && right != "write") {
        return Error{ErrorCode::invalid,
                     fmt::format("the key {} has the unknown right \"{}\": give read, write or admin",
                                 excerpt(given.name), excerpt(right)),
                     "keys"};
      }
      key.rights[static_cast<std::size_t>(Right::read)] |= admin || right == "read";
      key.rights[static_cast<std::size_t>(Right::write)] |= admin || right == "write";
      key.rights[static_cast<std::size_t>(Right::admin)] |= admin;
    }
    auth.keys_.push_back(key);
  }
  return auth;
}

Result<Auth::Caller> Auth::admit(const Request& request, Right right) const {
  if (open() || right == Right::none) return Caller{default_site_, 0};
  const std::string_view shown = shown_key(request);
  if (shown.empty()) {
    return Error{ErrorCode::unauthenticated,
                 "an API key is needed: send it as \"Authorization: Bearer KEY\""};
  }
  const Hash hash = hash_of(shown);
  std::size_t found = keys_.size();
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (CRYPTO_memcmp(hash.data(), keys_[i].hash.data(), hash.size()) == 0) found = i;
  }
  if (found == keys_.size())
    return Error{ErrorCode::unauthenticated, "unknown API key: check it for typing slips"};
  if (!keys_[found].rights[static_cast<std::size_t>(right)]) {
    return Error{ErrorCode::forbidden, fmt::format("this API key lacks the right \"{}\"", name_of(right))};
  }
  return Caller{keys_[found].site, found};
}

bool is_loopback_host(std::string_view host) {
  if (host.starts_with('[')) return host.starts_with("[::1]") && (host.size() == 5 || host[5] == ':');
  host = host.substr(0, host.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  constexpr std::string_view kName = "localhost";
  if (std::equal(host.begin(), host.end(), kName.begin(), kName.end(), [](char c, char wanted) {
        return (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) == wanted;
      })) {
    return true;
  }
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

Status Auth::check_browser(const Request& request) {
  if (!request.host.empty() && !is_loopback_host(request.host)) {
    return Error{
        ErrorCode::forbidden,
        fmt::format("the host \"{}\" is not this machine: without API keys only localhost is answered; set "
                    "keys to open the server to others",
                    excerpt(request.host))};
  }
  if (!writes(request.method) || request.origin.empty()) return {};
  const std::size_t scheme = request.origin.find("://");
  if (scheme == std::string::npos || std::string_view(request.origin).substr(scheme + 3) != request.host) {
    return Error{
        ErrorCode::forbidden,
        fmt::format("a page of \"{}\" may not write here: without API keys only the server's own pages may",
                    excerpt(request.origin))};
  }
  return {};
}

}  // namespace winnow
