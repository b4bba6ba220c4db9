// What the process's exit status says, for scripts. Listed by `winnow help exit-codes` and in docs/cli.md.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace winnow {

enum class ExitCode : std::uint8_t {
  ok = 0,
  internal = 1,      // a bug, or a dependency that does not answer
  invalid = 2,       // wrong use, settings or input; another format version
  not_found = 3,     // no such file, item, user, version
  conflict = 4,      // the store is in use, or its state does not allow it
  corrupt = 5,       // the store, a bundle or a dump is damaged
  exhausted = 6,     // the disk or memory is full
  refused = 7,       // the training ran, but a gate kept the new model from going live
  interrupted = 130  // by SIGINT or SIGTERM
};

constexpr ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
    case ErrorCode::too_large:
    case ErrorCode::unsupported:
      return ExitCode::invalid;
    case ErrorCode::not_found:
      return ExitCode::not_found;
    case ErrorCode::conflict:
    case ErrorCode::forbidden:
    case ErrorCode::unauthenticated:
      return ExitCode::conflict;
    case ErrorCode::corrupt:
      return ExitCode::corrupt;
    case ErrorCode::exhausted:
      return ExitCode::exhausted;
    case ErrorCode::rate_limited:
    case ErrorCode::deadline:
    case ErrorCode::unavailable:
    case ErrorCode::internal:
      break;
  }
  return ExitCode::internal;
}

}  // namespace winnow
