// Api: from a request to its reply, without sockets: routing, authentication, limits, checks, then the
// handler.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/asset_store.h"
#include "server/auth.h"
#include "server/context.h"
#include "server/rate_limit.h"
#include "server/router.h"
#include "server/site_traffic.h"
#include "server/worker_pool.h"

namespace winnow {

class Api final {
 public:
  // `options` must outlive the Api. Errors: invalid options.
  static Result<std::unique_ptr<Api>> make(const ServerOptions& options, Site& site, Metrics& metrics,
                                           const Clock& clock);

  // Fills the reply and returns true, or returns false: then the reply comes by answer_later. Thread-safe.
  bool answer(Exchange& exchange) const;

  // `done` is called once, perhaps before this returns, on any thread. The exchange stays where it is until
  // then.
  void answer_later(Exchange& exchange, Done done) const;

  // Counts the request; called when its reply is complete.
  void finished(const Exchange& exchange) const;

  // Waits for the workers' running calls and drops those that wait.
  void stop() { workers_.stop(); }

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct RouteMetrics {
    std::array<Counter*, 3> by_class{};  // 2xx and 3xx, 4xx, 5xx
    LatencyHistogram* seconds = nullptr;
  };

  Api(const ServerOptions& options, Auth auth, Metrics& metrics, const Clock& clock);
  bool route(Exchange& exchange) const;
  bool admit(Exchange& exchange) const;
  void answer_without_route(Exchange& exchange, std::string_view path, const std::string& allowed) const;

  std::vector<Route> routes_;
  Router router_;
  Auth auth_;
  mutable RateLimit limit_;
  AssetStore assets_;
  ServerContext context_;
  std::map<Site*, std::unique_ptr<SiteTraffic>> traffic_;
  std::vector<RouteMetrics> route_metrics_;  // by route; the last is for everything else
  mutable WorkerPool workers_;
};

}  // namespace winnow
