#include "adapters/files/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/hash.h"

namespace winnow {

namespace {

constexpr TimestampMs kLeadOutMs = 6 * kHourMs;  // sessions that begin in the last hour end before end_ms
constexpr TimestampMs kLongestSessionMs = 150 * kMinuteMs;
constexpr std::uint32_t kNobody = 0xFFFFFFFF;
constexpr std::size_t kRemembered = 300;  // titles that a person does not want to be shown again
constexpr std::size_t kSlateSize = 8;
constexpr double kEarliestDays = 2100;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Night is quiet, the evening is busy, and the weekend busier.
double hour_weight(TimestampMs hour_ms) {
  const auto hour_of_day = static_cast<double>(hour_ms / kHourMs % 24);
  const auto day_of_week = (hour_ms / kDayMs + 4) % 7;  // 1970-01-01 was a Thursday; 0 is Sunday
  const double daily = 1 + 0.85 * std::cos((hour_of_day - 20) / 24 * 2 * std::numbers::pi);
  return daily * (day_of_week == 0 || day_of_week == 6 ? 1.35 : 1.0);
}

// How much steeper attention falls along the charts of a large catalogue. People look at the first places
// however many follow: the first hundred titles keep the share that they have among 1,500.
double steepness(std::size_t titles) {
  return std::max(1.0, std::log(static_cast<double>(titles) / 100) / std::log(15.0));
}

std::uint32_t chart_pick(Random& random, const std::vector<std::uint32_t>& chart, double power) {
  const double place = std::pow(random.uniform(), power) * static_cast<double>(chart.size());
  return chart[std::min(chart.size() - 1, static_cast<std::size_t>(place))];
}

}  // namespace

struct Simulation::Visit {
  std::uint32_t person = kNobody;  // whose tastes; of an anonymous visitor too
  bool anonymous = false;
  TimestampMs begin_ms = 0;
  TimestampMs now_ms = 0;
  double drift = 0;
  std::string session;
  std::string_view device;
  std::uint32_t last_title = kNobody;
};

Result<Simulation> Simulation::create(const SimulationOptions& options) {
  const auto at_least_one = [](std::uint64_t value, std::string_view field) -> Status {
    if (value > 0) return {};
    return Error{ErrorCode::invalid, fmt::format("{} is 0: give at least 1", field), std::string(field)};
  };
  WINNOW_RETURN_IF_ERROR(at_least_one(options.users, "users"));
  WINNOW_RETURN_IF_ERROR(at_least_one(options.items, "items"));
  WINNOW_RETURN_IF_ERROR(at_least_one(options.days, "days"));
  if (options.days > 3650) {
    return Error{ErrorCode::invalid, fmt::format("days is {}: the limit is 3650", options.days), "days"};
  }
  const TimestampMs length_ms = options.days * kDayMs;
  if (options.end_ms < length_ms + static_cast<TimestampMs>(kEarliestDays) * kDayMs) {
    return Error{ErrorCode::invalid,
                 fmt::format("end_ms is {}: give a time that lies at least {} days after 1970",
                             options.end_ms, kEarliestDays + options.days),
                 "end_ms"};
  }
  return Simulation(options, make_simulated_world({.users = options.users,
                                                   .items = options.items,
                                                   .seed = options.seed,
                                                   .begin_ms = options.end_ms - length_ms,
                                                   .end_ms = options.end_ms}));
}

Simulation::Simulation(const SimulationOptions& options, SimulatedWorld world)
    : options_(options),
      world_(std::move(world)),
      random_(hash64("events", options.seed)),
      watched_(world_.people.size()),
      begin_ms_(options.end_ms - options.days * kDayMs) {
  double sum = 0;
  for (const SimulatedPerson& person : world_.people) activity_before_.push_back(sum += person.activity);
  double share = 0;
  for (TimestampMs hour = begin_ms_; hour + kHourMs + kLeadOutMs <= options_.end_ms; hour += kHourMs) {
    hour_share_.push_back(share += hour_weight(hour));
  }
  for (double& hour : hour_share_) hour /= share;
}

std::vector<Event> Simulation::next(std::size_t limit) {
  std::vector<Event> out;
  while (out.size() < limit && emitted_ < options_.events) {
    if (given_ == ready_) {
      simulate_hour();
      continue;
    }
    out.push_back(std::move(pending_[given_++]));
    ++emitted_;
  }
  return out;
}

// Sessions reach into the hours after the one they began in, so only what lies before its end is ready.
void Simulation::simulate_hour() {
  WINNOW_CHECK(hour_ < hour_share_.size());
  if (hour_ % 24 == 0) begin_day(hour_ / 24);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(given_));
  given_ = 0;
  const TimestampMs hour_ms = begin_ms_ + hour_ * kHourMs;
  const bool last = hour_ + 1 == hour_share_.size();
  const auto target = static_cast<std::uint64_t>(hour_share_[hour_] * static_cast<double>(options_.events));
  while (generated_ < (last ? options_.events : target)) {
    simulate_session(hour_ms + static_cast<TimestampMs>(random_.uniform() * kHourMs));
  }
  std::stable_sort(pending_.begin(), pending_.end(),
                   [](const Event& a, const Event& b) { return a.time_ms < b.time_ms; });
  const TimestampMs ready_before = last ? options_.end_ms : hour_ms + kHourMs;
  const auto first_later = std::partition_point(
      pending_.begin(), pending_.end(), [&](const Event& event) { return event.time_ms < ready_before; });
  ready_ = static_cast<std::size_t>(first_later - pending_.begin());
  ++hour_;
}

void Simulation::begin_day(std::uint32_t day) {
  const TimestampMs now_ms = begin_ms_ + day * kDayMs;
  for (std::size_t g = 0; g < kSimulatedGenres; ++g) {
    // Every genre has a season of its own of three to seven weeks.
    const double season = 21 + 28 * static_cast<double>(hash64("season", options_.seed + g) % 1000) / 1000;
    genre_mood_[g] = static_cast<float>(
        0.6 * std::sin(2 * std::numbers::pi * (day / season + static_cast<double>(g) / 5)));
  }
  charts_.clear();
  new_titles_.clear();
  for (auto& chart : genre_charts_) chart.clear();
  std::vector<std::pair<double, std::uint32_t>> ranked;
  for (std::uint32_t i = 0; i < world_.items.size(); ++i) {
    if (world_.items[i].created_ms > now_ms) continue;
    ranked.emplace_back(-excitement(i, now_ms), i);
    if (now_ms - world_.items[i].created_ms < 14 * kDayMs) new_titles_.push_back(i);
  }
  std::sort(ranked.begin(), ranked.end());
  for (const auto& [excitement, title] : ranked) {
    charts_.push_back(title);
    genre_charts_[world_.titles[title].main_genre].push_back(title);
  }
  if (charts_.empty()) charts_.push_back(0);  // a service opens with its first title
}

// What draws everybody: quality, the week's mood, and news.
double Simulation::excitement(std::uint32_t title, TimestampMs now_ms) const {
  const SimulatedTitle& what = world_.titles[title];
  const double age_days = static_cast<double>(now_ms - world_.items[title].created_ms) / kDayMs;
  return what.quality + genre_mood_[what.main_genre] + 2 * std::exp(-std::max(age_days, 0.0) / 6);
}

void Simulation::simulate_session(TimestampMs begin_ms) {
  static constexpr std::string_view kDevices[] = {"tv", "phone", "web", "tablet"};
  Visit visit;
  const auto who = std::upper_bound(activity_before_.begin(), activity_before_.end(),
                                    random_.uniform() * activity_before_.back());
  visit.person = static_cast<std::uint32_t>(
      std::min<std::ptrdiff_t>(who - activity_before_.begin(), std::ssize(activity_before_) - 1));
  // Before people sign up they look around without a name.
  visit.anonymous = random_.uniform() < 0.05 || world_.users[visit.person].signup_ms > begin_ms;
  visit.begin_ms = visit.now_ms = begin_ms;
  visit.drift = static_cast<double>(begin_ms - begin_ms_) / static_cast<double>(options_.end_ms - begin_ms_);
  visit.session = fmt::format("ses-{:x}-{}", options_.seed & 0xFFFF, ++sessions_);
  visit.device = kDevices[random_.below(4)];
  double patience = 0.9;
  do {
    if (!simulate_slate(visit)) patience *= 0.6;
  } while (random_.uniform() < patience && visit.now_ms - visit.begin_ms < kLongestSessionMs);
}

// Looks down one list; true when something was opened.
bool Simulation::simulate_slate(Visit& visit) {
  const SimulatedPerson& person = world_.people[visit.person];
  for (std::size_t position = 1; position <= kSlateSize; ++position) {
    const std::uint32_t title = candidate(visit);
    visit.now_ms += 700 + random_.below(2500);
    if (options_.impressions) record(visit, title, Action::impression, 0, position);
    const double liking = affinity(person, world_.titles[title], visit.drift);
    // One click in a few is mere curiosity, and ends in a skip more often than not.
    const double interest = sigmoid(3.0 * liking + 0.3 * excitement(title, visit.now_ms) - 4.0);
    if (random_.uniform() < 0.02 + 0.98 * interest) {
      record(visit, title, Action::click, 0, position);
      simulate_watching(visit, title, liking);
      return true;
    }
    if (liking < -0.8 && random_.uniform() < 0.02) record(visit, title, Action::hide, 0, position);
    if (random_.uniform() < 0.1) break;  // attention wanes
  }
  return false;
}

void Simulation::simulate_watching(Visit& visit, std::uint32_t title, double liking) {
  const Item& item = world_.items[title];
  visit.last_title = title;
  auto& watched = watched_[visit.person];
  if (watched.size() == kRemembered) watched.erase(watched.begin(), watched.begin() + kRemembered / 2);
  watched.push_back(title);
  if (item.price > 0 && random_.uniform() < 0.3 * sigmoid(2 * liking - 1)) {
    visit.now_ms += 5000;
    record(visit, title, Action::purchase, item.price, 0);
  }
  const double share =
      std::min(1.0, std::max(0.01, sigmoid(1.6 * liking - 1.1 + 0.8 * random_.normal()) * 1.08));
  const double watched_s = std::floor(share * item.duration_s) + 1;
  visit.now_ms += static_cast<TimestampMs>(watched_s) * kSecondMs;
  record(visit, title, share < 0.1 ? Action::skip : Action::watch, share < 0.1 ? 0 : watched_s, 0);
  if (share == 1.0) record(visit, title, Action::finish, 0, 0);

  visit.now_ms += 1000 + random_.below(4000);
  if (random_.uniform() < 0.35 * sigmoid(3 * liking - 2)) record(visit, title, Action::like, 0, 0);
  if (random_.uniform() < 0.25 * sigmoid(-2 * liking - 1)) record(visit, title, Action::dislike, 0, 0);
  if (share == 1.0 && random_.uniform() < 0.1) {
    const double stars = std::round(2 * (3.2 + liking + 0.4 * random_.normal())) / 2;
    record(visit, title, Action::rating, std::min(5.0, std::max(0.5, stars)), 0);
  }
  if (liking > 0.8 && random_.uniform() < 0.03) record(visit, title, Action::share, 0, 0);
  if (liking > 1.0 && random_.uniform() < 0.04) record(visit, title, Action::follow, 0, 0);
}

// What the older recommender puts before the visitor.
std::uint32_t Simulation::candidate(const Visit& visit) {
  const SimulatedPerson& person = world_.people[visit.person];
  const auto& watched = watched_[visit.person];
  const double steeper = steepness(charts_.size());
  std::uint32_t title = charts_.front();
  for (int tries = 0; tries < 6; ++tries) {
    const double way = random_.uniform();
    if (way < 0.5) {
      // The genre that the person likes best of five drawn at random.
      std::uint32_t genre = random_.below(kSimulatedGenres);
      for (int draws = 0; draws < 4; ++draws) {
        const std::uint32_t other = random_.below(kSimulatedGenres);
        if (person.genres[other] > person.genres[genre]) genre = other;
      }
      if (genre_charts_[genre].empty()) continue;
      title = chart_pick(random_, genre_charts_[genre], 1.6 * steeper);
    } else if (way < 0.65) {
      title = chart_pick(random_, charts_, 2.5 * steeper);
    } else if (way < 0.8 && visit.last_title != kNobody) {
      const auto& same_creator = world_.catalog[world_.titles[visit.last_title].creator];
      title = same_creator[random_.below(static_cast<std::uint32_t>(same_creator.size()))];
    } else if (way < 0.9 && !new_titles_.empty()) {
      title = new_titles_[random_.below(static_cast<std::uint32_t>(new_titles_.size()))];
    } else {
      title = charts_[random_.below(static_cast<std::uint32_t>(charts_.size()))];
    }
    const bool released = world_.items[title].created_ms <= visit.now_ms;
    if (released && std::find(watched.begin(), watched.end(), title) == watched.end()) return title;
  }
  return world_.items[title].created_ms <= visit.now_ms ? title : charts_.front();
}

void Simulation::record(const Visit& visit, std::uint32_t title, Action action, double value,
                        std::size_t position) {
  Event event;
  event.event_id = fmt::format("sim{:04x}-{}", hash64("ids", options_.seed) & 0xFFFF, ++generated_);
  if (!visit.anonymous) event.user_id = world_.users[visit.person].id;
  event.item_id = world_.items[title].id;
  event.action = action;
  event.value = value;
  event.time_ms = visit.now_ms;
  event.session_id = visit.session;
  event.context = position > 0 ? fmt::format(R"({{"device":"{}","position":{}}})", visit.device, position)
                               : fmt::format(R"({{"device":"{}"}})", visit.device);
  pending_.push_back(std::move(event));
}

}  // namespace winnow
