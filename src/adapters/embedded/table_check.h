// A check that RocksDB 7.8 leaves out: the properties block of a table file is parsed before its checksum is
// looked at, and Debian's build, which has assertions on, aborts over what it finds in a damaged one.
//
// Reads the end of the file: the footer (format 5: one byte checksum type, two handles, padding, version u32,
// magic u64), the meta-index block that it points to, and the properties block that this names. Each block is
// followed by one byte of compression type and 32 bits of checksum over both.
#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>

namespace winnow {

// False when RocksDB must not open this table. True also when the footer itself is damaged: that it notices.
bool safe_to_open(const rocksdb::FSRandomAccessFile& file, std::uint64_t size);

}  // namespace winnow
