#include "index/snapshot_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/bytes.h"
#include "base/file.h"
#include "base/file_descriptor.h"
#include "base/hash.h"
#include "math/aligned.h"

namespace winnow {

namespace {

constexpr std::string_view kMagic = "WINNOWVX";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kPage = 4096;
constexpr std::size_t kFixedHeaderBytes = 8 + 4 + 4 + 8;  // magic, version, sections, file size
constexpr std::size_t kEntryBytes = 4 + 4 + 8 + 8 + 8;    // id, zero, offset, size, hash
constexpr std::uint32_t kMostSections = 64;

struct Entry {
  std::uint32_t id = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t hash = 0;
};

constexpr std::uint64_t page_after(std::uint64_t offset) { return (offset + kPage - 1) / kPage * kPage; }

// False with errno set.
bool write_at(int fd, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return true;
}

Error damaged(const std::filesystem::path& path, std::string_view what) {
  return {ErrorCode::corrupt,
          fmt::format("{} is damaged: {}; build the index anew, or take the previous snapshot", path.string(),
                      what)};
}

Result<std::vector<Entry>> read_header(const std::filesystem::path& path, std::string_view file) {
  if (file.size() < kFixedHeaderBytes || file.substr(0, kMagic.size()) != kMagic) {
    return Error{ErrorCode::corrupt, fmt::format("{} is no vector index: name a snapshot", path.string())};
  }
  ByteReader reader(file.substr(kMagic.size()));
  const auto version = reader.fixed<std::uint32_t>();
  if (version != kVersion) {
    return Error{ErrorCode::unsupported,
                 fmt::format("{} has version {} and this build reads version {}: build it anew",
                             path.string(), version, kVersion)};
  }
  const auto count = reader.fixed<std::uint32_t>();
  const auto size = reader.fixed<std::uint64_t>();
  if (size != file.size()) {
    return damaged(path, fmt::format("{} bytes where {} were written", file.size(), size));
  }
  const std::uint64_t table_end = kFixedHeaderBytes + std::uint64_t{count} * kEntryBytes;
  if (count > kMostSections || table_end + 8 > file.size()) return damaged(path, "its table of sections");
  std::vector<Entry> entries(count);
  for (Entry& entry : entries) {
    entry.id = reader.fixed<std::uint32_t>();
    static_cast<void>(reader.fixed<std::uint32_t>());
    entry.offset = reader.fixed<std::uint64_t>();
    entry.size = reader.fixed<std::uint64_t>();
    entry.hash = reader.fixed<std::uint64_t>();
  }
  if (reader.fixed<std::uint64_t>() != hash64(file.substr(0, table_end)))
    return damaged(path, "its header's checksum");
  for (const Entry& entry : entries) {
    if (entry.offset % kPage != 0 || entry.offset > size || entry.size > size - entry.offset) {
      return damaged(path, fmt::format("section {} lies outside", entry.id));
    }
  }
  return entries;
}

bool is_big(std::uint32_t id) {
  return id == static_cast<std::uint32_t>(SectionId::codes) ||
         id == static_cast<std::uint32_t>(SectionId::vectors);
}

struct Bytes {
  std::string_view view;
  std::shared_ptr<const void> owner;
};

Result<Bytes> map_file(int fd, std::size_t size, const std::filesystem::path& path) {
  void* const address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return file_error(errno, "cannot map", path);
  return Bytes{{static_cast<const char*>(address), size},
               std::shared_ptr<const void>(
                   address, [size](const void* at) { ::munmap(const_cast<void*>(at), size); })};
}

Result<Bytes> copy_file(int fd, std::size_t size, const std::filesystem::path& path) {
  auto memory = std::make_shared<std::vector<char, CacheAligned<char>>>(size);
  for (std::size_t have = 0; have < size;) {
    const ssize_t n = ::pread(fd, memory->data() + have, size - have, static_cast<off_t>(have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_error(errno, "cannot read", path);
    if (n == 0) return damaged(path, "it became shorter while it was read");
    have += static_cast<std::size_t>(n);
  }
  const std::string_view view(memory->data(), size);
  return Bytes{view, std::move(memory)};
}

}  // namespace

Status write_sections(const std::filesystem::path& path, std::span<const Section> sections) {
  ByteWriter header;
  header.raw(kMagic);
  header.fixed(kVersion);
  header.fixed(static_cast<std::uint32_t>(sections.size()));
  std::uint64_t end = kFixedHeaderBytes + sections.size() * kEntryBytes + 8;
  std::vector<std::uint64_t> offsets;
  for (const Section& section : sections) {
    offsets.push_back(page_after(end));
    end = offsets.back() + section.bytes.size();
  }
  header.fixed(end);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    header.fixed(static_cast<std::uint32_t>(sections[i].id));
    header.fixed(std::uint32_t{0});
    header.fixed(offsets[i]);
    header.fixed(std::uint64_t{sections[i].bytes.size()});
    header.fixed(hash64(sections[i].bytes));
  }
  header.fixed(hash64(header.bytes()));

  std::filesystem::path temporary = path;
  temporary += fmt::format(".tmp.{}", ::getpid());
  const auto give_up = [&](std::string_view doing) -> Status {
    const int cause = errno;
    ::unlink(temporary.c_str());
    return file_error(cause, doing, path);
  };
  {
    const FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) return file_error(errno, "cannot create", temporary);
    if (!write_at(file.get(), header.bytes(), 0)) return give_up("cannot write");
    for (std::size_t i = 0; i < sections.size(); ++i) {
      if (!write_at(file.get(), sections[i].bytes, offsets[i])) return give_up("cannot write");
    }
    // An empty last section may begin beyond what was written.
    if (::ftruncate(file.get(), static_cast<off_t>(end)) != 0) return give_up("cannot write");
    if (::fsync(file.get()) != 0) return give_up("cannot write");
  }
  // Renames and syncs the parent, which is what a finished file wants as well.
  Status published = publish_folder(temporary, path);
  if (!published.ok()) ::unlink(temporary.c_str());
  return published;
}

Result<SnapshotFile> SnapshotFile::open(const std::filesystem::path& path, const Options& options) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return file_error(errno, "cannot open", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return file_error(errno, "cannot read", path);
  if (!S_ISREG(info.st_mode)) {
    return Error{ErrorCode::invalid, fmt::format("{} is no file: name a snapshot", path.string())};
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return damaged(path, "it is empty");
  WINNOW_TRY(Bytes bytes,
             options.into_memory ? copy_file(file.get(), size, path) : map_file(file.get(), size, path));
  WINNOW_TRY(const std::vector<Entry> entries, read_header(path, bytes.view));
  SnapshotFile opened;
  for (const Entry& entry : entries) {
    const std::string_view section = bytes.view.substr(entry.offset, entry.size);
    if ((options.verify_all || !is_big(entry.id)) && hash64(section) != entry.hash) {
      return damaged(path, fmt::format("the checksum of section {}", entry.id));
    }
    opened.sections_.push_back({static_cast<SectionId>(entry.id), section});
  }
  opened.owner_ = std::move(bytes.owner);
  return opened;
}

std::string_view SnapshotFile::section(SectionId id) const {
  for (const Section& section : sections_) {
    if (section.id == id) return section.bytes;
  }
  return {};
}

}  // namespace winnow
