// Command lines of the bench's programs: --name value pairs, and the task that most of them describe.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "ann_engines/engine.h"

namespace winnow::bench {

using Arguments = std::map<std::string, std::string>;

Arguments parse_arguments(std::span<char* const> words);
std::string text(const Arguments& given, const std::string& name, const std::string& otherwise);
std::uint32_t number(const Arguments& given, const std::string& name, std::uint32_t otherwise);
Metric metric_of(const Arguments& given);

// --efforts NPROBE:RERANK:REACH,...; none when it is not given.
std::vector<SearchEffort> read_efforts(const Arguments& given);

// --base, --queries, --truth, --k, --metric, --cache, --keep, --limit-queries.
Task read_task(const Arguments& given);

}  // namespace winnow::bench
