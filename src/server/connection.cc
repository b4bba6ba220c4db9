#include "server/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <cstring>

namespace winnow {

namespace net = boost::asio;

namespace {

constexpr auto kAwait = net::as_tuple(net::use_awaitable);
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// An answer on its way from another thread; touched on the connection's strand only.
struct Pending {
  bool done = false;
  Finish finish;
  net::steady_timer* wake = nullptr;
};

void append_number(std::string& out, std::size_t number) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

}  // namespace

Connection::Connection(net::ip::tcp::socket socket, EventLoop& loop)
    : socket_(std::move(socket)),
      loop_(loop),
      answered_(socket_.get_executor()),
      in_(kSmallBufferBytes, '\0') {
  loop_.open_connections().add(1);
  boost::system::error_code error;
  socket_.set_option(net::ip::tcp::no_delay(true), error);
  socket_.non_blocking(true, error);
  const auto remote = socket_.remote_endpoint(error);
  if (!error) exchange_.request.remote_address = remote.address().to_string();
}

Connection::~Connection() {
  loop_.remove(this);
  loop_.open_connections().add(-1);
  loop_.buffered_bytes().fetch_sub(budgeted_bytes_, std::memory_order_relaxed);
}

net::awaitable<void> Connection::serve(std::shared_ptr<Connection> self) { co_await self->run(); }

void Connection::wait(Waiting for_what, std::chrono::milliseconds at_most) {
  waiting_ = for_what;
  deadline_ = std::chrono::steady_clock::now() + at_most;
}

void Connection::close_if_late(EventLoop::SteadyTime now) {
  if (!late(now)) return;
  boost::system::error_code error;
  socket_.close(error);
}

void Connection::close_if_idle() {
  if (waiting_ != Waiting::for_request) return;
  boost::system::error_code error;
  socket_.close(error);
}

net::awaitable<void> Connection::run() {
  next_request();
  for (int in_a_row = 1;; ++in_a_row) {
    while (parse()) {
      waiting_ = Waiting::for_answer;
      deadline_ = EventLoop::SteadyTime::max();
      if (fault_) {
        exchange_.route = nullptr;
        exchange_.started = std::chrono::steady_clock::now();
        exchange_.reply.fail(fault_->status, fault_->error);
      } else if (!loop_.api().answer(exchange_)) {
        if (!out_.empty() && !write_now() && !co_await flush()) co_return;
        co_await answer_later();
      }
      closing_ = fault_ || !exchange_.request.keep_alive || loop_.stopping();
      append_reply();
      loop_.api().finished(exchange_);
      if (closing_) break;
      next_request();
      if (out_.size() - out_begin_ >= kFlushBytes && !write_now() && !co_await flush()) co_return;
      // Between the requests of a pipelined flood, others get their turn.
      if (in_begin_ < in_end_ && ++in_a_row % kMaxInARow == 0)
        co_await net::post(strand(), net::use_awaitable);
    }
    if (waits_for_continue()) {
      out_.append(kContinue);
      continued_ = true;
    }
    if (!out_.empty() && !write_now() && !co_await flush()) co_return;
    if (closing_) break;

    watch_progress();
    if (!make_room()) continue;
    const auto [error, count] =
        co_await socket_.async_read_some(net::buffer(in_.data() + in_end_, in_.size() - in_end_), kAwait);
    if (error) co_return;
    in_end_ += count;
  }
  co_await linger();
}

void Connection::next_request() {
  const ServerOptions& options = loop_.options();
  exchange_.request.clear();
  fits_budget();
  parser_.emplace(exchange_.request, RequestParser::Limits{.header_bytes = options.max_header_bytes,
                                                           .body_bytes = options.max_body_bytes});
  continued_ = false;
  if (in_begin_ == in_end_ && in_.size() > kSmallBufferBytes) std::string(kSmallBufferBytes, '\0').swap(in_);
  if (in_begin_ == in_end_) in_begin_ = in_end_ = 0;
  wait(Waiting::for_request, options.idle_timeout);
}

bool Connection::parse() {
  if (fault_) return true;  // found while making room
  // An empty line or two before a request are left over from the one before (RFC 9112, 2.2).
  while (!parser_->started() && in_begin_ < in_end_ && (in_[in_begin_] == '\r' || in_[in_begin_] == '\n'))
    ++in_begin_;
  while (in_begin_ < in_end_ && !parser_->complete()) {
    const bool in_header = !parser_->header_done();
    const std::size_t taken = parser_->take(in_.data() + in_begin_, in_end_ - in_begin_);
    in_begin_ += taken;
    if (parser_->fault()) fault_ = parser_->fault();
    if (!fault_ && !fits_budget()) {
      fault_ = {503, {ErrorCode::exhausted, "too many large bodies are being received: try again later"}};
    }
    if (fault_) return true;
    if (taken == 0 && !(in_header && parser_->header_done())) break;
  }
  return parser_->complete();
}

// The client has sent a header, and holds its body back until it is told to go on.
bool Connection::waits_for_continue() const {
  return parser_->expects_continue() && parser_->header_done() && !continued_ && !closing_ &&
         in_begin_ == in_end_ && !exchange_.request.http_1_0;
}

// Moves on to the next deadline when a request has begun, or its header is complete.
void Connection::watch_progress() {
  const ServerOptions& options = loop_.options();
  if (parser_->header_done()) {
    if (waiting_ != Waiting::for_body) wait(Waiting::for_body, options.body_timeout);
  } else if (parser_->started() || in_begin_ < in_end_) {
    if (waiting_ != Waiting::for_header) wait(Waiting::for_header, options.header_timeout);
  } else if (waiting_ != Waiting::for_request) {
    wait(Waiting::for_request, options.idle_timeout);
  }
}

// Counts large bodies against what all connections may hold together.
bool Connection::fits_budget() {
  const std::size_t capacity = exchange_.request.body.capacity();
  const std::size_t wanted = capacity > kLargeBufferBytes ? capacity : 0;
  if (wanted == budgeted_bytes_) return true;
  auto& total = loop_.buffered_bytes();
  const std::size_t others =
      total.fetch_add(wanted - budgeted_bytes_, std::memory_order_relaxed) - budgeted_bytes_;
  budgeted_bytes_ = wanted;
  return others + wanted <= loop_.options().max_buffered_bytes;
}

// Room to read into; when there can be none, what was sent makes no sense, and there is a fault to answer.
bool Connection::make_room() {
  if (in_begin_ > 0) {
    std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
    in_end_ -= in_begin_;
    in_begin_ = 0;
  }
  const std::size_t most = std::max(loop_.options().max_header_bytes + 1024, kLargeBufferBytes);
  const bool large_body =
      parser_->header_done() && in_.size() < kLargeBufferBytes && exchange_.request.body.size() > in_.size();
  if (in_end_ < in_.size() && !large_body) return true;
  if (in_.size() >= most) {
    fault_ = {400, {ErrorCode::invalid, "a chunk's header or trailer is too long"}};
    return false;
  }
  in_.resize(large_body ? kLargeBufferBytes : std::min(2 * in_.size(), most));
  return true;
}

net::awaitable<void> Connection::answer_later() {
  auto pending = std::make_shared<Pending>();
  pending->wake = &answered_;
  answered_.expires_at(EventLoop::SteadyTime::max());
  loop_.api().answer_later(exchange_,
                           [mailbox = loop_.mailbox(), self = weak_from_this(), pending](Finish finish) {
                             mailbox->post(self, [pending, finish = std::move(finish)] {
                               pending->finish = finish;
                               pending->done = true;
                               pending->wake->cancel();
                             });
                           });
  while (!pending->done) co_await answered_.async_wait(kAwait);
  if (!pending->finish) co_return;
  try {
    pending->finish(exchange_);
  } catch (const std::exception& caught) {
    exchange_.fail(Error{ErrorCode::internal, caught.what()});
  }
}

void Connection::append_reply() {
  const Reply& reply = exchange_.reply;
  const Request& request = exchange_.request;
  out_.append("HTTP/1.1 ");
  append_number(out_, static_cast<std::size_t>(reply.status));
  out_.append(" ").append(reason_phrase(reply.status)).append("\r\nDate: ").append(http_date());
  if (reply.status != 204 && reply.status != 304) {
    out_.append("\r\nContent-Type: ").append(reply.content_type).append("\r\nContent-Length: ");
    append_number(out_, reply.body.size());
  }
  out_.append("\r\nX-Content-Type-Options: nosniff\r\n");
  if (!reply.cacheable) out_.append("Cache-Control: no-store\r\n");
  if (closing_) {
    out_.append("Connection: close\r\n");
  } else if (request.http_1_0) {
    out_.append("Connection: keep-alive\r\n");
  }
  out_.append(reply.headers).append("\r\n");
  if (request.method != Method::head && reply.status != 204 && reply.status != 304) out_.append(reply.body);
}

bool Connection::write_now() {
  while (out_begin_ < out_.size()) {
    boost::system::error_code error;
    out_begin_ += socket_.write_some(net::buffer(out_.data() + out_begin_, out_.size() - out_begin_), error);
    if (error) {
      broken_ = error != net::error::would_block && error != net::error::try_again;
      return false;
    }
  }
  if (out_.capacity() > 4 * kFlushBytes) std::string().swap(out_);
  out_.clear();
  out_begin_ = 0;
  return true;
}

net::awaitable<bool> Connection::flush() {
  wait(Waiting::for_client, loop_.options().write_timeout);
  while (!broken_) {
    const auto [error] = co_await socket_.async_wait(net::ip::tcp::socket::wait_write, kAwait);
    if (error) co_return false;
    if (write_now()) co_return true;
  }
  co_return false;
}

// Closing a socket with unread input resets it, and the client may never see the reply: so the client closes
// first, within limits.
net::awaitable<void> Connection::linger() {
  constexpr std::size_t kMostBytes = 8 * 1024 * 1024;
  boost::system::error_code error;
  socket_.shutdown(net::ip::tcp::socket::shutdown_send, error);
  wait(Waiting::for_client,
       std::min<std::chrono::milliseconds>(loop_.options().idle_timeout, std::chrono::milliseconds(2000)));
  for (std::size_t dropped = 0; !error && dropped < kMostBytes;) {
    const auto [failed, count] = co_await socket_.async_read_some(net::buffer(in_), kAwait);
    error = failed;
    dropped += count;
  }
}

}  // namespace winnow
