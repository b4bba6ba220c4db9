#include "server/router.h"

#include <algorithm>

#include "base/text.h"

namespace winnow {
namespace {

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

// Takes the next segment off a path that starts with '/'.
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

}  // namespace

Router::Router(std::span<const Route> routes) {
  for (const Route& route : routes) {
    entries_.push_back({&route, split(std::string_view(route.path).substr(1), '/')});
  }
}

bool Router::matches(const Entry& entry, std::string_view path) {
  for (const std::string_view wanted : entry.segments) {
    if (path.empty()) return false;
    const std::string_view segment = next_segment(path);
    if (is_parameter(wanted) ? segment.empty() : segment != wanted) return false;
  }
  return path.empty();
}

Router::Match Router::find(Method method, std::string_view path) const {
  const Method wanted = method == Method::head ? Method::get : method;
  Match match;
  for (const Entry& entry : entries_) {
    if (!matches(entry, path)) continue;
    if (entry.route->method == wanted) return {entry.route, {}};
    const auto add = [&](Method offered) {
      if (!match.allowed.empty()) match.allowed += ", ";
      match.allowed += name_of(offered);
    };
    add(entry.route->method);
    if (entry.route->method == Method::get) add(Method::head);
  }
  if (!match.allowed.empty()) match.allowed += ", OPTIONS";
  return match;
}

Status Router::read_arguments(const Route& route, std::string_view path, std::string_view query,
                              Arguments& arguments) {
  arguments.expect(route.parameters);
  std::string_view pattern = route.path;
  while (!pattern.empty()) {
    const std::string_view wanted = next_segment(pattern);
    const std::string_view segment = next_segment(path);
    if (!is_parameter(wanted)) continue;
    const Parameter* parameter = arguments.find(wanted.substr(1, wanted.size() - 2));
    WINNOW_RETURN_IF_ERROR(
        arguments.take(static_cast<std::size_t>(parameter - route.parameters.data()), segment));
  }
  WINNOW_RETURN_IF_ERROR(arguments.take_query(query));
  return arguments.check_complete();
}

std::string_view name_of(Right right) {
  switch (right) {
    case Right::none:
      return "none";
    case Right::read:
      return "read";
    case Right::write:
      return "write";
    case Right::admin:
      return "admin";
  }
  return "none";
}

std::vector<int> Route::statuses() const {
  std::vector<int> out(answers.size());
  std::ranges::transform(answers, out.begin(), &Answer::status);
  if (right != Right::none) out.insert(out.end(), {400, 401, 403, 429, 503});
  if (!parameters.empty()) out.insert(out.end(), {400, 431});
  if (body) out.insert(out.end(), {400, 413, 415, 422});
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace winnow
