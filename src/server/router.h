// Router: finds the route of a method and path, and reads its parameters.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/route.h"

namespace winnow {

class Router final {
 public:
  // Keeps a view: the routes must outlive it. Paths are distinct up to the names of their parameters.
  explicit Router(std::span<const Route> routes);

  struct Match {
    const Route* route = nullptr;  // null: `allowed` says what the path offers, empty when it does not exist
    std::string allowed;           // "GET, HEAD, OPTIONS"
  };
  // `path` is still encoded, and is split at its slashes before it is decoded: an id may hold "%2F".
  // HEAD is answered by the route of GET. O(routes).
  Match find(Method method, std::string_view path) const;

  // The route's arguments from path and query.
  static Status read_arguments(const Route& route, std::string_view path, std::string_view query,
                               Arguments& arguments);

 private:
  struct Entry {
    const Route* route;
    std::vector<std::string_view> segments;  // "{id}" matches any one that is not empty
  };
  static bool matches(const Entry& entry, std::string_view path);

  std::vector<Entry> entries_;
};

}  // namespace winnow
