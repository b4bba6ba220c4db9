#include "online/engine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "base/clock.h"
#include "models/ranking/cascade.h"
#include "online/similar.h"

namespace winnow {

namespace {

std::string not_served(const std::string& version, const Error& why) {
  return fmt::format("version {} is not served: {}", version, why.message);
}

std::string by_the_blend(const std::string& ranker, const Error& why) {
  return fmt::format("{} failed and the blend ranks instead: {}", ranker, why.message);
}

std::string ranker_of(const std::string& version) { return "the ranker of version " + version; }

}  // namespace

Engine::Engine(const Parts& parts, EngineOptions options)
    : parts_(parts),
      options_(std::move(options)),
      profiles_(parts.catalog),
      speed_({parts.catalog, table_, parts.log, parts.dead_letters, parts.features, profiles_, parts.clock},
             options_.feedback, options_.speed),
      content_(parts.catalog, table_, model_, options_.pipeline.retrieve.uses("content")),
      context_(parts.features, profiles_, table_, speed_, options_.speed.user),
      source_pool_(options_.source_threads),
      pipeline_({context_, table_, model_, source_pool_, parts.impressions}, options_.pipeline),
      seed_(std::random_device{}()),
      onnx_(options_.onnx),
      onnx_error_(options_.onnx_error) {}

Result<std::unique_ptr<Engine>> Engine::open(const Parts& parts, EngineOptions options) {
  std::unique_ptr<Engine> engine(new Engine(parts, std::move(options)));
  WINNOW_RETURN_IF_ERROR(engine->table_.load(parts.catalog));
  WINNOW_RETURN_IF_ERROR(engine->speed_.restore());
  engine->model_.publish(engine->serving_model(nullptr, nullptr));
  engine->follow_registry();
  return engine;
}

Engine::~Engine() { stop(); }

Status Engine::catch_up(const std::function<void(LogPosition, LogPosition)>& progress) {
  for (;;) {
    WINNOW_TRY(const std::size_t count, speed_.consume());
    if (count == 0) break;
    if (progress) progress(speed_.position(), parts_.log.statistics().last);
  }
  WINNOW_RETURN_IF_ERROR(speed_.flush());
  ready_.store(true, std::memory_order_release);
  return {};
}

Status Engine::rebuild(const std::function<void(LogPosition, LogPosition)>& progress) {
  return speed_.replay(progress);
}

void Engine::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  content_.start();
}

void Engine::stop() {
  stopping_.store(true, std::memory_order_release);
  content_.stop();
  if (!thread_.joinable()) return;
  thread_.join();
  static_cast<void>(speed_.flush());  // a checkpoint that is not written only means more to consume next time
}

// Retention. Impressions come with every answer and are dropped a few at a time, so that what there is of
// them stays near its bounds and events wait for nothing; what fails is tried again.
void Engine::keep_house() {
  constexpr TimestampMs kLogMs = kHourMs;
  constexpr double kImpressionsS = 60;
  constexpr double kMoreImpressionsS = 0.2;
  constexpr std::uint64_t kImpressionsAtOnce = 500;
  const TimestampMs now_ms = parts_.clock.now_ms();
  if (options_.retention_ms > 0 && now_ms >= next_log_retention_ms_) {
    static_cast<void>(parts_.log.enforce_retention(now_ms));
    next_log_retention_ms_ = now_ms + kLogMs;
  }
  if (parts_.impressions != nullptr && steady_seconds() >= next_impression_retention_s_) {
    const auto dropped = parts_.impressions->enforce_retention(now_ms, kImpressionsAtOnce);
    const bool more = dropped.ok() && *dropped == kImpressionsAtOnce;
    next_impression_retention_s_ = steady_seconds() + (more ? kMoreImpressionsS : kImpressionsS);
  }
}

// Consumes as events arrive; between two polls of the registry it sleeps in the log.
void Engine::run() {
  constexpr TimestampMs kRetryMs = 200;
  double next_poll_s = 0;
  const LogPosition target = parts_.log.statistics().last;
  while (!stopping_.load(std::memory_order_acquire)) {
    const Result<std::size_t> consumed = speed_.consume();
    if (speed_.position() >= target) ready_.store(true, std::memory_order_release);
    if (steady_seconds() >= next_poll_s) {
      follow_registry();
      next_poll_s = steady_seconds() + static_cast<double>(options_.model_poll_ms) / 1000;
    }
    keep_house();
    if (!consumed.ok()) {
      std::this_thread::sleep_for(
          std::chrono::milliseconds(kRetryMs));  // a store that is down: wait, lose nothing
    } else if (*consumed == 0) {
      parts_.log.wait_beyond(speed_.position(), std::min<TimestampMs>(options_.model_poll_ms, 100));
    }
  }
}

std::shared_ptr<const ServingModel> Engine::serving_model(std::shared_ptr<const ModelBundle> bundle,
                                                          std::shared_ptr<const Ranker> ranker) const {
  return std::make_shared<const ServingModel>(std::move(bundle), std::move(ranker), table_,
                                              content_.content(), options_.pipeline.content_share);
}

// A user's own model that makes no numbers is laid aside, and the version goes on with its own ranker; the
// light ranker is always the version's. A version whose ranker makes no numbers must not serve: the newest
// usable one before it takes its place, for all servers of the registry. Where there is none, its blend goes
// on.
std::string Engine::retire_tripped() {
  const std::shared_ptr<const ServingModel> model = model_.pin();
  if (!model->tripped()) return {};
  const Error why = model->why_tripped();
  const std::string version = model->version();
  if (onnx_ != nullptr && why.field == kFullRanker) {
    onnx_error_ = "ranking.onnx is not used any more: " + why.message;
    onnx_ = nullptr;
    auto own = model_of(model->shared_bundle());
    if (!own.ok()) model_error_ = not_served(version, own.error());
    model_.publish(own.ok() ? *std::move(own) : serving_model(model->shared_bundle(), nullptr));
    return {};
  }
  if (version == given_up_) return {};
  const Result<std::optional<std::string>> live = parts_.registry.live();
  if (!live.ok() || live->value_or("") != version) return {};
  const Result<std::string> before = parts_.registry.roll_back();
  if (!before.ok()) {
    given_up_ = version;
    model_error_ = fmt::format("{}, and no version before it can take its place: {}",
                               by_the_blend(ranker_of(version), why), before.error().message);
    return {};
  }
  static_cast<void>(parts_.registry.reject(version, "its ranker failed in serving: " + why.message));
  model_error_ =
      fmt::format("version {} failed in serving and {} took its place: {}", version, *before, why.message);
  return *before;
}

void Engine::follow_registry() {
  MutexLock lock(models_);
  const std::string retreat = retire_tripped();
  const Result<std::optional<std::string>> live = parts_.registry.live();
  registry_error_ = live.ok() ? std::string() : live.error().message;
  if (!live.ok()) return;
  const std::string version = live->value_or("");
  const std::string serving = model_.pin()->version();
  if (version == refused_version_) return;
  if (version == serving) {
    if (!refused_version_.empty()) model_error_.clear();
    refused_version_.clear();
    return;
  }
  auto loaded = load_version(version);
  if (!loaded.ok()) {
    refused_version_ = version;
    model_error_ = not_served(version, loaded.error());
    if (serving.empty()) serve_earlier();
    return;
  }
  model_.publish(*std::move(loaded));
  if (version != retreat) model_error_.clear();
  refused_version_.clear();
}

void Engine::serve_earlier() {
  const auto earlier = parts_.registry.earlier();
  if (!earlier.ok()) return;
  for (const std::string& version : *earlier) {
    auto loaded = load_version(version);
    if (!loaded.ok()) continue;
    model_.publish(*std::move(loaded));
    model_error_ += fmt::format("; {} serves in its place", version);
    return;
  }
}

Result<std::shared_ptr<const ServingModel>> Engine::load_version(const std::string& version) const {
  if (version.empty()) return model_of(nullptr);
  WINNOW_TRY(std::shared_ptr<const ModelBundle> bundle, parts_.registry.load(version));
  return model_of(std::move(bundle));
}

Result<std::shared_ptr<const ServingModel>> Engine::model_of(
    std::shared_ptr<const ModelBundle> bundle) const {
  const RankerModel* const own = bundle ? bundle->ranker.get() : nullptr;
  std::shared_ptr<const Ranker> ranker;
  if (onnx_ != nullptr) {
    WINNOW_TRY(ranker, Ranker::open(onnx_, own, options_.ranker_precision));
  } else if (own != nullptr) {
    WINNOW_TRY(ranker, Ranker::open(*own, options_.ranker_precision));
  }
  return serving_model(std::move(bundle), std::move(ranker));
}

Result<Response> Engine::recommend(const Query& query, RequestTrace& trace) const {
  Query completed = query;
  if (completed.now_ms == 0) completed.now_ms = parts_.clock.now_ms();
  if (completed.seed == 0) completed.seed = seed_ + (requests_.fetch_add(1, std::memory_order_relaxed) << 32);
  if (completed.deadline_s == 0) {
    completed.deadline_s = steady_seconds() + static_cast<double>(options_.deadline_ms) / 1000;
  }
  return pipeline_.recommend(std::move(completed), trace);
}

ItemList Engine::list_of(const std::vector<ScoredItem>& found, std::size_t count, std::string_view source,
                         const Reason& reason) const {
  const std::shared_ptr<const ItemSnapshot> items = table_.pin();
  ItemList list;
  for (const ScoredItem& hit : found) {
    if (list.items.size() == count) break;
    if (row(hit.item) >= items->size() || !items->attributes(hit.item).available) continue;
    list.items.push_back({std::string(items->id(hit.item)), hit.score, reason, {{source, hit.score}}});
  }
  return list;
}

Result<ItemList> Engine::similar(std::string_view item_id, std::size_t count) const {
  const ItemIndex item = table_.find(item_id);
  const std::shared_ptr<const ItemSnapshot> items = table_.pin();
  if (item == kNoItem || row(item) >= items->size() || !items->attributes(item).listed) {
    return Error{ErrorCode::not_found,
                 "there is no item \"" + std::string(item_id) + "\": add it or check the id", "item_id"};
  }
  const ItemView view = items->view(item);
  const std::string title(view.title.empty() ? view.id : view.title);
  const std::shared_ptr<const ServingModel> model = model_.pin();
  ItemList list = list_of(similar_items(item, *model, speed_.co_occurrence()), count, "item_to_item",
                          {"similar_to", "Liked by people who liked " + title, std::string(item_id)});
  if (list.items.size() < count && !view.categories.empty()) {
    // Too little is known of the item: what is popular among its kind follows.
    const std::shared_ptr<const Trends> trends = speed_.trends();
    const auto kind = trends->by_category.find(view.categories.front());
    if (kind != trends->by_category.end()) {
      const std::string name = table_.name_of(view.categories.front());
      for (SlateItem& more : list_of(kind->second, count + list.items.size() + 1, "category",
                                     {"popular_in_category", "Popular in " + name, ""})
                                 .items) {
        const bool known = more.item_id == item_id ||
                           std::any_of(list.items.begin(), list.items.end(),
                                       [&](const SlateItem& other) { return other.item_id == more.item_id; });
        if (!known && list.items.size() < count) {
          more.score = 0;  // not comparable with a similarity
          list.items.push_back(std::move(more));
        }
      }
    }
  }
  list.model_version = model->version();
  return list;
}

Result<ItemList> Engine::trending(const ListQuery& query) const {
  const std::shared_ptr<const Trends> trends = speed_.trends();
  const auto in_category = [&](const std::unordered_map<NameKey, std::vector<ScoredItem>>& lists,
                               NameKey key) {
    const auto found = lists.find(key);
    return found == lists.end() ? std::vector<ScoredItem>{} : found->second;
  };
  std::vector<ScoredItem> rising = query.category.empty()
                                       ? trends->trending
                                       : in_category(trends->trending_by_category, name_key(query.category));
  std::vector<ScoredItem> popular =
      query.category.empty() ? trends->popular : in_category(trends->by_category, name_key(query.category));
  const auto items = table_.pin();
  if (!query.country.empty()) {
    const NameKey country = name_key(query.country);
    const auto barred = [&](const ScoredItem& hit) {
      const auto regions = items->attributes(hit.item).regions;
      return !regions.empty() && std::find(regions.begin(), regions.end(), country) == regions.end();
    };
    std::erase_if(rising, barred);
    std::erase_if(popular, barred);
  }
  ItemList list = list_of(rising, query.count, "trending", {"trending", "Trending: rising fast", ""});
  for (SlateItem& more :
       list_of(popular, query.count + list.items.size(), "popular", {"popular", "Popular right now", ""})
           .items) {
    if (list.items.size() >= query.count) break;
    const bool known = std::any_of(list.items.begin(), list.items.end(),
                                   [&](const SlateItem& other) { return other.item_id == more.item_id; });
    if (!known) {
      more.score = 0;  // behind whatever rises
      list.items.push_back(std::move(more));
    }
  }
  list.model_version = model_.pin()->version();
  return list;
}

Result<std::vector<VersionInfo>> Engine::models() const { return parts_.registry.versions(); }

SiteStatus Engine::status() const {
  SiteStatus status;
  status.items = parts_.catalog.item_count();
  status.profiles = parts_.catalog.user_count();
  status.users = parts_.features.user_count();
  status.log = parts_.log.statistics();
  status.applied = speed_.position();
  status.dead_letters = parts_.dead_letters.size();
  if (parts_.impressions != nullptr) status.impressions = parts_.impressions->statistics();
  const std::shared_ptr<const ServingModel> model = model_.pin();
  status.model_version = model->version();
  if (model->bundle() != nullptr) status.indexes = indexes_of(*model->bundle());
  MutexLock lock(models_);
  std::vector<std::string> errors = {registry_error_, model_error_, onnx_error_};
  if (model->tripped() && model->version() != given_up_) {
    const Error why = model->why_tripped();
    const bool foreign = onnx_ != nullptr && why.field == kFullRanker;
    errors.push_back(by_the_blend(foreign ? "ranking.onnx" : ranker_of(model->version()), why));
  }
  std::erase(errors, "");
  status.model_error = fmt::format("{}", fmt::join(errors, "; "));
  return status;
}

}  // namespace winnow
