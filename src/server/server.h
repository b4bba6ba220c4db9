// Server: the HTTP/1.1 API and the dashboard of one or more Sites.
//
// A few threads share the requests of all connections; calls of a Site that wait for the disk run on workers
// beside them. Without keys everything is open, so the server then binds to loopback only, answers only
// requests that were sent to a loopback name (against DNS rebinding) and refuses writes from other web pages.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "online/site.h"
#include "telemetry/metrics.h"

namespace winnow {

// A file of the dashboard. The views must stay valid while the server runs.
struct Asset {
  std::string_view path;          // "/index.html", which is also served as "/", or "/assets/app-1a2b.js"
  std::string_view content_type;  // "text/html; charset=utf-8"
  std::string_view bytes;
};

struct ApiKey {
  std::string name;                 // for logs and limits; not secret
  std::string sha256_hex;           // of the key itself, which is not kept
  std::vector<std::string> rights;  // "read", "write", "admin"; admin includes the others
  Site* site = nullptr;             // null: the server's default site
};

// sha256 as 64 lower-case hexadecimal digits: what ApiKey keeps of a key.
std::string sha256_hex(std::string_view text);

struct ServerOptions {
  std::string host = "127.0.0.1";  // an address, or "localhost"
  std::uint16_t port = 8080;       // 0: a free one, see Server::port()
  unsigned threads = 0;            // that answer; 0: available_processors()
  bool pin_threads = true;         // each to a processor, where there are as many as the process may run on
  unsigned workers = 2;            // threads for calls that wait for the disk

  std::vector<ApiKey> keys;        // none: open, on loopback only
  double requests_per_second = 0;  // per key, or per address when open; 0: unlimited
  std::vector<Asset> assets;       // of the dashboard; none: no dashboard
  std::string version = "0.1.0";
  std::function<Status()>
      ready;  // for /health/ready; an error says what is still missing; none: always ready
  std::chrono::milliseconds recommend_deadline{50};  // for one recommendation
  std::uint64_t seed = 0;                            // of what is random in answers

  std::size_t max_header_bytes = 64 * 1024;
  std::size_t max_body_bytes = 4 * 1024 * 1024;
  std::size_t max_buffered_bytes = 256 * 1024 * 1024;  // of all bodies being received
  std::size_t max_connections = 10'000;
  std::size_t max_waiting_calls = 256;               // for a worker; more are answered 503
  std::chrono::milliseconds idle_timeout{60'000};    // between two requests
  std::chrono::milliseconds header_timeout{10'000};  // from a request's first byte to the end of its header
  std::chrono::milliseconds body_timeout{30'000};    // from there to the end of its body
  std::chrono::milliseconds write_timeout{30'000};   // for a client to take an answer
  std::chrono::milliseconds stop_timeout{10'000};    // for requests in flight when the server stops
};

class Server final {
 public:
  // Listens on return. The sites, metrics and clock must outlive the server. Errors: invalid (options; the
  // field names which), conflict (the port is taken), forbidden (the port may not be used).
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Site& site, Metrics& metrics,
                                               const Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  // Takes no more requests, finishes those in flight for up to stop_timeout, and returns. Also done on
  // destruction.
  void stop();

 private:
  class State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace winnow
