// One request and its reply, free of sockets: what connections fill, routes answer, and tests write by hand.
//
// An Exchange lives as long as its connection and is used for one request after the other, so that its
// strings keep their room and a request allocates nothing in the steady state.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/arguments.h"

namespace winnow {

class Site;
class SiteTraffic;
struct Route;

enum class Method : std::uint8_t { get, head, post, put, erase, options, other };
std::string_view name_of(Method method);  // "GET", ..., "DELETE"

struct Request {
  Method method = Method::get;
  std::string target;
  // Header fields that the server reads; empty when absent.
  std::string host;
  std::string origin;
  std::string authorization;
  std::string api_key;
  std::string content_type;
  std::string if_none_match;
  std::string body;  // with room for simdjson to read beyond its end
  std::string remote_address;
  bool keep_alive = true;
  bool http_1_0 = false;

  void clear();  // all but remote_address; big bodies give their memory back
};

struct Reply {
  int status = 200;
  std::string_view content_type = kJson;
  std::string headers;     // further fields: "Name: value\r\n"...
  bool cacheable = false;  // `headers` says how; otherwise Cache-Control: no-store
  std::string body;

  static constexpr std::string_view kJson = "application/json";
  static constexpr std::string_view kText = "text/plain; version=0.0.4; charset=utf-8";

  void clear();
  // Replaces whatever was written so far by an error: {"error":{"code","message","field"}}.
  void fail(int status_code, const Error& error);
};

struct Exchange {
  Request request;
  Reply reply;

  // Filled while the request is routed.
  const Route* route = nullptr;
  Arguments arguments;
  Site* site = nullptr;
  SiteTraffic* traffic = nullptr;
  std::chrono::steady_clock::time_point started;

  // The error as this route's status: what breaks a rule in a body is 422, in a parameter 400.
  void fail(const Error& error);
};

// "OK", "Not Found", ...
std::string_view reason_phrase(int status);

}  // namespace winnow
