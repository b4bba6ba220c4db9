#include "server/event_loop.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>

#include "base/processors.h"
#include "server/connection.h"

namespace winnow {

namespace net = boost::asio;

void Mailbox::post(const std::weak_ptr<Connection>& to, std::function<void()> work) {
  MutexLock lock(mutex_);
  if (!open_) return;  // and the strand of a connection that is left may be gone
  if (const auto connection = to.lock()) net::post(connection->strand(), std::move(work));
}

void Mailbox::close() {
  MutexLock lock(mutex_);
  open_ = false;
}

EventLoop::EventLoop(const ServerOptions& options, const Api& api, Gauge& open_connections)
    : options_(options),
      api_(api),
      open_connections_(open_connections),
      io_(static_cast<int>(options.threads)),
      tick_(net::make_strand(io_)) {}

EventLoop::~EventLoop() { join(); }

void EventLoop::start() {
  net::co_spawn(tick_.get_executor(), watch_deadlines(), net::detached);
  const std::vector<int> processors = allowed_processors();
  // With fewer threads, other processes might have chosen the same; with more, some would share one.
  const bool pinned = options_.pin_threads && processors.size() == options_.threads;
  for (unsigned i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] {
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
    if (pinned) keep_to_processor(threads_.back(), processors[i]);
  }
}

void EventLoop::begin_stop() {
  MutexLock lock(mutex_);
  if (stopping_) return;
  stop_by_ = std::chrono::steady_clock::now() + options_.stop_timeout;
  stopping_.store(true, std::memory_order_release);
  for (Connection* connection : connections_) {
    net::post(connection->strand(), [left = connection->weak_from_this()] {
      if (const auto still = left.lock()) still->close_if_idle();
    });
  }
  net::post(tick_.get_executor(), [this] { tick_.cancel(); });
}

void EventLoop::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool EventLoop::adopt(net::ip::tcp::socket& socket) {
  std::shared_ptr<Connection> connection;
  {
    MutexLock lock(mutex_);
    if (connections_.size() >= options_.max_connections) return false;
    connection = std::make_shared<Connection>(std::move(socket), *this);
    connections_.insert(connection.get());
  }
  // One that comes while the loop stops is closed as it is destroyed.
  if (!stopping()) net::co_spawn(connection->strand(), Connection::serve(connection), net::detached);
  return true;
}

void EventLoop::remove(Connection* connection) {
  MutexLock lock(mutex_);
  connections_.erase(connection);
}

const std::string& http_date() {
  static thread_local std::time_t second = 0;
  static thread_local std::string date;
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    second = now;
    date = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
  }
  return date;
}

// One timer for all connections: setting a deadline is a store, and it is noticed a little late. Ends, and
// with it the threads, when the loop is stopping and its last connection has gone, or its time is up.
net::awaitable<void> EventLoop::watch_deadlines() {
  const auto tick =
      std::clamp<std::chrono::milliseconds>(std::min({options_.idle_timeout, options_.header_timeout,
                                                      options_.body_timeout, options_.write_timeout}) /
                                                8,
                                            std::chrono::milliseconds(5), std::chrono::milliseconds(200));
  for (;;) {
    tick_.expires_after(stopping() ? std::chrono::milliseconds(5) : tick);
    co_await tick_.async_wait(net::as_tuple(net::use_awaitable));
    const SteadyTime now = std::chrono::steady_clock::now();
    const bool any = close_late(now);
    if (stopping() && (!any || now > stop_by_.load())) break;
  }
  io_.stop();
}

bool EventLoop::close_late(SteadyTime now) {
  MutexLock lock(mutex_);
  for (Connection* connection : connections_) {
    if (!connection->late(now)) continue;
    net::post(connection->strand(), [left = connection->weak_from_this(), now] {
      if (const auto still = left.lock()) still->close_if_late(now);
    });
  }
  return !connections_.empty();
}

}  // namespace winnow
