// A Site is one tenant: its catalogue, event log, features, live model and pipeline.
//
// The server maps an API key to a Site; nothing of one Site is reachable from another. All calls are
// thread-safe. Reads (recommend, similar, trending, item, ...) never wait for writes; append_events answers
// on a thread of the log.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "domain/query.h"
#include "events/event_log.h"
#include "events/impression_log.h"
#include "registry/model_registry.h"
#include "telemetry/request_trace.h"

namespace winnow {

// What `trending` and `similar` answer with.
struct ItemList {
  std::vector<SlateItem> items;
  std::string model_version;
};

struct ListQuery {
  std::size_t count = 20;
  std::string category;  // empty: overall
  std::string country;   // empty: everywhere
};

// The fate of one event of a call, in the order of the call.
struct EventOutcome {
  enum class Kind : std::uint8_t { accepted, duplicate, rejected } kind = Kind::accepted;
  std::string event_id;
  std::optional<Error> error;  // of a rejected one
};

struct EraseReport {
  std::uint64_t events = 0;
  bool profile = false;
  bool features = false;
  std::uint64_t dead_letters = 0;
  std::uint64_t impressions = 0;    // answers that were kept with what they showed
  std::uint64_t rejected_rows = 0;  // of imports
};

struct SiteStatus {
  std::uint64_t items = 0;
  std::uint64_t users = 0;     // with features
  std::uint64_t profiles = 0;  // in the catalogue
  LogStatistics log;
  LogPosition applied = 0;  // by the speed layer; log.last - applied is its lag
  std::uint64_t dead_letters = 0;
  ImpressionLogStatistics impressions;  // what answers showed; zeros where that is not kept
  std::string model_version;            // empty when none is live
  std::string model_error;           // why the live version or ranking.onnx is not what serves; empty: it is
  std::vector<IndexStatus> indexes;  // of the live model; none where an exact search is as fast
};

class Site {
 public:
  virtual ~Site() = default;

  // Errors: invalid (count, cursor, ids), deadline never: an answer gets simpler, not empty.
  // The trace, which belongs to the call, gets the time of every stage.
  virtual Result<Response> recommend(const Query& query, RequestTrace& trace) const = 0;
  virtual Result<ItemList> similar(std::string_view item_id, std::size_t count) const = 0;  // not_found
  virtual Result<ItemList> trending(const ListQuery& query) const = 0;

  // Validates each event, appends the valid ones, and calls `done` once they are durable: on another thread,
  // or before returning when none is valid. The call fails as a whole only when the log does.
  using EventsDone = std::function<void(Result<std::vector<EventOutcome>>)>;
  virtual void append_events(std::vector<Event> events, EventsDone done) = 0;
  virtual Result<EventPage> user_events(std::string_view user_id, LogPosition before,
                                        std::size_t count) const = 0;

  virtual Status put_items(
      std::span<const Item> items) = 0;  // validates; the error's field names "items[3].title"
  virtual Result<Item> item(std::string_view id) const = 0;
  virtual Result<bool> erase_item(std::string_view id) = 0;
  virtual Result<CatalogPage<Item>> items(std::string_view after, std::size_t limit) const = 0;
  // Items whose id equals, or whose title contains, the text (letters compared without case); at most
  // `limit`.
  virtual Result<std::vector<Item>> search_items(std::string_view text, std::size_t limit) const = 0;

  virtual Status put_users(std::span<const User> users) = 0;
  virtual Result<User> user(std::string_view id) const = 0;
  virtual Result<CatalogPage<User>> users(std::string_view after, std::size_t limit) const = 0;
  // Erases the user everywhere: log, features, profile, dead letters, impressions; from disk too. Returns
  // when it is done.
  virtual Result<EraseReport> erase_user(std::string_view id) = 0;

  virtual Result<std::vector<DeadLetter>> dead_letters(std::uint64_t after_id, std::size_t limit) const = 0;
  virtual Result<std::uint64_t> replay_dead_letters() = 0;  // how many were applied

  virtual SiteStatus status() const = 0;
  virtual Result<std::vector<VersionInfo>> models() const = 0;
};

}  // namespace winnow
