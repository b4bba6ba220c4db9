#include "server/api.h"

#include <exception>

#include "base/text.h"
#include "server/handlers.h"
#include "server/url.h"

namespace winnow {
namespace {

bool is_json(std::string_view content_type) {
  const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
  constexpr std::string_view kJson = Reply::kJson;
  return std::equal(type.begin(), type.end(), kJson.begin(), kJson.end(), [](char c, char wanted) {
    return (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) == wanted;
  });
}

// What a handler must not let out: libraries throw when memory is short.
template <class Call>
void guarded(Exchange& exchange, Call call) {
  try {
    call();
  } catch (const std::exception& caught) {
    exchange.fail(Error{ErrorCode::internal, caught.what()});
  }
}

std::vector<Route> all_routes() {
  std::vector<Route> routes;
  for (auto group :
       {recommendation_routes(), event_routes(), item_routes(), user_routes(), operation_routes()}) {
    for (Route& route : group) routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace

Result<std::unique_ptr<Api>> Api::make(const ServerOptions& options, Site& site, Metrics& metrics,
                                       const Clock& clock) {
  WINNOW_TRY(Auth auth, Auth::make(options.keys, site));
  std::unique_ptr<Api> api(new Api(options, std::move(auth), metrics, clock));
  const auto add_site = [&](Site* each) {
    auto& traffic = api->traffic_[each];
    if (traffic) return;
    const std::string name = api->traffic_.size() == 1 ? "default" : std::to_string(api->traffic_.size());
    traffic = std::make_unique<SiteTraffic>(metrics, name);
  };
  add_site(&site);
  for (const ApiKey& key : options.keys) {
    if (key.site != nullptr) add_site(key.site);
  }
  return api;
}

Api::Api(const ServerOptions& options, Auth auth, Metrics& metrics, const Clock& clock)
    : routes_(all_routes()),
      router_(routes_),
      auth_(std::move(auth)),
      limit_(options.requests_per_second),
      assets_(options.assets),
      context_{options, clock, metrics, clock.now_ms(), routes_},
      workers_(options.workers, options.max_waiting_calls) {
  const auto add = [&](const std::string& operation) {
    constexpr std::array<const char*, 3> kClasses = {"2xx", "4xx", "5xx"};
    RouteMetrics entry;
    for (std::size_t i = 0; i < kClasses.size(); ++i) {
      entry.by_class[i] =
          &metrics.counter("winnow_http_requests_total", "HTTP requests answered, by operation.",
                           {{"operation", operation}, {"status", kClasses[i]}});
    }
    entry.seconds = &metrics.histogram("winnow_http_request_seconds", "Time to answer HTTP requests.",
                                       {{"operation", operation}});
    route_metrics_.push_back(entry);
  };
  for (const Route& route : routes_) add(route.operation);
  add("other");
}

bool Api::answer(Exchange& exchange) const {
  exchange.started = std::chrono::steady_clock::now();
  exchange.route = nullptr;
  exchange.reply.clear();
  bool answered = true;
  guarded(exchange, [&] {
    if (!route(exchange)) return;
    const Route& found = *exchange.route;
    if (found.later != nullptr || found.on_worker) {
      answered = false;
    } else {
      found.handler(context_, exchange);
    }
  });
  return answered;
}

// True when the request is ready for its handler; otherwise the reply says why not.
bool Api::route(Exchange& exchange) const {
  const Request& request = exchange.request;
  Reply& reply = exchange.reply;
  if (auth_.open()) {
    if (auto status = Auth::check_browser(request); !status.ok()) return exchange.fail(status.error()), false;
  }
  if (request.method == Method::options && request.target == "*") {
    reply.status = 204;
    reply.headers = "Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n";
    return false;
  }
  const auto target = split_target(request.target);
  if (!target) {
    reply.fail(400, {ErrorCode::invalid, "the request target must be a path that starts with /"});
    return false;
  }
  Router::Match match = router_.find(request.method, target->path);
  if (match.route == nullptr) {
    answer_without_route(exchange, target->path, match.allowed);
    return false;
  }
  exchange.route = match.route;
  if (!admit(exchange)) return false;
  if (match.route->body && !is_json(request.content_type)) {
    reply.fail(415, {ErrorCode::unsupported,
                     request.content_type.empty()
                         ? "the body has no Content-Type: send application/json"
                         : "the body is " + excerpt(request.content_type) + ": send application/json"});
    return false;
  }
  auto status = Router::read_arguments(*match.route, target->path, target->query, exchange.arguments);
  if (!status.ok()) {
    reply.fail(400, status.error());
    return false;
  }
  return true;
}

void Api::answer_without_route(Exchange& exchange, std::string_view path, const std::string& allowed) const {
  const Request& request = exchange.request;
  Reply& reply = exchange.reply;
  const bool reads = request.method == Method::get || request.method == Method::head;
  if (!allowed.empty()) {
    if (request.method == Method::options) {
      reply.status = 204;
    } else {
      reply.fail(405, {ErrorCode::unsupported,
                       excerpt(path, 200) + " does not offer this method: use one of " + allowed});
    }
    reply.headers.append("Allow: ").append(allowed).append("\r\n");
  } else if (!reads || !assets_.answer(path, request, reply)) {
    reply.fail(404,
               {ErrorCode::not_found, "there is nothing at " + excerpt(path, 200) + ": see /openapi.json"});
  }
}

bool Api::admit(Exchange& exchange) const {
  const auto caller = auth_.admit(exchange.request, exchange.route->right);
  if (!caller.ok()) {
    exchange.fail(caller.error());
    if (exchange.reply.status == 401) exchange.reply.headers.append("WWW-Authenticate: Bearer\r\n");
    return false;
  }
  exchange.site = caller->site;
  exchange.traffic = traffic_.find(caller->site)->second.get();
  if (!limit_.enabled() || exchange.route->right == Right::none) return true;
  const std::string name =
      auth_.open() ? exchange.request.remote_address : "key " + std::to_string(caller->key);
  if (const auto wait_s = limit_.refuse(name, steady_seconds())) {
    exchange.reply.fail(429,
                        {ErrorCode::rate_limited, "too many requests: wait as long as Retry-After says"});
    exchange.reply.headers.append("Retry-After: ").append(std::to_string(*wait_s)).append("\r\n");
    return false;
  }
  return true;
}

void Api::answer_later(Exchange& exchange, Done done) const {
  const Route& found = *exchange.route;
  if (found.later != nullptr) {
    // A handler that throws has not called done: it does so last.
    try {
      found.later(context_, exchange, done);
    } catch (const std::exception& caught) {
      exchange.fail(Error{ErrorCode::internal, caught.what()});
      done({});
    }
    return;
  }
  const bool taken = workers_.submit([this, &exchange, done] {
    guarded(exchange, [&] { exchange.route->handler(context_, exchange); });
    done({});
  });
  if (!taken) {
    exchange.fail(Error{ErrorCode::unavailable, "too many calls are waiting for the disk: try again later"});
    done({});
  }
}

void Api::finished(const Exchange& exchange) const {
  const std::size_t index =
      exchange.route != nullptr ? static_cast<std::size_t>(exchange.route - routes_.data()) : routes_.size();
  const RouteMetrics& metrics = route_metrics_[index];
  const int status = exchange.reply.status;
  metrics.by_class[status >= 500 ? 2 : (status >= 400 ? 1 : 0)]->add();
  metrics.seconds->record_s(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - exchange.started).count());
}

}  // namespace winnow
