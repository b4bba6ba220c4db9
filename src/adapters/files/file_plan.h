// What a file holds and how to read it: decided once, by names, headers and options, before any row is read.
//
// Known without being told:
//   MovieLens (ml-latest-small, ml-25m, ml-32m): ratings.csv, movies.csv, tags.csv, links.csv
//   MovieLens 1M:                                ratings.dat, movies.dat, users.dat
//   MovieLens 100K:                              u.data, u.item, u.user, u.genre
//   any other folder:                            its *.csv, *.tsv, *.jsonl and *.ndjson files
// Each may be packed as .gz. In other files the columns' names say which kind of record a row is, unless the
// options or the file's name do.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/files/columns.h"
#include "adapters/files/record_builder.h"
#include "adapters/files/row_reader.h"

namespace winnow {

struct ReadOptions {
  std::optional<RecordKind> kind;      // of every file; nothing: told by each file
  std::vector<ColumnMapping> mapping;  // over what the columns' names say
  std::string separator;  // one character; empty: the one of , ; tab | that splits the header most
  BuildRules rules;
  std::size_t max_row_bytes = 1 << 20;
};

struct FilePlan {
  std::filesystem::path path;
  RecordKind kind = RecordKind::events;
  RowFormat format;
  bool has_header = false;
  std::vector<FileColumn> columns;  // of delimited rows
  bool may_be_latin1 = false;       // text that is not UTF-8 is Latin-1, not an error
  // MovieLens keeps what people say of its films in files of their own; empty when there are none.
  std::filesystem::path tags;
  std::filesystem::path links;
};

// The files of all paths, items first, then users, then events, so that events find what they speak of.
// Errors: not_found for a missing path; invalid, with what is known, for a folder without a file of use, an
// empty file, columns that do not make a record, or a mapping of a column that no file has.
Result<std::vector<FilePlan>> plan_files(std::span<const std::filesystem::path> paths,
                                         const ReadOptions& options);

}  // namespace winnow
