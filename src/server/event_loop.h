// EventLoop: the threads that serve all connections, and the mailbox through which other threads reach them.
//
// The threads share one queue. A request goes to whichever of them is free first, so that none waits behind a
// long one while another thread is idle. A connection's own requests are served in order, since each is a
// strand.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "server/api.h"

namespace winnow {

class Connection;

// Posts work to a connection's strand from any thread, also after connection and loop are gone: then the work
// is dropped.
class Mailbox final {
 public:
  void post(const std::weak_ptr<Connection>& to, std::function<void()> work);
  void close();

 private:
  Mutex mutex_;
  bool open_ WINNOW_GUARDED_BY(mutex_) = true;
};

class EventLoop final {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  // All of them must outlive the loop.
  EventLoop(const ServerOptions& options, const Api& api, Gauge& open_connections);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  boost::asio::io_context& io() { return io_; }
  void start();
  // Thread-safe. Idle connections are closed, others when their request is answered or stop_timeout is over.
  void begin_stop();
  void join();
  // After join, and after nobody posts any more whose work matters.
  void close_mailbox() { mailbox_->close(); }

  // Serves a client on its socket's executor, which must be a strand of io(). False, and the socket is left
  // as it is, when as many connections are open as may be. Nothing below needs the caller to be on a certain
  // thread.
  bool adopt(boost::asio::ip::tcp::socket& socket);
  void remove(Connection* connection) WINNOW_EXCLUDES(mutex_);
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }
  const ServerOptions& options() const { return options_; }
  const Api& api() const { return api_; }
  Gauge& open_connections() { return open_connections_; }
  std::atomic<std::size_t>& buffered_bytes() { return buffered_bytes_; }  // of the bodies of all connections
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

 private:
  boost::asio::awaitable<void> watch_deadlines();
  // Has those connections closed whose time is up; false when there are none at all.
  bool close_late(SteadyTime now) WINNOW_EXCLUDES(mutex_);

  const ServerOptions& options_;
  const Api& api_;
  Gauge& open_connections_;
  std::atomic<std::size_t> buffered_bytes_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<SteadyTime> stop_by_ = SteadyTime::max();
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  Mutex mutex_;
  std::unordered_set<Connection*> connections_ WINNOW_GUARDED_BY(mutex_);
  boost::asio::io_context io_;  // after what connections use, since those that are left end with it
  boost::asio::steady_timer tick_;
  std::vector<std::thread> threads_;
};

// "Sat, 21 Nov 2026 08:00:00 GMT", kept by each thread for a second.
const std::string& http_date();

}  // namespace winnow
