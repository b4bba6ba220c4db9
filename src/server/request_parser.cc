#include "server/request_parser.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

namespace winnow {

namespace http = boost::beast::http;

namespace {

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::delete_:
      return Method::erase;
    case http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

}  // namespace

RequestParser::RequestParser(Request& request, const Limits& limits) : request_(request), limits_(limits) {
  header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  body_limit(limits.body_bytes);
}

void RequestParser::refuse(int status, ErrorCode code, std::string message) {
  if (!fault_) fault_ = Fault{status, {code, std::move(message)}};
}

std::size_t RequestParser::take(const char* bytes, std::size_t size) {
  std::size_t taken = 0;
  while (taken < size && !is_done() && !fault_) {
    const bool in_header = !is_header_done();
    boost::system::error_code error;
    taken += put(boost::asio::const_buffer(bytes + taken, size - taken), error);
    if (error == http::error::need_more) break;
    if (error == http::error::header_limit) {
      refuse(431, ErrorCode::too_large,
             fmt::format("the header is over {} bytes: shorten it", limits_.header_bytes));
    } else if (error == http::error::body_limit) {
      refuse(413, ErrorCode::too_large,
             fmt::format("the body is over {} bytes: send it in parts", limits_.body_bytes));
    } else if (error) {
      refuse(400, ErrorCode::invalid, "this is not an HTTP/1.1 request: " + error.message());
    }
    if (in_header && is_header_done()) break;
  }
  return taken;
}

void RequestParser::on_request_impl(http::verb method, Text, Text target, int version, ErrorCodeOut&) {
  request_.method = method_of(method);
  request_.target.assign(target.data(), target.size());
  request_.http_1_0 = version == 10;
}

void RequestParser::keep_once(std::string& kept, Text value, const char* name) {
  if (!kept.empty())
    refuse(400, ErrorCode::invalid, fmt::format("the header {} is given twice: give it once", name));
  kept.assign(value.data(), value.size());
}

void RequestParser::on_field_impl(Field name, Text name_text, Text value, ErrorCodeOut&) {
  switch (name) {
    case Field::host:
      if (has_host_) refuse(400, ErrorCode::invalid, "the header Host is given twice: give it once");
      has_host_ = true;
      request_.host.assign(value.data(), value.size());
      break;
    case Field::transfer_encoding:
      has_transfer_encoding_ = true;
      break;
    case Field::expect:
      expects_continue_ = boost::beast::iequals(value, "100-continue");
      break;
    case Field::origin:
      keep_once(request_.origin, value, "Origin");
      break;
    case Field::authorization:
      keep_once(request_.authorization, value, "Authorization");
      break;
    case Field::content_type:
      keep_once(request_.content_type, value, "Content-Type");
      break;
    case Field::if_none_match:
      keep_once(request_.if_none_match, value, "If-None-Match");
      break;
    case Field::unknown:
      if (boost::beast::iequals(name_text, "X-API-Key")) keep_once(request_.api_key, value, "X-API-Key");
      break;
    default:
      break;
  }
}

void RequestParser::on_header_impl(ErrorCodeOut&) {
  request_.keep_alive = keep_alive();
  if (!has_host_ && !request_.http_1_0) refuse(400, ErrorCode::invalid, "the header Host is missing");
  if (has_transfer_encoding_ && (!chunked() || request_.http_1_0)) {
    refuse(400, ErrorCode::invalid,
           "this Transfer-Encoding is not supported: send chunked, or a Content-Length");
  }
}

std::size_t RequestParser::on_body_impl(Text body, ErrorCodeOut&) {
  request_.body.append(body.data(), body.size());
  return body.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text body, ErrorCodeOut&) {
  request_.body.append(body.data(), body.size());
  return body.size();
}

}  // namespace winnow
