// AssetStore: the dashboard's files, served from memory with an ETag and a strict Content-Security-Policy.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/exchange.h"
#include "server/server.h"

namespace winnow {

class AssetStore final {
 public:
  explicit AssetStore(std::span<const Asset> assets);

  // Answers GET and HEAD of a known path and returns true; "/" is "/index.html".
  bool answer(std::string_view path, const Request& request, Reply& reply) const;

 private:
  struct Entry {
    Asset asset;
    std::string etag;
  };
  std::unordered_map<std::string_view, Entry> entries_;
};

}  // namespace winnow
