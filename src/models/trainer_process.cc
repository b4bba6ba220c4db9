#include "models/trainer_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "base/text.h"

namespace winnow {
namespace {

constexpr std::string_view kProgram = "winnow-trainer";

bool is_program(const std::filesystem::path& path) { return ::access(path.c_str(), X_OK) == 0; }

// A running program: its standard input is a file, its standard output comes through a pipe, its errors go to
// a file.
class ChildProcess final {
 public:
  // The program has opened `input` when this returns.
  static Result<ChildProcess> start(std::vector<std::string> words, const std::filesystem::path& input,
                                    const std::filesystem::path& errors) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return file_error(errno, "make a pipe for", words[0]);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, input.c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, words[0].c_str(), &files, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    ::close(ends[1]);
    if (failed != 0) {
      ::close(ends[0]);
      return file_error(failed, "start", words[0]);
    }
    return ChildProcess(child, ends[0]);
  }

  ChildProcess(ChildProcess&& other) noexcept
      : child_(std::exchange(other.child_, 0)), output_(std::exchange(other.output_, -1)) {}
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess() {
    if (child_ != 0) {
      ::kill(child_, SIGTERM);
      wait();
    }
    if (output_ >= 0) ::close(output_);
  }

  // Calls `each` for every line of output until the program closes it; returns false when `each` ended that.
  template <class Each>
  bool read_lines(const Each& each) {
    std::string line;
    std::array<char, 4096> bytes{};
    while (true) {
      const ssize_t count = ::read(output_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return true;
      for (const char byte : std::string_view(bytes.data(), static_cast<std::size_t>(count))) {
        if (byte != '\n') {
          line += byte;
          continue;
        }
        if (!each(line)) return false;
        line.clear();
      }
    }
  }

  // The program's status as waitpid has it.
  int wait() {
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = 0;
    return status;
  }

 private:
  ChildProcess(pid_t child, int output) : child_(child), output_(output) {}

  pid_t child_;  // 0 once waited for
  int output_;
};

// "progress 0.3421 epoch 4, loss 7.21": the share and the words; other lines are passed over.
bool hand_on(std::string_view line, const TrainerProgress& progress) {
  constexpr std::string_view kMark = "progress ";
  if (!progress || !line.starts_with(kMark)) return true;
  line.remove_prefix(kMark.size());
  const std::size_t blank = line.find(' ');
  const auto share = parse_double(line.substr(0, blank));
  if (!share) return true;
  return progress(*share, blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1));
}

Error failure(const TrainerJob& job, int status, const std::filesystem::path& errors) {
  const auto said = read_file(errors);
  std::string reason = said.ok() ? std::string(trim(*said)) : "";
  if (WIFSIGNALED(status)) reason += fmt::format(" (ended by signal {})", WTERMSIG(status));
  if (reason.empty()) reason = fmt::format("ended with status {}", WEXITSTATUS(status));
  return {ErrorCode::unavailable, fmt::format("{}: {}", job.trainer.string(), reason), job.model};
}

}  // namespace

Result<std::filesystem::path> find_trainer(const std::filesystem::path& given) {
  if (!given.empty()) {
    if (is_program(given)) return given;
    return Error{ErrorCode::not_found, given.string() + " is no program that can be run", "trainer"};
  }
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  if (const auto beside = self.parent_path() / kProgram; is_program(beside)) return beside;
  const char* const search = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nothing sets it
  for (const std::string_view folder : split(search == nullptr ? "" : search, ':')) {
    if (const auto found = std::filesystem::path(folder) / kProgram; is_program(found)) return found;
  }
  return Error{
      ErrorCode::not_found,
      "neural models are trained by winnow-trainer, which is neither beside winnow nor on the PATH; run "
      "tools/install-dependencies trainer, configure again and build the target winnow-trainer",
      "trainer"};
}

Result<std::string> run_trainer(const TrainerJob& job, const TrainerProgress& progress) {
  WINNOW_TRY(const TemporaryFolder folder, TemporaryFolder::create("trainer"));
  const std::filesystem::path input = folder.path() / "input";
  const std::filesystem::path output = folder.path() / "model";
  const std::filesystem::path errors = folder.path() / "errors";
  WINNOW_RETURN_IF_ERROR(write_file_atomically(input, job.input));
  std::vector<std::string> words = {job.trainer.string()};
  words.insert(words.end(), job.arguments.words().begin(), job.arguments.words().end());
  words.insert(words.end(), {"--input", "/dev/stdin", "--output", output.string(), "--progress"});
  WINNOW_TRY(ChildProcess child, ChildProcess::start(std::move(words), input, errors));
  // The trainer has it open. Of a program that is killed, nothing that users did stays behind.
  std::error_code ignored;
  std::filesystem::remove(input, ignored);
  if (!child.read_lines([&](std::string_view line) { return hand_on(line, progress); })) {
    return Error{ErrorCode::unavailable,
                 fmt::format("the training of {} was ended before it was done", job.model), job.model};
  }
  if (const int status = child.wait(); status != 0) return failure(job, status, errors);
  return read_file(output);
}

}  // namespace winnow
