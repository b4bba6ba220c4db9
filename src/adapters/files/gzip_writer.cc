#include "adapters/files/gzip_writer.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "adapters/files/sha256.h"
#include "base/file.h"

namespace winnow {

namespace {
// JSON lines shrink by little more at the default level, which takes three times as long.
constexpr int kLevel = 3;
constexpr int kGzipWindow = 15 + 16;
constexpr int kMemoryLevel = 8;
}  // namespace

struct GzipWriter::State {
  explicit State(std::filesystem::path where) : path(std::move(where)) {}
  ~State() {
    if (deflating) ::deflateEnd(&stream);
    if (fd >= 0) ::close(fd);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Status write_out(std::string_view rest) {
    hash.add(rest);
    bytes += rest.size();
    while (!rest.empty()) {
      const ssize_t n = ::write(fd, rest.data(), rest.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return file_error(errno, "cannot write", path);
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
  }

  std::filesystem::path path;
  int fd = -1;
  bool deflating = false;
  z_stream stream{};
  Sha256 hash;
  std::uint64_t bytes = 0;
  std::array<char, 64 << 10> packed{};
};

GzipWriter::GzipWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
GzipWriter::GzipWriter(GzipWriter&&) noexcept = default;
GzipWriter& GzipWriter::operator=(GzipWriter&&) noexcept = default;
GzipWriter::~GzipWriter() = default;

Result<GzipWriter> GzipWriter::create(const std::filesystem::path& path) {
  auto state = std::make_unique<State>(path);
  state->fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (state->fd < 0) return file_error(errno, "cannot create", path);
  if (::deflateInit2(&state->stream, kLevel, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return Error{ErrorCode::exhausted, "no memory to pack " + path.string() + ": free some and try again"};
  }
  state->deflating = true;
  return GzipWriter(std::move(state));
}

Status GzipWriter::deflate(std::string_view text, bool last) {
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib only reads it
  stream.avail_in = static_cast<uInt>(text.size());
  do {
    stream.next_out = reinterpret_cast<Bytef*>(state_->packed.data());
    stream.avail_out = static_cast<uInt>(state_->packed.size());
    const int result = ::deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
    WINNOW_CHECK(result != Z_STREAM_ERROR);
    const std::size_t have = state_->packed.size() - stream.avail_out;
    WINNOW_RETURN_IF_ERROR(state_->write_out({state_->packed.data(), have}));
  } while (stream.avail_out == 0);
  return {};
}

Status GzipWriter::write(std::string_view text) {
  constexpr std::size_t kMostAtOnce = 1 << 30;  // zlib counts in 32 bits
  for (; !text.empty(); text.remove_prefix(std::min(text.size(), kMostAtOnce))) {
    WINNOW_RETURN_IF_ERROR(deflate(text.substr(0, kMostAtOnce), false));
  }
  return {};
}

Result<GzipWriter::Closed> GzipWriter::close() {
  WINNOW_RETURN_IF_ERROR(deflate({}, true));
  if (::fsync(state_->fd) != 0) return file_error(errno, "cannot write", state_->path);
  return Closed{.bytes = state_->bytes, .sha256 = state_->hash.hex()};
}

}  // namespace winnow
