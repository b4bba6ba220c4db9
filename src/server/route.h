// A route: everything about one operation in one place. The table of routes dispatches requests, checks their
// parameters, names the right they need, and writes /openapi.json, so that these cannot disagree.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/exchange.h"
#include "server/schema.h"

namespace winnow {

struct ServerContext;

// What a key must be allowed to do; admin includes the others. `none` is open to all.
enum class Right : std::uint8_t { none, read, write, admin };
std::string_view name_of(Right right);

struct Parameter {
  enum class In : std::uint8_t { path, query };
  std::string name;
  In in = In::query;
  Schema schema;  // text, id, integer, or an array of ids (comma-separated, may repeat)
  std::string doc{};
  bool required = false;
};

struct Answer {
  int status = 200;
  std::string doc;
  Schema schema{};
  std::string content_type = "application/json";
};

// Answers at once. Runs on the connection's thread, or, for `on_worker`, on a worker thread.
using Handler = void (*)(const ServerContext& context, Exchange& exchange);

// Answers later, on any thread, by calling `done` once with what is left to do on the connection's thread (or
// with nothing). The exchange may be gone by then: only `finish` may touch it.
using Finish = std::function<void(Exchange&)>;
using Done = std::function<void(Finish finish)>;
using LaterHandler = void (*)(const ServerContext& context, Exchange& exchange, Done done);

struct Route {
  Method method = Method::get;
  std::string path;       // "/api/v1/items/{id}"
  std::string operation;  // "getItem"
  std::string summary;
  std::string tag;
  Right right = Right::none;
  std::vector<Parameter> parameters{};
  std::optional<Schema> body{};
  std::vector<Answer> answers{};  // of success, and errors that only this route has
  Handler handler = nullptr;
  bool on_worker = false;
  LaterHandler later = nullptr;  // instead of handler

  // Every status this route may answer, in ascending order: its own, and those that follow from its rules.
  std::vector<int> statuses() const;
};

}  // namespace winnow
