// EventLoop: one thread, its connections, and the mailbox through which other threads reach it.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>

#include "base/mutex.h"
#include "server/api.h"
#include "server/json_parser.h"

namespace winnow {

class Connection;

// Posts work to a loop from any thread, also after the loop is gone: then the work is dropped.
class Mailbox final {
 public:
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}
  void post(std::function<void()> work);
  void close();

 private:
  Mutex mutex_;
  boost::asio::io_context* io_ WINNOW_GUARDED_BY(mutex_);
};

class EventLoop final {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  // All of them must outlive the loop. `connections` counts those of all loops, `buffered` their bodies'
  // bytes.
  struct Shared {
    const ServerOptions& options;
    const Api& api;
    Gauge& open_connections;
    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> buffered_bytes{0};
  };

  explicit EventLoop(Shared& shared);
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

  // On the loop's thread only.
  void adopt(boost::asio::ip::tcp::socket socket);
  bool stopping() const { return stopping_; }
  Shared& shared() { return shared_; }
  JsonParser& json() { return json_; }
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
  void add(Connection* connection) { connections_.insert(connection); }
  void remove(Connection* connection) { connections_.erase(connection); }
  // "Sat, 21 Nov 2026 08:00:00 GMT", kept for a second.
  const std::string& http_date();

 private:
  boost::asio::awaitable<void> watch_deadlines();

  Shared& shared_;
  boost::asio::io_context io_{1};
  std::shared_ptr<Mailbox> mailbox_;
  boost::asio::steady_timer tick_;
  std::unordered_set<Connection*> connections_;
  JsonParser json_;
  bool stopping_ = false;
  SteadyTime stop_by_{};
  std::time_t date_second_ = 0;
  std::string date_;
  std::thread thread_;
};

}  // namespace winnow
