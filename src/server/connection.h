// Connection: one client, from accept to close. Reads requests (pipelined ones too), has each answered by the
// Api, and writes the replies in order. It runs on its socket's strand, so on one thread at a time.
//
// Bounds: every wait has a deadline that the EventLoop watches; replies are flushed when kFlushBytes are
// waiting or kMaxInARow requests were answered without a pause; a client that does not read is not read from.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "server/event_loop.h"
#include "server/exchange.h"
#include "server/request_parser.h"

namespace winnow {

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, EventLoop& loop);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs until the connection is closed, and keeps it alive meanwhile.
  static boost::asio::awaitable<void> serve(std::shared_ptr<Connection> self);

  boost::asio::any_io_executor strand() { return socket_.get_executor(); }
  // On any thread.
  bool late(EventLoop::SteadyTime now) const { return now >= deadline_.load(std::memory_order_relaxed); }

  // On the strand.
  void close_if_late(EventLoop::SteadyTime now);
  void close_if_idle();

 private:
  static constexpr std::size_t kFlushBytes = 64 * 1024;
  static constexpr int kMaxInARow = 16;
  static constexpr std::size_t kSmallBufferBytes = 4 * 1024;
  static constexpr std::size_t kLargeBufferBytes = 64 * 1024;

  enum class Waiting { for_request, for_header, for_body, for_answer, for_client };
  void wait(Waiting for_what, std::chrono::milliseconds at_most);

  boost::asio::awaitable<void> run();

  void next_request();
  bool parse();  // true when there is a request, or a fault, to answer
  bool waits_for_continue() const;
  void watch_progress();
  bool fits_budget();
  bool make_room();

  boost::asio::awaitable<void> answer_later();
  void append_reply();
  bool write_now();  // false when the client takes no more for now, or failed
  boost::asio::awaitable<bool> flush();
  boost::asio::awaitable<void> linger();

  boost::asio::ip::tcp::socket socket_;
  EventLoop& loop_;
  boost::asio::steady_timer answered_;  // cancelled when an answer that came later is there

  std::string in_;            // a buffer: its size is its room
  std::size_t in_begin_ = 0;  // what was read and is not taken by the parser yet
  std::size_t in_end_ = 0;
  std::string out_;
  std::size_t out_begin_ = 0;
  Exchange exchange_;
  std::optional<RequestParser> parser_;
  std::optional<RequestParser::Fault> fault_;
  std::size_t budgeted_bytes_ = 0;

  Waiting waiting_ = Waiting::for_request;
  std::atomic<EventLoop::SteadyTime> deadline_ = EventLoop::SteadyTime::max();
  bool continued_ = false;  // 100 Continue was sent
  bool closing_ = false;    // after what is in out_
  bool broken_ = false;     // the client is gone
};

}  // namespace winnow
