// Engine: the Site over ports. It owns the speed layer, the item table, the live model and the pipeline, and
// a background thread that consumes the log and watches the registry for a new live version.
//
// Life: open() (restores the last checkpoint and loads the live model), catch_up() (consumes the log to its
// end), start() (the background thread), stop() or destruction. Threads: see Site. Lock order: models_, then
// SpeedLayer, then ItemTable.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "base/published.h"
#include "online/ingest/speed_layer.h"
#include "online/pipeline.h"
#include "online/retrieve/content_keeper.h"
#include "online/site.h"

namespace winnow {

struct EngineOptions {
  FeedbackPolicy feedback;
  SpeedOptions speed;
  PipelineOptions pipeline;
  std::size_t source_threads = 4;  // for sources that take long; see RetrieveOptions
  EventLimits events;
  TimestampMs retention_ms = 0;     // of the event log; 0 keeps events for ever
  TimestampMs deadline_ms = 40;     // a request's retrieval stops adding sources after this
  TimestampMs model_poll_ms = 250;  // how often the registry is asked for a new live version
  Precision ranker_precision = Precision::bf16;
  std::shared_ptr<const OnnxModel>
      onnx;                // a user's own ranker in place of the versions' full ones; null: none
  std::string onnx_error;  // why there is none although one was asked for; status() tells
};

class Engine final : public Site {
 public:
  // All ports outlive the engine.
  struct Parts {
    Catalog& catalog;
    EventLog& log;
    DeadLetterLog& dead_letters;
    FeatureStore& features;
    ModelRegistry& registry;
    const Clock& clock;
    ImpressionLog* impressions = nullptr;  // null: what answers show is not logged
    // Erases what imports kept of the user in rejected rows, and counts it; none when there are no such
    // files.
    std::function<Result<std::uint64_t>(std::string_view user_id)> erase_rejected = {};
  };
  static Result<std::unique_ptr<Engine>> open(const Parts& parts, EngineOptions options);
  ~Engine() override;

  // Consumes the log to its end. `progress` gets positions done and in all.
  Status catch_up(const std::function<void(LogPosition, LogPosition)>& progress = {});
  // Derives all state again from the log's first event on.
  Status rebuild(const std::function<void(LogPosition, LogPosition)>& progress = {});
  void start();
  // Ends the background thread and writes a last checkpoint.
  void stop();

  // Brings the index of items' descriptions up to date now; start() does so in the background.
  Status refresh_content() { return content_.refresh(); }

  // True once the log has been consumed to where it ended when start() was called.
  bool ready() const { return ready_.load(std::memory_order_acquire); }

  Result<Response> recommend(const Query& query, RequestTrace& trace) const override;
  Result<ItemList> similar(std::string_view item_id, std::size_t count) const override;
  Result<ItemList> trending(const ListQuery& query) const override;
  void append_events(std::vector<Event> events, EventsDone done) override;
  Result<EventPage> user_events(std::string_view user_id, LogPosition before,
                                std::size_t count) const override;
  Status put_items(std::span<const Item> items) override;
  Result<Item> item(std::string_view id) const override;
  Result<bool> erase_item(std::string_view id) override;
  Result<CatalogPage<Item>> items(std::string_view after, std::size_t limit) const override;
  Result<std::vector<Item>> search_items(std::string_view text, std::size_t limit) const override;
  Status put_users(std::span<const User> users) override;
  Result<User> user(std::string_view id) const override;
  Result<CatalogPage<User>> users(std::string_view after, std::size_t limit) const override;
  Result<EraseReport> erase_user(std::string_view id) override;
  Result<std::vector<DeadLetter>> dead_letters(std::uint64_t after_id, std::size_t limit) const override;
  Result<std::uint64_t> replay_dead_letters() override;
  SiteStatus status() const override;
  Result<std::vector<VersionInfo>> models() const override;

  const SpeedLayer& speed_layer() const { return speed_; }

 private:
  Engine(const Parts& parts, EngineOptions options);
  std::shared_ptr<const ServingModel> serving_model(std::shared_ptr<const ModelBundle> bundle,
                                                    std::shared_ptr<const Ranker> ranker) const;
  // Empty: without a bundle.
  Result<std::shared_ptr<const ServingModel>> load_version(const std::string& version) const
      WINNOW_REQUIRES(models_);
  // With the ranker that is to rank; null: without a bundle.
  Result<std::shared_ptr<const ServingModel>> model_of(std::shared_ptr<const ModelBundle> bundle) const
      WINNOW_REQUIRES(models_);
  // The version that takes a tripped one's place; empty when nothing changes in the registry.
  std::string retire_tripped() WINNOW_REQUIRES(models_);
  // The newest usable version that was live before the live one.
  void serve_earlier() WINNOW_REQUIRES(models_);
  // Loads the live version when it is another than the one that serves. A version that cannot be loaded
  // leaves the one that serves in place (at the start: serve_earlier), and is reported by status().
  void follow_registry() WINNOW_EXCLUDES(models_);
  void keep_house();
  void run();
  ItemList list_of(const std::vector<ScoredItem>& found, std::size_t count, std::string_view source,
                   const Reason& reason) const;

  Parts parts_;
  EngineOptions options_;
  ItemTable table_;
  ProfileCache profiles_;
  SpeedLayer speed_;
  Published<ServingModel> model_;
  ContentKeeper content_;
  ContextFetcher context_;
  SourcePool source_pool_;
  Pipeline pipeline_;
  std::uint64_t seed_;
  mutable std::atomic<std::uint64_t> requests_{0};

  mutable Mutex models_;
  std::string registry_error_ WINNOW_GUARDED_BY(models_);
  std::string model_error_ WINNOW_GUARDED_BY(models_);              // of a version; until another serves
  std::string refused_version_ WINNOW_GUARDED_BY(models_);          // not tried again
  std::optional<std::string> given_up_ WINNOW_GUARDED_BY(models_);  // tripped, and none is before it
  std::shared_ptr<const OnnxModel> onnx_ WINNOW_GUARDED_BY(models_);
  std::string onnx_error_ WINNOW_GUARDED_BY(models_);

  // Of the background thread: when retention is looked after next.
  TimestampMs next_log_retention_ms_ = 0;
  double next_impression_retention_s_ = 0;

  std::atomic<bool> ready_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace winnow
