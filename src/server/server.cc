#include "server/server.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/processors.h"
#include "base/text.h"
#include "server/api.h"
#include "server/event_loop.h"

namespace winnow {

namespace net = boost::asio;
using Tcp = net::ip::tcp;

namespace {

Error listen_error(const boost::system::error_code& error, const std::string& host, std::uint16_t port) {
  if (error == net::error::address_in_use) {
    return {ErrorCode::conflict, fmt::format("port {} is taken: give another one, or 0 for a free one", port),
            "port"};
  }
  if (error == net::error::access_denied) {
    return {ErrorCode::forbidden,
            fmt::format("port {} may not be used by this user: give one above 1023", port), "port"};
  }
  return {ErrorCode::invalid,
          fmt::format("cannot listen on {} port {}: {}", excerpt(host), port, error.message()), "host"};
}

Result<net::ip::address> listen_address(const ServerOptions& options) {
  boost::system::error_code error;
  const auto address =
      net::ip::make_address(options.host == "localhost" ? std::string("127.0.0.1") : options.host, error);
  if (error) {
    return Error{
        ErrorCode::invalid,
        fmt::format(
            "\"{}\" is not an address: give localhost, 127.0.0.1, 0.0.0.0 or an address of this machine",
            excerpt(options.host)),
        "host"};
  }
  if (options.keys.empty() && !address.is_loopback()) {
    return Error{
        ErrorCode::invalid,
        fmt::format("{} can be reached from other machines, and no API keys are set: set keys, or listen on "
                    "127.0.0.1",
                    options.host),
        "host"};
  }
  return address;
}

Status check(const ServerOptions& options) {
  if (options.threads > 1024) {
    return Error{ErrorCode::invalid,
                 fmt::format("threads is {}: give 1 to 1024, or 0 for as many as there are processors",
                             options.threads),
                 "threads"};
  }
  if (!(options.requests_per_second >= 0)) {
    return Error{
        ErrorCode::invalid,
        fmt::format("requests_per_second is {}: give 0 for no limit, or more", options.requests_per_second),
        "requests_per_second"};
  }
  return {};
}

}  // namespace

class Server::State final {
 public:
  State(ServerOptions options, Tcp::endpoint endpoint)
      : options_(std::move(options)), endpoint_(std::move(endpoint)) {}
  ~State() { stop(); }

  Status start(Site& site, Metrics& metrics, const Clock& clock) {
    WINNOW_TRY(api_, Api::make(options_, site, metrics, clock));
    loop_ = std::make_unique<EventLoop>(options_, *api_,
                                        metrics.gauge("winnow_http_connections", "Open connections."));
    acceptor_ = std::make_unique<Tcp::acceptor>(net::make_strand(loop_->io()));
    boost::system::error_code error;
    acceptor_->open(endpoint_.protocol(), error);
    if (!error) acceptor_->set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint_, error);
    if (!error) acceptor_->listen(4096, error);
    if (error) return listen_error(error, options_.host, options_.port);
    port_ = acceptor_->local_endpoint(error).port();
    net::co_spawn(acceptor_->get_executor(), accept(), net::detached);
    loop_->start();
    started_ = true;
    return {};
  }

  std::uint16_t port() const { return port_; }

  // The order matters: the loop ends first, then the workers whose calls use the connections' exchanges, then
  // the mailbox that late answers are dropped into, and only then, on destruction, the connections.
  void stop() {
    MutexLock lock(stopping_);
    if (!started_ || stopped_) return;
    stopped_ = true;
    net::post(acceptor_->get_executor(), [this] {
      boost::system::error_code error;
      acceptor_->close(error);
    });
    loop_->begin_stop();
    loop_->join();
    api_->stop();
    loop_->close_mailbox();
  }

 private:
  net::awaitable<void> accept() {
    constexpr auto kAwait = net::as_tuple(net::use_awaitable);
    for (;;) {
      Tcp::socket socket(net::make_strand(loop_->io()));
      const auto [error] = co_await acceptor_->async_accept(socket, kAwait);
      if (!acceptor_->is_open()) co_return;
      if (error) {
        // Out of file descriptors, most likely: wait until some connections have gone.
        net::steady_timer pause(acceptor_->get_executor(), std::chrono::milliseconds(50));
        co_await pause.async_wait(kAwait);
        continue;
      }
      try {
        if (!loop_->adopt(socket)) turn_away(std::move(socket));
      } catch (const std::exception&) {
        continue;  // no memory for this one; the next may find some
      }
    }
  }

  static void turn_away(Tcp::socket socket) {
    Reply reply;
    reply.fail(503, {ErrorCode::unavailable, "too many connections: try again later"});
    const std::string text = fmt::format(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: "
        "close\r\n{}\r\n{}",
        reply.content_type, reply.body.size(), reply.headers, reply.body);
    boost::system::error_code error;
    socket.non_blocking(true, error);
    socket.write_some(net::buffer(text), error);
    socket.shutdown(Tcp::socket::shutdown_send, error);
  }

  const ServerOptions options_;
  const Tcp::endpoint endpoint_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<Tcp::acceptor> acceptor_;
  std::uint16_t port_ = 0;
  Mutex stopping_;
  bool started_ = false;
  bool stopped_ = false;
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;
std::uint16_t Server::port() const { return state_->port(); }
void Server::stop() { state_->stop(); }

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Site& site, Metrics& metrics,
                                              const Clock& clock) {
  WINNOW_RETURN_IF_ERROR(check(options));
  if (options.threads == 0) options.threads = available_processors();
  WINNOW_TRY(const net::ip::address address, listen_address(options));
  const Tcp::endpoint endpoint(address, options.port);
  auto state = std::make_unique<State>(std::move(options), endpoint);
  WINNOW_RETURN_IF_ERROR(state->start(site, metrics, clock));
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

}  // namespace winnow
