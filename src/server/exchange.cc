#include "server/exchange.h"

#include "base/text.h"
#include "server/route.h"

namespace winnow {
namespace {

constexpr std::size_t kKeptBodyBytes = 64 * 1024;

void empty(std::string& text) {
  if (text.capacity() > kKeptBodyBytes) {
    std::string().swap(text);
  } else {
    text.clear();
  }
}

int status_of(const Exchange& exchange, const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid: {
      const bool from_body = exchange.route != nullptr && exchange.route->body.has_value() &&
                             exchange.arguments.find(error.field) == nullptr;
      return from_body ? 422 : 400;
    }
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::unauthenticated:
      return 401;
    case ErrorCode::forbidden:
      return 403;
    case ErrorCode::conflict:
      return 409;
    case ErrorCode::too_large:
      return 413;
    case ErrorCode::unsupported:
      return 415;
    case ErrorCode::rate_limited:
      return 429;
    case ErrorCode::deadline:
    case ErrorCode::unavailable:
    case ErrorCode::exhausted:
      return 503;
    case ErrorCode::corrupt:
    case ErrorCode::internal:
      return 500;
  }
  return 500;
}

}  // namespace

std::string_view name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::erase:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      return "other";
  }
  return "other";
}

void Request::clear() {
  method = Method::get;
  target.clear();
  host.clear();
  origin.clear();
  authorization.clear();
  api_key.clear();
  content_type.clear();
  if_none_match.clear();
  empty(body);
  keep_alive = true;
  http_1_0 = false;
}

void Reply::clear() {
  status = 200;
  content_type = kJson;
  headers.clear();
  cacheable = false;
  empty(body);
}

void Reply::fail(int status_code, const Error& error) {
  clear();
  status = status_code;
  // What only the operators should see (paths, states of the store) stays out of the answer.
  const bool ours = status_code == 500;
  body = R"({"error":{"code":")";
  body.append(ours ? name_of(ErrorCode::internal) : name_of(error.code)).append(R"(","message":)");
  append_json_quoted(body, ours ? "the server could not answer; its log says why" : error.message);
  body.append(R"(,"field":)");
  if (error.field.empty() || ours) {
    body.append("null");
  } else {
    append_json_quoted(body, excerpt(error.field, 600));
  }
  body.append("}}");
  if (status_code == 503) headers.append("Retry-After: 1\r\n");
}

void Exchange::fail(const Error& error) { reply.fail(status_of(*this, error), error); }

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

}  // namespace winnow
