#include "batch/job_steps.h"

#include <span>
#include <type_traits>
#include <utility>

namespace winnow {

namespace {

// Raised when a step's output changes its form or its meaning: outputs of another release are not taken over.
constexpr std::uint32_t kStepsFormat = 4;

Error damaged() { return {ErrorCode::corrupt, "an output of a stopped job is damaged: it is made again"}; }

// Reports are plain numbers: they are kept as they lie in memory.
template <class T>
void write_plain(ByteWriter& out, const T& value) {
  out.array(std::span<const T>(&value, 1));
}
template <class T>
T read_plain(ByteReader& in) {
  const std::vector<T> values = in.array<T>();
  return values.size() == 1 ? values.front() : T{};
}

void add_extra_models(ByteWriter& out, const ModelOptions& models) {
  out.varint(models.extra.size());
  for (const std::string& name : models.extra) out.string(name);
  const auto write = [&](const auto&... fields) { (out.fixed(fields), ...); };
  // A field that is added and not named here does not compile.
  const auto& [s_dims, s_iterations, s_history, s_answer, s_half_life, s_seed] = models.spectral;
  write(s_dims, s_iterations, s_history, s_answer, s_half_life, s_seed);
  const auto& [g_dims, g_histories, g_epochs, g_batch, g_negatives, g_rate, g_user, g_taught, g_sharpness,
               g_filter_dims, g_smooth_weight, g_time, g_half_life, g_seed] = models.graph;
  write(g_dims, g_histories, g_epochs, g_batch, g_negatives, g_rate, g_user, g_taught, g_sharpness,
        g_filter_dims, g_smooth_weight, g_time, g_half_life, g_seed);
  const auto& [t_dims, t_layers, t_heads, t_length, t_epochs, t_patience, t_batch, t_rate, t_decay, t_dropout,
               t_refit, t_budget, t_seed] = models.two_tower;
  write(t_dims, t_layers, t_heads, t_length, t_epochs, t_patience, t_batch, t_rate, t_decay, t_dropout,
        t_refit, t_budget, t_seed);
}

}  // namespace

std::string Started::encode() const {
  ByteWriter out;
  out.fixed(now_ms);
  return out.take();
}

Result<Started> Started::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const Started started{in.fixed<TimestampMs>()};
  if (in.failed()) return damaged();
  return started;
}

std::string Prepared::encode() const {
  ByteWriter out;
  write_plain(out, extract);
  write_plain(out, clean);
  out.string(data.encode());
  return out.take();
}

Result<Prepared> Prepared::decode(std::string_view bytes) {
  ByteReader in(bytes);
  Prepared out;
  out.extract = read_plain<ExtractReport>(in);
  out.clean = read_plain<CleanReport>(in);
  WINNOW_TRY(out.data, Dataset::decode(in.string()));
  if (in.failed()) return damaged();
  return out;
}

std::string Fitted::encode() const {
  ByteWriter out;
  out.fixed(popularity_half_life_days);
  out.string(blend.encode());
  out.string(models.encode());
  return out.take();
}

Result<Fitted> Fitted::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const auto half_life_days = in.fixed<double>();
  WINNOW_TRY(const BlendWeights blend, BlendWeights::decode(in.string()));
  WINNOW_TRY(ModelSet models, ModelSet::decode(in.string()));
  if (in.failed()) return damaged();
  return Fitted{std::move(models), blend, half_life_days};
}

Hash128 fingerprint(const JobInputs& inputs, const TrainOptions& options) {
  ByteWriter out;
  out.fixed(kStepsFormat);
  const LogStatistics log = inputs.log.statistics();
  // The count tells a log apart from which a user was erased: what was derived from that user goes too.
  for (const std::uint64_t number : {log.last, log.first, log.events, inputs.catalog.item_count(),
                                     inputs.feedback.fingerprint(), options.seed}) {
    out.varint(number);
  }
  out.fixed(options.extract.window_days);
  out.varint(options.extract.window_min_events);
  out.fixed(options.clean.bot_events_per_minute);
  out.fixed(options.clean.session_minutes);
  out.fixed(options.clean.daily_cap);
  out.fixed(options.clean.decay_per_day);
  out.fixed(options.parts.validation_share);
  out.fixed(options.parts.test_share);
  out.varint(options.parts.min_users);
  out.varint(options.parts.max_users);
  for (const double half_life_days : options.popularity_half_lives) out.fixed(half_life_days);
  // A model without items is its options, all of them, in bytes.
  out.string(AlsModel(0, options.models.als, {}).encode());
  out.string(ItemToItemModel(options.models.item_to_item, {0}, {}).encode());
  add_extra_models(out, options.models);
  out.fixed(options.refresh);
  return hash128(out.bytes());
}

}  // namespace winnow
