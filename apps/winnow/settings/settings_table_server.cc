// Settings of the HTTP server.

#include "winnow/settings/setting.h"
#include "winnow/settings/settings_tables.h"

namespace winnow {

void add_server_settings(std::vector<Setting>& table) {
  constexpr double kKiB = 1024;
  constexpr double kMiB = 1024 * kKiB;
  table.push_back(plain_setting(
      "server", "host", [](auto& s) -> auto& { return s.server.host; },
      "Address to listen on. Without keys it must be of the loopback: 127.0.0.1, ::1 or localhost."));
  table.push_back(number_setting(
      "server", "port", {0, 65'535}, [](auto& s) -> auto& { return s.server.port; },
      "Port to listen on; 0 takes a free one."));
  table.push_back(number_setting(
      "server", "threads", {0, 256}, [](auto& s) -> auto& { return s.server.threads; },
      "Threads that answer requests. 0: as many as the processors that the server may use, or its container "
      "may use the time of."));
  table.push_back(plain_setting(
      "server", "pin_threads", [](auto& s) -> auto& { return s.server.pin_threads; },
      "Each thread that answers keeps to a processor of its own, where there are as many as the server may "
      "run on: fewer answers are late so."));
  table.push_back(number_setting(
      "server", "workers", {1, 256}, [](auto& s) -> auto& { return s.server.workers; },
      "Threads for calls that wait for the disk."));
  table.push_back(number_setting(
      "server", "requests_per_second", {0, 1e7},
      [](auto& s) -> auto& { return s.server.requests_per_second; },
      "Limit for each key, or for each address when there are no keys. 0: no limit."));
  table.push_back(number_setting(
      "server", "max_body_kib", {1, 1'048'576}, [](auto& s) -> auto& { return s.server.max_body_bytes; },
      "A request's body may be so large, in KiB.", kKiB));
  table.push_back(number_setting(
      "server", "max_buffered_mib", {1, 65'536}, [](auto& s) -> auto& { return s.server.max_buffered_bytes; },
      "All bodies under way may take so much memory, in MiB.", kMiB));
  table.push_back(number_setting(
      "server", "max_connections", {1, 1e6}, [](auto& s) -> auto& { return s.server.max_connections; },
      "Connections open at a time."));
  table.push_back(seconds_setting(
      "server", "idle_timeout_seconds", {0.1, 3600}, [](auto& s) -> auto& { return s.server.idle_timeout; },
      "How long a connection may rest between two requests."));
  table.push_back(seconds_setting(
      "server", "header_timeout_seconds", {0.1, 3600},
      [](auto& s) -> auto& { return s.server.header_timeout; },
      "How long a request's header may take to arrive."));
  table.push_back(seconds_setting(
      "server", "body_timeout_seconds", {0.1, 3600}, [](auto& s) -> auto& { return s.server.body_timeout; },
      "How long a request's body may take to arrive."));
  table.push_back(seconds_setting(
      "server", "write_timeout_seconds", {0.1, 3600}, [](auto& s) -> auto& { return s.server.write_timeout; },
      "How long a client may take to read its answer."));
  table.push_back(seconds_setting(
      "server", "stop_timeout_seconds", {0, 3600}, [](auto& s) -> auto& { return s.server.stop_timeout; },
      "How long a server that is told to stop waits for requests under way."));

  Setting keys{"server", "keys"};
  keys.kind = Setting::Kind::keys;
  keys.doc =
      "API keys: each a table with a name, the key's SHA-256 in hexadecimal, and rights out of read, write "
      "and admin. `winnow key new` makes one. With none the server is open and binds to the loopback only.";
  keys.get = [](const Settings& s) -> SettingValue { return s.server.keys; };
  keys.set = [](Settings& s, const SettingValue& value) -> Status {
    s.server.keys = std::get<std::vector<ApiKey>>(value);
    return {};
  };
  table.push_back(std::move(keys));
}

}  // namespace winnow
