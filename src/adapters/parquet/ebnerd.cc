#include "adapters/parquet/ebnerd.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "adapters/parquet/arrow_file.h"

namespace winnow {

namespace {

constexpr std::size_t kEventsAtOnce = 10'000;
constexpr TimestampMs kClickAfterMs = kSecondMs;

TimestampMs seconds_after(TimestampMs time_ms, double seconds) {
  return time_ms + static_cast<TimestampMs>(seconds * kSecondMs);
}

// Hands events to the log, many at a time.
class EventSink final {
 public:
  EventSink(EventLog& log, EbnerdReport& report) : log_(log), report_(report) {}

  Status add(Event event) {
    events_.push_back(std::move(event));
    return events_.size() < kEventsAtOnce ? Status() : store();
  }
  Status store() {
    if (events_.empty()) return {};
    WINNOW_TRY(const auto outcomes, log_.append(std::exchange(events_, {})));
    for (const AppendOutcome& outcome : outcomes) {
      ++(outcome.kind == AppendOutcome::Kind::stored ? report_.events : report_.duplicates);
    }
    return {};
  }

 private:
  EventLog& log_;
  EbnerdReport& report_;
  std::vector<Event> events_;
};

Status add_history(const ParquetRows& file, const arrow::RecordBatch& batch, EventSink& sink,
                   EbnerdReport& report) {
  WINNOW_TRY(const auto users, file.integers(batch, "user_id"));
  WINNOW_TRY(const auto articles, file.integer_lists(batch, "article_id_fixed"));
  WINNOW_TRY(const auto times, file.integer_lists(batch, "impression_time_fixed"));
  WINNOW_TRY(const auto seconds, file.double_lists(batch, "read_time_fixed"));
  if (articles.offsets != times.offsets || articles.offsets != seconds.offsets) {
    return Error{ErrorCode::invalid, "history.parquet: the lists of a user are of different lengths",
                 "article_id_fixed"};
  }
  for (std::int64_t r = 0; r < batch.num_rows(); ++r) {
    const auto row = static_cast<std::size_t>(r);
    for (std::int64_t k = articles.offsets[row]; k < articles.offsets[row + 1]; ++k) {
      const std::int64_t number = k - articles.offsets[row];
      Event view{.event_id = fmt::format("ebnerd-h{}-{}", users->Value(r), number),
                 .user_id = std::to_string(users->Value(r)),
                 .item_id = std::to_string(articles.values->Value(k)),
                 .action = Action::view,
                 .time_ms = times.values->Value(k)};
      ++report.read;
      if (!seconds.values->IsNull(k)) {
        Event watch = view;
        watch.event_id += "-w";
        watch.action = Action::watch;
        watch.value = seconds.values->Value(k);
        watch.time_ms = seconds_after(view.time_ms, watch.value);
        WINNOW_RETURN_IF_ERROR(sink.add(std::move(view)));
        WINNOW_RETURN_IF_ERROR(sink.add(std::move(watch)));
      } else {
        WINNOW_RETURN_IF_ERROR(sink.add(std::move(view)));
      }
    }
  }
  return {};
}

// The columns of a batch of behaviors.parquet.
struct Behaviors {
  std::shared_ptr<arrow::Int64Array> ids;
  std::shared_ptr<arrow::Int64Array> users;
  std::shared_ptr<arrow::Int64Array> sessions;
  std::shared_ptr<arrow::Int64Array> times;
  std::shared_ptr<arrow::Int64Array> article;  // that the list stood below; null: the front page
  std::shared_ptr<arrow::Int64Array> age;
  std::shared_ptr<arrow::DoubleArray> next_seconds;
  ParquetRows::Lists<arrow::Int64Array> in_view;
  ParquetRows::Lists<arrow::Int64Array> clicked;

  static Result<Behaviors> of(const ParquetRows& file, const arrow::RecordBatch& batch) {
    Behaviors out;
    WINNOW_TRY(out.ids, file.integers(batch, "impression_id"));
    WINNOW_TRY(out.users, file.integers(batch, "user_id"));
    WINNOW_TRY(out.sessions, file.integers(batch, "session_id"));
    WINNOW_TRY(out.times, file.integers(batch, "impression_time"));
    WINNOW_TRY(out.article, file.integers(batch, "article_id"));
    WINNOW_TRY(out.age, file.integers(batch, "age"));
    WINNOW_TRY(out.next_seconds, file.doubles(batch, "next_read_time"));
    WINNOW_TRY(out.in_view, file.integer_lists(batch, "article_ids_inview"));
    WINNOW_TRY(out.clicked, file.integer_lists(batch, "article_ids_clicked"));
    return out;
  }
};

Status add_impression(const Behaviors& rows, std::int64_t r, EventSink& sink, EbnerdReport& report) {
  const auto row = static_cast<std::size_t>(r);
  const std::string id = std::to_string(rows.ids->Value(r));
  const auto event_of = [&](std::string_view kind, std::int64_t k, std::int64_t article, Action action) {
    return Event{.event_id = fmt::format("ebnerd-{}-{}{}", id, kind, k),
                 .user_id = std::to_string(rows.users->Value(r)),
                 .item_id = std::to_string(article),
                 .action = action,
                 .time_ms = rows.times->Value(r),
                 .session_id = std::to_string(rows.sessions->Value(r)),
                 .recommendation_id = "ebnerd-" + id};
  };
  ++report.impressions;
  for (std::int64_t k = rows.in_view.offsets[row]; k < rows.in_view.offsets[row + 1]; ++k) {
    Event shown =
        event_of("s", k - rows.in_view.offsets[row], rows.in_view.values->Value(k), Action::impression);
    shown.context = rows.article->IsNull(r) ? R"({"surface":"front_page"})" : R"({"surface":"article"})";
    ++report.shown;
    WINNOW_RETURN_IF_ERROR(sink.add(std::move(shown)));
  }
  for (std::int64_t k = rows.clicked.offsets[row]; k < rows.clicked.offsets[row + 1]; ++k) {
    const std::int64_t number = k - rows.clicked.offsets[row];
    Event click = event_of("c", number, rows.clicked.values->Value(k), Action::click);
    click.time_ms += kClickAfterMs;
    Event watch = event_of("w", number, rows.clicked.values->Value(k), Action::watch);
    ++report.clicks;
    WINNOW_RETURN_IF_ERROR(sink.add(std::move(click)));
    if (number > 0 || rows.next_seconds->IsNull(r)) continue;
    watch.value = rows.next_seconds->Value(r);
    watch.time_ms = seconds_after(watch.time_ms + kClickAfterMs, watch.value);
    WINNOW_RETURN_IF_ERROR(sink.add(std::move(watch)));
  }
  return {};
}

}  // namespace

bool is_ebnerd_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(folder / "behaviors.parquet", ignored);
}

Result<EbnerdReport> import_ebnerd(const std::filesystem::path& folder, Catalog& catalog, EventLog& log,
                                   const std::function<bool(std::uint64_t)>& progress) {
  EbnerdReport report;
  EventSink sink(log, report);
  std::unordered_set<std::int64_t> known;  // users whose profile was put
  std::uint64_t done = 0;
  const auto each_batch = [&](const std::filesystem::path& path, const auto& add) -> Status {
    WINNOW_TRY(ParquetRows file, ParquetRows::open(path));
    for (;;) {
      WINNOW_TRY(const auto batch, file.next());
      if (batch == nullptr) return sink.store();
      WINNOW_RETURN_IF_ERROR(add(file, *batch));
      done += static_cast<std::uint64_t>(batch->num_rows());
      if (progress && !progress(done)) {
        return Error{ErrorCode::unavailable, "stopped: the same import goes on from here"};
      }
    }
  };
  const auto of_history = [&](const ParquetRows& file, const arrow::RecordBatch& batch) {
    return add_history(file, batch, sink, report);
  };
  const auto of_behaviors = [&](const ParquetRows& file, const arrow::RecordBatch& batch) -> Status {
    WINNOW_TRY(const Behaviors rows, Behaviors::of(file, batch));
    std::vector<User> users;
    for (std::int64_t r = 0; r < batch.num_rows(); ++r) {
      WINNOW_RETURN_IF_ERROR(add_impression(rows, r, sink, report));
      if (rows.age->IsNull(r) || !known.insert(rows.users->Value(r)).second) continue;
      User user;
      user.id = std::to_string(rows.users->Value(r));
      user.age_group = std::to_string(rows.age->Value(r));
      users.push_back(std::move(user));
    }
    report.users += users.size();
    return catalog.put_users(users);
  };
  std::error_code ignored;
  if (std::filesystem::exists(folder / "history.parquet", ignored)) {
    WINNOW_RETURN_IF_ERROR(each_batch(folder / "history.parquet", of_history));
  }
  WINNOW_RETURN_IF_ERROR(each_batch(folder / "behaviors.parquet", of_behaviors));
  return report;
}

}  // namespace winnow
