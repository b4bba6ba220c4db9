#include "adapters/files/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/hash.h"

namespace winnow {

namespace {
constexpr std::size_t kPackedChunkBytes = 256 << 10;
constexpr int kGzipWindow = 15 + 16;  // zlib's way to say "gzip, largest window"
}  // namespace

struct ByteSource::State {
  explicit State(std::filesystem::path where) : path(std::move(where)) {}
  ~State() {
    if (unzips) ::inflateEnd(&stream);
    if (fd >= 0) ::close(fd);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // Bytes as they lie on disk; 0 at the end.
  Result<std::size_t> read_file(std::span<char> into) {
    for (;;) {
      const ssize_t n = ::read(fd, into.data(), into.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return file_error(errno, "cannot read", path);
      read_bytes += static_cast<std::uint64_t>(n);
      return static_cast<std::size_t>(n);
    }
  }

  // More packed bytes into `stream`; false at the end of the file.
  Result<bool> refill() {
    WINNOW_TRY(const std::size_t n, read_file(packed));
    stream.next_in = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(n);
    return n > 0;
  }

  Error damaged(std::string_view why) const {
    return {ErrorCode::corrupt,
            fmt::format("{}: {} at byte {} of the gzip file: fetch or pack the file again", path.string(),
                        why, read_bytes - stream.avail_in)};
  }

  Result<std::size_t> inflate_into(std::span<char> into);

  std::filesystem::path path;
  int fd = -1;
  std::uint64_t size = 0;
  std::uint64_t read_bytes = 0;
  bool unzips = false;
  bool inside_member = false;
  z_stream stream{};
  std::vector<char> packed;
};

Result<std::size_t> ByteSource::State::inflate_into(std::span<char> into) {
  stream.next_out = reinterpret_cast<Bytef*>(into.data());
  stream.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), 1u << 30));
  const uInt room = stream.avail_out;
  while (stream.avail_out > 0) {
    if (stream.avail_in == 0) {
      WINNOW_TRY(const bool more, refill());
      if (!more) {
        if (inside_member) return damaged("the file ends in the middle");
        break;
      }
    }
    if (!inside_member) {
      if (::inflateReset(&stream) != Z_OK) return damaged("zlib refuses to go on");
      inside_member = true;
    }
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      inside_member = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      return damaged(stream.msg != nullptr ? stream.msg : "the data are damaged");
    }
  }
  return room - stream.avail_out;
}

ByteSource::ByteSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;
ByteSource::~ByteSource() = default;

Result<ByteSource> ByteSource::open(const std::filesystem::path& path) {
  auto state = std::make_unique<State>(path);
  state->fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (state->fd < 0) return file_error(errno, "cannot open", path);
  struct stat info {};
  if (::fstat(state->fd, &info) != 0) return file_error(errno, "cannot read", path);
  if (!S_ISREG(info.st_mode)) {
    return Error{ErrorCode::invalid,
                 fmt::format("{} is not a regular file: name a file that can be read twice", path.string())};
  }
  state->size = static_cast<std::uint64_t>(info.st_size);
  ::posix_fadvise(state->fd, 0, 0, POSIX_FADV_SEQUENTIAL);

  unsigned char magic[2] = {};
  const ssize_t n = ::pread(state->fd, magic, sizeof magic, 0);
  if (n < 0) return file_error(errno, "cannot read", path);
  if (n == 2 && magic[0] == 0x1f && magic[1] == 0x8b) {
    if (::inflateInit2(&state->stream, kGzipWindow) != Z_OK) {
      return Error{ErrorCode::exhausted,
                   fmt::format("no memory to unzip {}: free some and try again", path.string())};
    }
    state->unzips = true;
    state->inside_member = true;
    state->packed.resize(kPackedChunkBytes);
  }
  return ByteSource(std::move(state));
}

Result<std::size_t> ByteSource::read(std::span<char> into) {
  WINNOW_CHECK(!into.empty());
  return state_->unzips ? state_->inflate_into(into) : state_->read_file(into);
}

Status ByteSource::skip(std::uint64_t bytes) {
  const auto too_short = [&] {
    return Error{ErrorCode::corrupt, fmt::format("{} is shorter than when it was read before: import it anew",
                                                 state_->path.string())};
  };
  if (!state_->unzips) {
    if (state_->read_bytes + bytes > state_->size) return too_short();
    if (::lseek(state_->fd, static_cast<off_t>(bytes), SEEK_CUR) < 0) {
      return file_error(errno, "cannot seek in", state_->path);
    }
    state_->read_bytes += bytes;
    return {};
  }
  std::vector<char> ignored(std::min<std::uint64_t>(std::max<std::uint64_t>(bytes, 1), kPackedChunkBytes));
  while (bytes > 0) {
    const std::size_t want = std::min<std::uint64_t>(bytes, ignored.size());
    WINNOW_TRY(const std::size_t n, read(std::span(ignored).first(want)));
    if (n == 0) return too_short();
    bytes -= n;
  }
  return {};
}

std::uint64_t ByteSource::file_bytes() const { return state_->size; }
std::uint64_t ByteSource::file_bytes_read() const { return state_->read_bytes - state_->stream.avail_in; }

Result<std::uint64_t> fingerprint(const std::filesystem::path& path) {
  // The packed bytes would do as well, but a file is the same file when somebody unpacks it.
  WINNOW_TRY(ByteSource source, ByteSource::open(path));
  std::vector<char> chunk(1 << 20);
  std::uint64_t hash = 0;
  for (;;) {
    std::size_t have = 0;  // full chunks, so that the way the bytes arrive does not matter
    while (have < chunk.size()) {
      WINNOW_TRY(const std::size_t n, source.read(std::span(chunk).subspan(have)));
      if (n == 0) break;
      have += n;
    }
    hash = hash64({chunk.data(), have}, hash);
    if (have < chunk.size()) return hash;
  }
}

}  // namespace winnow
