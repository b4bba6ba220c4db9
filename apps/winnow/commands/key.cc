#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "base/text.h"
#include "server/server.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"

namespace winnow {
namespace {

constexpr std::size_t kKeyBytes = 24;

struct KeyFlags {
  std::string action;
  std::string name = "app";
};

std::string hex(const unsigned char* bytes, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += fmt::format("{:02x}", bytes[i]);
  return out;
}

Result<std::string> random_key() {
  std::array<unsigned char, kKeyBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return Error{ErrorCode::unavailable, "the system has no random bytes to give; try again", ""};
  }
  return "wk_" + hex(bytes.data(), bytes.size());
}

Result<std::string> first_line_of_stdin() {
  std::string line;
  for (int c = std::getchar(); c != EOF && c != '\n' && line.size() < 4096; c = std::getchar()) {
    line += static_cast<char>(c);
  }
  line = trim(line);
  if (line.empty()) return Error{ErrorCode::invalid, "stdin holds no key: pipe it in, as a line", ""};
  return line;
}

}  // namespace

Command key_command() {
  const auto own = std::make_shared<KeyFlags>();
  Command command;
  command.name = "key";
  command.summary = "make an API key, or hash one for the settings file";
  command.description =
      "new prints a fresh key and the lines for the settings file, which keep only its SHA-256. hash reads a "
      "key of yours from stdin and prints the same lines. The key itself is stored nowhere: keep it safe.";
  command.flags = {{"--name", "NAME", "who uses the key, as logs will call them; default app", &own->name},
                   {"ACTION", "", "new or hash", &own->action, true, 0, 0, {"new", "hash"}}};
  command.examples = {{"winnow key new --name shop", "a key for the shop's servers"},
                      {"winnow key hash < key.txt", "lines for a key made elsewhere"}};
  command.reads_settings = false;
  command.run = [own](Session& session) -> Result<ExitCode> {
    const bool fresh = own->action == "new";
    WINNOW_TRY(const std::string key, fresh ? random_key() : first_line_of_stdin());
    const std::string hash = sha256_hex(key);
    Terminal& terminal = session.terminal;
    terminal.print_json(fmt::format(R"({{{}"name":{},"sha256":"{}"}})",
                                    fresh ? fmt::format("\"key\":\"{}\",", key) : "", json_quoted(own->name),
                                    hash));
    if (fresh) terminal.print(fmt::format("key:  {}\n", terminal.paint(Tone::strong, key)));
    terminal.print(
        fmt::format("for the settings file:\n\n[[server.keys]]\nname = {}\nsha256 = \"{}\"\nrights = "
                    "[\"read\", \"write\"]",
                    json_quoted(own->name), hash));
    return ExitCode::ok;
  };
  return command;
}

}  // namespace winnow
