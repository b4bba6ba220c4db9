// Who is asking, and may they: API keys, and the rules that keep a server without keys private to its
// machine.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/exchange.h"
#include "server/route.h"
#include "server/server.h"

namespace winnow {

class Auth final {
 public:
  struct Caller {
    Site* site = nullptr;
    std::size_t key = 0;  // number of the key; meaningless when open
  };

  // Errors: invalid, with field "keys": a hash that is not 64 hexadecimal digits, an unknown right.
  static Result<Auth> make(std::span<const ApiKey> keys, Site& default_site);

  bool open() const { return keys_.empty(); }

  // The caller of a request that needs `right`. Errors: unauthenticated, forbidden. The key comes as
  // "Authorization: Bearer KEY" or "X-API-Key: KEY"; its hash is compared with every known one in constant
  // time.
  Result<Caller> admit(const Request& request, Right right) const;

  // For open servers: the request was sent to this machine by name, and, when it writes, not by a foreign web
  // page.
  static Status check_browser(const Request& request);

 private:
  struct Key {
    std::array<unsigned char, 32> hash{};
    std::array<bool, 4> rights{};  // by Right
    Site* site = nullptr;
  };
  explicit Auth(Site& default_site) : default_site_(&default_site) {}

  std::vector<Key> keys_;
  Site* default_site_;
};

// "localhost", 127.0.0.0/8 or [::1], with or without a port.
bool is_loopback_host(std::string_view host);

}  // namespace winnow
