// winnow serve: the store as an HTTP server, until it is told to stop.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "server/server.h"
#include "telemetry/metrics.h"
#include "winnow/cli/interruption.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/dashboard/dashboard.h"
#include "winnow/serve/training_schedule.h"
#include "winnow/site/opened_site.h"

namespace winnow {
namespace {

struct ServeFlags {
  std::string host;
  std::int64_t port = -1;
  std::int64_t threads = 0;
};

std::string_view content_type(std::string_view path) {
  const auto ends = [path](std::string_view suffix) { return path.ends_with(suffix); };
  if (ends(".html")) return "text/html; charset=utf-8";
  if (ends(".js")) return "text/javascript; charset=utf-8";
  if (ends(".css")) return "text/css; charset=utf-8";
  if (ends(".svg")) return "image/svg+xml";
  if (ends(".json")) return "application/json";
  return "application/octet-stream";
}

ServerOptions options_of(const Session& session, const ServeFlags& flags, const Engine& engine) {
  ServerOptions options = server_options(session.settings);
  if (!flags.host.empty()) options.host = flags.host;
  if (flags.port >= 0) options.port = static_cast<std::uint16_t>(flags.port);
  if (flags.threads > 0) options.threads = static_cast<unsigned>(flags.threads);
  options.version = WINNOW_VERSION;
  for (const EmbeddedFile& file : dashboard_files()) {
    options.assets.push_back({file.path, content_type(file.path), file.bytes});
  }
  options.ready = [&engine]() -> Status {
    if (engine.ready()) return {};
    const SiteStatus status = engine.status();
    return Error{ErrorCode::unavailable,
                 fmt::format("the speed layer is at event {} of {}: wait for it",
                             with_thousands(status.applied), with_thousands(status.log.last))};
  };
  return options;
}

std::vector<std::string> training_command(const Session& session) {
  std::vector<std::string> command = {"/proc/self/exe", "train", "--json", "--data", session.data.string()};
  if (!session.settings_file.empty()) {
    command.insert(command.end(), {"--config", session.settings_file.string()});
  }
  return command;
}

void announce(Terminal& terminal, const ServerOptions& options, std::uint16_t port,
              const SiteStatus& status) {
  const bool any = options.host == "0.0.0.0" || options.host == "::";
  const bool v6 = options.host.find(':') != std::string::npos && !any;
  const std::string host = any ? "127.0.0.1" : v6 ? "[" + options.host + "]" : options.host;
  const std::string url = fmt::format("http://{}:{}", host, port);
  terminal.print_json(fmt::format(R"({{"url":{},"port":{},"pid":{}}})", json_quoted(url), port, getpid()));
  terminal.print(fmt::format("Winnow serves {} items and {} events{}.\n", with_thousands(status.items),
                             with_thousands(status.log.events),
                             status.model_version.empty() ? "; no model is live yet: run \"winnow train\""
                                                          : ", model " + status.model_version));
  terminal.print(fmt::format("  dashboard   {}\n", terminal.paint(Tone::accent, url + "/")));
  terminal.print(fmt::format("  API         {}/openapi.json\n", url));
  if (options.keys.empty()) {
    terminal.print(terminal.paint(
        Tone::faint, "  No API keys are set, so it is bound to loopback only. \"winnow key\" makes one.\n"));
  }
  terminal.print(terminal.paint(Tone::faint, "  Ctrl-C stops it.\n"));
  static_cast<void>(terminal.flush());
}

Result<ExitCode> serve(Session& session, const ServeFlags& flags) {
  Terminal& terminal = session.terminal;
  const Interruption interruption;  // before any other thread
  std::signal(SIGPIPE, SIG_IGN);    // a client that goes away is an error of one write
  std::signal(SIGHUP, SIG_IGN);     // the terminal may close
  WINNOW_TRY(OpenedSite site, open_site(session.data, Access::write, session.settings, session.clock));
  Engine& engine = *site.engine;
  Metrics metrics;
  const ServerOptions options = options_of(session, flags, engine);
  engine.start();  // consumes what is new in the background; /health/ready tells when it has
  WINNOW_TRY(const std::unique_ptr<Server> server, Server::start(options, engine, metrics, session.clock));
  std::optional<TrainingSchedule> schedule;
  if (session.settings.schedule_hours > 0) {
    schedule.emplace(
        training_command(session),
        std::chrono::milliseconds(static_cast<std::int64_t>(session.settings.schedule_hours * kHourMs)));
    metrics.gauge_function("winnow_scheduled_trainings",
                           "Trainings that this server's schedule has finished.", {},
                           [&schedule] { return static_cast<double>(schedule->finished()); });
  }
  announce(terminal, options, server->port(), engine.status());
  interruption.wait();
  terminal.note("stopping: requests in flight are finished");
  server->stop();
  schedule.reset();
  engine.stop();
  return ExitCode::ok;
}

}  // namespace

Command serve_command() {
  const auto own = std::make_shared<ServeFlags>();
  Command command;
  command.name = "serve";
  command.summary = "answer requests over HTTP, with a dashboard";
  command.description =
      "Opens the store (made when there is none), follows its event log, and serves the HTTP API and the "
      "dashboard until "
      "SIGINT or SIGTERM. A model that \"winnow train\" or \"winnow rollback\" puts live is taken up at "
      "once, without "
      "dropping a request. With train.schedule_hours it trains by itself.\n"
      "Without API keys it binds to loopback only.";
  command.flags = {{"--host", "ADDRESS", "the address to listen on; default server.host", &own->host},
                   {"--port", "N", "the port; 0 picks a free one and prints it; default server.port",
                    &own->port, false, 0, 65535},
                   {"--threads", "N", "threads that answer requests; default server.threads", &own->threads,
                    false, 1, 1024}};
  command.examples = {{"winnow serve", "on the port of the settings"},
                      {"winnow serve --port 0 --json", "on a free port, told as a line of JSON"}};
  command.run = [own](Session& session) -> Result<ExitCode> { return serve(session, *own); };
  return command;
}

}  // namespace winnow
