#include "server/event_loop.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "server/connection.h"

namespace winnow {

namespace net = boost::asio;

void Mailbox::post(std::function<void()> work) {
  MutexLock lock(mutex_);
  if (io_ != nullptr) net::post(*io_, std::move(work));
}

void Mailbox::close() {
  MutexLock lock(mutex_);
  io_ = nullptr;
}

EventLoop::EventLoop(Shared& shared)
    : shared_(shared), mailbox_(std::make_shared<Mailbox>(io_)), tick_(io_) {}

EventLoop::~EventLoop() { join(); }

void EventLoop::start() {
  net::co_spawn(io_, watch_deadlines(), net::detached);
  thread_ = std::thread([this] {
    // What a connection throws ends that connection; what is thrown while one is made (no memory) ends
    // nothing more.
    for (bool running = true; running;) {
      try {
        io_.run();
        running = false;
      } catch (const std::exception&) {
        continue;
      }
    }
  });
}

void EventLoop::begin_stop() {
  net::post(io_, [this] {
    if (stopping_) return;
    stopping_ = true;
    stop_by_ = std::chrono::steady_clock::now() + shared_.options.stop_timeout;
    const std::vector<Connection*> all(connections_.begin(), connections_.end());
    for (Connection* connection : all) connection->close_if_idle();
    tick_.cancel();
  });
}

void EventLoop::join() {
  if (thread_.joinable()) thread_.join();
}

void EventLoop::adopt(net::ip::tcp::socket socket) {
  if (stopping_) return;
  auto connection = std::make_shared<Connection>(std::move(socket), *this);
  net::co_spawn(io_, Connection::serve(std::move(connection)), net::detached);
}

const std::string& EventLoop::http_date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_second_) {
    date_second_ = now;
    date_ = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
  }
  return date_;
}

// One timer for all connections: setting a deadline is a store, and it is noticed a little late. Ends, and
// with it the thread, when the loop is stopping and its last connection has gone, or its time is up.
net::awaitable<void> EventLoop::watch_deadlines() {
  const ServerOptions& options = shared_.options;
  const auto tick = std::clamp<std::chrono::milliseconds>(
      std::min({options.idle_timeout, options.header_timeout, options.body_timeout, options.write_timeout}) /
          8,
      std::chrono::milliseconds(5), std::chrono::milliseconds(200));
  while (!stopping_ || !connections_.empty()) {
    tick_.expires_after(stopping_ ? std::chrono::milliseconds(5) : tick);
    co_await tick_.async_wait(net::as_tuple(net::use_awaitable));
    const SteadyTime now = std::chrono::steady_clock::now();
    if (stopping_ && now > stop_by_) break;
    const std::vector<Connection*> all(connections_.begin(), connections_.end());
    for (Connection* connection : all) connection->close_if_late(now);
  }
  if (stopping_) io_.stop();
}

}  // namespace winnow
