// Files that are either wholly there or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace winnow {

class FileDescriptor;

// The whole file. not_found names the path; limit guards against reading what cannot be meant.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit_bytes = 1ull << 34);

// Temporary file in the same folder, fsync, rename, fsync of the folder: a reader, or a machine that comes
// back after power loss, sees the old bytes or the new ones. exhausted when the disk is full.
Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes);
// The same for what is too big to gather first: `write` fills the temporary file. Its error is passed on, and
// leaves the old file as it was.
Status write_file_atomically(const std::filesystem::path& path,
                             const std::function<Status(const FileDescriptor&)>& write);

// All of the bytes at an offset of an open file; path: what an error names.
Status write_at(const FileDescriptor& file, std::uint64_t offset, std::string_view bytes,
                const std::filesystem::path& path);

// Renames a finished folder, whose files are synced, to its final name and syncs the parent: the folder
// appears whole or not at all. `to` must not exist, or be an empty folder.
Status publish_folder(const std::filesystem::path& from, const std::filesystem::path& to);

// rm -r with an error that names the path; what is not there is removed already.
Status remove_folder(const std::filesystem::path& path);

// mkdir -p with an error that names the path and what to do.
Status make_directories(const std::filesystem::path& path);

// The meaning of an errno for a user: exhausted for a full disk, not_found, forbidden, unavailable.
Error file_error(int errno_value, std::string_view doing, const std::filesystem::path& path);

}  // namespace winnow
