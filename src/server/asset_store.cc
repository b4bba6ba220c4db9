#include "server/asset_store.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace winnow {
namespace {

// Everything comes from this server; nothing may frame it.
constexpr std::string_view kPolicy =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

}  // namespace

AssetStore::AssetStore(std::span<const Asset> assets) {
  for (const Asset& asset : assets) {
    entries_.insert_or_assign(asset.path, Entry{asset, fmt::format("\"{:016x}\"", hash64(asset.bytes))});
  }
}

bool AssetStore::answer(std::string_view path, const Request& request, Reply& reply) const {
  const auto found = entries_.find(path == "/" ? std::string_view("/index.html") : path);
  if (found == entries_.end()) return false;
  const Entry& entry = found->second;
  // Names under /assets/ may stay the same from one release to the next, so browsers ask, and get a 304.
  reply.cacheable = true;
  reply.headers.append("Cache-Control: no-cache\r\nETag: ").append(entry.etag).append("\r\n").append(kPolicy);
  reply.content_type = entry.asset.content_type;
  if (request.if_none_match.find(entry.etag) != std::string::npos || request.if_none_match == "*") {
    reply.status = 304;
  } else {
    reply.body.assign(entry.asset.bytes);
  }
  return true;
}

}  // namespace winnow
