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
constexpr std::uint32_t kVersion = 2;
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

struct Header {
  std::uint32_t version = 0;
  std::vector<Entry> entries;
};

constexpr std::uint64_t page_after(std::uint64_t offset) { return (offset + kPage - 1) / kPage * kPage; }

Error damaged(const std::filesystem::path& path, std::string_view what) {
  return {ErrorCode::corrupt,
          fmt::format("{} is damaged: {}; build the index anew, or take the previous snapshot", path.string(),
                      what)};
}

Result<Header> read_header(const std::filesystem::path& path, std::string_view file) {
  if (file.size() < kFixedHeaderBytes || file.substr(0, kMagic.size()) != kMagic) {
    return Error{ErrorCode::corrupt, fmt::format("{} is no vector index: name a snapshot", path.string())};
  }
  ByteReader reader(file.substr(kMagic.size()));
  Header header;
  header.version = reader.fixed<std::uint32_t>();
  if (header.version < 1 || header.version > kVersion) {
    return Error{ErrorCode::unsupported,
                 fmt::format("{} has version {} and this build reads versions 1 to {}: build it anew",
                             path.string(), header.version, kVersion)};
  }
  const auto count = reader.fixed<std::uint32_t>();
  const auto size = reader.fixed<std::uint64_t>();
  if (size != file.size()) {
    return damaged(path, fmt::format("{} bytes where {} were written", file.size(), size));
  }
  const std::uint64_t table_end = kFixedHeaderBytes + std::uint64_t{count} * kEntryBytes;
  if (count > kMostSections || table_end + 8 > file.size()) return damaged(path, "its table of sections");
  header.entries.resize(count);
  for (Entry& entry : header.entries) {
    entry.id = reader.fixed<std::uint32_t>();
    static_cast<void>(reader.fixed<std::uint32_t>());
    entry.offset = reader.fixed<std::uint64_t>();
    entry.size = reader.fixed<std::uint64_t>();
    entry.hash = reader.fixed<std::uint64_t>();
  }
  if (reader.fixed<std::uint64_t>() != hash64(file.substr(0, table_end)))
    return damaged(path, "its header's checksum");
  for (const Entry& entry : header.entries) {
    if (entry.offset % kPage != 0 || entry.offset > size || entry.size > size - entry.offset) {
      return damaged(path, fmt::format("section {} lies outside", entry.id));
    }
  }
  return header;
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

  return write_file_atomically(path, [&](const FileDescriptor& file) -> Status {
    WINNOW_RETURN_IF_ERROR(write_at(file, 0, header.bytes(), path));
    for (std::size_t i = 0; i < sections.size(); ++i) {
      WINNOW_RETURN_IF_ERROR(write_at(file, offsets[i], sections[i].bytes, path));
    }
    // An empty last section may begin beyond what was written.
    if (::ftruncate(file.get(), static_cast<off_t>(end)) != 0) return file_error(errno, "cannot write", path);
    return {};
  });
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
  WINNOW_TRY(const Header header, read_header(path, bytes.view));
  SnapshotFile opened;
  opened.version_ = header.version;
  for (const Entry& entry : header.entries) {
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
