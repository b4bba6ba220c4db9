#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "batch/validate/live_version.h"
#include "server/server.h"
#include "telemetry/metrics.h"
#include "winnow/cli/interruption.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/dashboard/dashboard.h"
#include "winnow/serve/training_schedule.h"
#include "winnow/site/opened_site.h"
#include "winnow/terminal/progress.h"

namespace winnow {
namespace {

struct ServeFlags {
  std::string host;
  std::int64_t port = -1;
  std::int64_t threads = 0;
  bool no_training = false;
};

std::string_view content_type_of(std::string_view path) {
  const auto ends = [&](std::string_view extension) { return path.ends_with(extension); };
  if (ends(".html")) return "text/html; charset=utf-8";
  if (ends(".js")) return "text/javascript; charset=utf-8";
  if (ends(".css")) return "text/css; charset=utf-8";
  if (ends(".svg")) return "image/svg+xml";
  if (ends(".json")) return "application/json";
  if (ends(".png")) return "image/png";
  return "application/octet-stream";
}

std::vector<Asset> dashboard_assets() {
  std::vector<Asset> assets;
  for (const EmbeddedFile& file : dashboard_files()) {
    assets.push_back({.path = file.path, .content_type = content_type_of(file.path), .bytes = file.bytes});
  }
  return assets;
}

ServerOptions options_of(const ServeFlags& flags, const Session& session, const Engine& engine) {
  ServerOptions options = server_options(session.settings);
  if (!flags.host.empty()) options.host = flags.host;
  if (flags.port >= 0) options.port = static_cast<std::uint16_t>(flags.port);
  if (flags.threads > 0) options.threads = static_cast<unsigned>(flags.threads);
  options.version = WINNOW_VERSION;
  options.assets = dashboard_assets();
  options.seed = static_cast<std::uint64_t>(session.clock.now_ms());
  options.ready = [&engine]() -> Status {
    if (engine.ready()) return {};
    return Error{ErrorCode::unavailable, "the features are still catching up with the event log", ""};
  };
  return options;
}

std::string url_of(const std::string& host, std::uint16_t port) {
  const bool everywhere = host == "0.0.0.0" || host == "::";
  const std::string name = everywhere                            ? "127.0.0.1"
                           : host.find(':') != std::string::npos ? "[" + host + "]"
                                                                 : host;
  return fmt::format("http://{}:{}", name, port);
}

TrainingScheduleOptions schedule_of(const ServeFlags& flags, const Session& session) {
  TrainingScheduleOptions options;
  if (flags.no_training) return options;
  options.every_ms = static_cast<TimestampMs>(session.settings.schedule_hours * static_cast<double>(kHourMs));
  options.refresh_every_ms =
      static_cast<TimestampMs>(session.settings.refresh_minutes * static_cast<double>(kMinuteMs));
  options.program = "/proc/self/exe";  // also when the file has been replaced meanwhile
  options.arguments = {"train", "--data", session.data.string()};
  if (!session.flags.config.empty()) {
    options.arguments.insert(options.arguments.end(), {"--config", session.flags.config});
  }
  options.output = session.data / "training.log";
  return options;
}

void announce(Terminal& terminal, const ServerOptions& options, const std::string& url, std::uint16_t port) {
  terminal.print_json(fmt::format(R"({{"url":{},"port":{},"pid":{},"version":"{}","keys":{}}})",
                                  json_quoted(url), port, getpid(), WINNOW_VERSION, options.keys.size()));
  terminal.print(fmt::format("{}  dashboard  {}/", terminal.paint(Tone::good, "serving"),
                             terminal.paint(Tone::strong, url)));
  terminal.print(fmt::format("         try        curl '{}/api/v1/recommendations?user_id=1&count=5'", url));
  if (options.keys.empty()) {
    terminal.print(
        "         access     bound to loopback only: no API keys are set (winnow key new makes one)");
  } else {
    terminal.print(fmt::format("         access     {} API keys", options.keys.size()));
  }
  terminal.print("         stop       Ctrl-C, or SIGTERM");
  terminal.flush();
}

// The server answers meanwhile, and /health/ready says that it is not ready.
void wait_until_ready(Terminal& terminal, const Engine& engine, const Interruption& interruption) {
  constexpr std::chrono::milliseconds kLookAgain{2};
  Progress progress(terminal, "catching up with the events");
  const LogPosition first = engine.status().applied;
  while (!engine.ready() && !interruption.wait_for(kLookAgain)) {
    const SiteStatus status = engine.status();
    progress.update(status.applied - first, status.log.last - first);
  }
  const LogPosition last = engine.status().applied;
  if (last > first) progress.finish(with_thousands(last - first) + " events");
}

TrainingSchedule::Newest newest_versions(const Engine& engine) {
  TrainingSchedule::Newest out;
  const auto versions = engine.models();
  if (!versions.ok()) return out;
  for (const VersionInfo& version : *versions) {
    out.any_ms = std::max(out.any_ms, version.created_ms);
    if (!version.statistics.contains(kRefreshedStatistic)) {
      out.trained_ms = std::max(out.trained_ms, version.created_ms);
    }
  }
  return out;
}

Result<ExitCode> serve(Session& session, const ServeFlags& flags) {
  const Interruption interruption;
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  Terminal& terminal = session.terminal;
  WINNOW_TRY(const OpenedSite site, open_site(session.data, Access::write, session.settings, session.clock));
  Engine& engine = *site.engine;
  Metrics metrics;
  Counter& trainings =
      metrics.counter("winnow_scheduled_trainings_total", "Trainings that the schedule has ended.");
  const ServerOptions options = options_of(flags, session, engine);
  std::string told;
  const auto tell_of_model = [&] {
    std::string error = engine.status().model_error;
    if (!error.empty() && error != told) terminal.alert(error);
    told = std::move(error);
  };
  tell_of_model();
  engine.start();
  WINNOW_TRY(const std::unique_ptr<Server> server, Server::start(options, engine, metrics, session.clock));
  wait_until_ready(terminal, engine, interruption);
  if (!interruption.requested()) {
    announce(terminal, options, url_of(options.host, server->port()), server->port());
  }

  TrainingSchedule schedule(schedule_of(flags, session));
  while (!interruption.wait_for(std::chrono::seconds(1))) {
    tell_of_model();
    const auto words = schedule.tick(session.clock.now_ms(), [&] { return newest_versions(engine); });
    if (!words) continue;
    terminal.note(*words);
    if (!schedule.running()) trainings.add();
  }
  terminal.note("stopping: finishing the requests under way");
  server->stop();
  schedule.stop();
  engine.stop();
  terminal.note("stopped; every acknowledged event is stored");
  return ExitCode::ok;
}

}  // namespace

Command serve_command() {
  const auto own = std::make_shared<ServeFlags>();
  Command command;
  command.name = "serve";
  command.summary = "answer over HTTP, with a dashboard";
  command.description =
      "Serves the API and the dashboard, takes events and turns them into features within a second, and "
      "switches to new models as they go live. Without API keys in the settings it binds to the loopback "
      "only. With train.schedule_hours and train.refresh_minutes it trains by itself, in a process of its "
      "own. Its memory lies in huge pages where the system gives them; with "
      "GLIBC_TUNABLES=glibc.malloc.hugetlb=0 it does not, and profilers that are attached later can name its "
      "functions. SIGINT and SIGTERM finish the requests under way and then stop; SIGHUP is "
      "ignored. With --json the first line of stdout is {\"url\",\"port\",\"pid\",...}.";
  command.flags = {
      {"--port", "N", "port to listen on; 0 takes a free one; default server.port", &own->port, false, 0,
       65'535},
      {"--host", "ADDRESS", "address to listen on; default server.host", &own->host},
      {"--threads", "N", "threads that answer; default server.threads", &own->threads, false, 1, 256},
      {"--no-training", "", "no scheduled trainings", &own->no_training}};
  command.examples = {{"winnow serve", "on port 8080, or what the settings say"},
                      {"winnow serve --port 0 --json", "on a free port, told to a script"}};
  command.huge_pages = true;
  command.run = [own](Session& session) -> Result<ExitCode> { return serve(session, *own); };
  return command;
}

}  // namespace winnow
