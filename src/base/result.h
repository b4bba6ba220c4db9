// Result<T>: a value, or an Error that says what is wrong and what to do about it.
//
// Whatever input, disk or network can cause is returned as a Result; nothing of ours throws.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace winnow {

// By meaning, not by origin: the server maps each to one HTTP status, the command line to one exit code.
enum class ErrorCode {
  invalid,          // the caller's input breaks a rule; `field` names which
  not_found,        // no such user, item, file, version
  unauthenticated,  // no key, or an unknown one
  forbidden,        // a known key that may not do this
  conflict,         // the present state does not allow it (store in use, id exists)
  too_large,        // over a stated limit
  unsupported,      // a form we do not speak (media type, method, format version)
  rate_limited,     // too many requests; try later
  deadline,         // out of time
  unavailable,      // a dependency does not answer; try again
  exhausted,        // disk or memory is full
  corrupt,          // stored bytes fail their checksum or format
  internal,         // a bug: please report
};

// The code's name as users see it: "invalid", "not_found", ...
const char* name_of(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // names the value and the remedy
  std::string field{};  // the offending field, column, key or flag; empty when none
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const T& value() const& {
    WINNOW_CHECK(ok());
    return std::get<0>(state_);
  }
  T& value() & {
    WINNOW_CHECK(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    WINNOW_CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  T value_or(T other) const& { return ok() ? std::get<0>(state_) : std::move(other); }

  const Error& error() const& {
    WINNOW_CHECK(!ok());
    return std::get<1>(state_);
  }
  Error&& error() && {
    WINNOW_CHECK(!ok());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

// Success, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    WINNOW_CHECK(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

// The same error, with words before its message that say what was being done.
inline Error while_doing(std::string what, Error error) {
  error.message = std::move(what) + ": " + error.message;
  return error;
}

}  // namespace winnow

#define WINNOW_CONCAT_INNER(a, b) a##b
#define WINNOW_CONCAT(a, b) WINNOW_CONCAT_INNER(a, b)

// WINNOW_TRY(auto x, f()): x is f's value, or the function returns f's error.
#define WINNOW_TRY(declaration, expression) \
  WINNOW_TRY_INNER(WINNOW_CONCAT(winnow_try_, __LINE__), declaration, expression)
#define WINNOW_TRY_INNER(temporary, declaration, expression) \
  auto temporary = (expression);                             \
  if (!temporary.ok()) return std::move(temporary).error();  \
  declaration = std::move(temporary).value()

// Returns the error of a Status, or goes on.
#define WINNOW_RETURN_IF_ERROR(expression)                        \
  do {                                                            \
    if (auto winnow_status = (expression); !winnow_status.ok()) { \
      return ::winnow::Error(winnow_status.error());              \
    }                                                             \
  } while (false)
