#include "online/query/fetch_context.h"

#include <algorithm>
#include <iterator>

namespace winnow {

namespace {

const std::shared_ptr<const UserState>& unknown_visitor() {
  static const auto kUnknown = std::make_shared<const UserState>();
  return kUnknown;
}

bool earlier(const Interaction& a, const Interaction& b) { return a.time_ms < b.time_ms; }

// What the session did before its visitor signed in belongs to the user for this request.
void merge_state(UserContext& user, const UserState& session) {
  const auto middle = static_cast<std::ptrdiff_t>(user.history.size());
  user.history.insert(user.history.end(), session.history.begin(), session.history.end());
  std::inplace_merge(user.history.begin(), user.history.begin() + middle, user.history.end(), earlier);
  user.session_seen.insert(user.session_seen.end(), session.seen.begin(), session.seen.end());
}

}  // namespace

RequestContext ContextFetcher::fetch(const Query& query) const {
  RequestContext context;
  context.query = &query;
  context.state_position = speed_.position();
  context.items = table_.pin();
  context.trends = speed_.trends();
  context.co_occurrence = &speed_.co_occurrence();
  UserContext& user = context.user;
  user.state = unknown_visitor();
  const auto look_up = [&](std::string_view user_id, std::string_view session_id) {
    if (user_id.empty() && session_id.empty()) return unknown_visitor();
    Result<std::shared_ptr<const UserState>> found = features_.user(subject_of(user_id, session_id));
    if (!found.ok()) user.defaulted = true;
    return found.ok() && *found ? *std::move(found) : unknown_visitor();
  };
  user.state = look_up(query.user_id, query.session_id);
  user.history = user.state->history;
  if (!query.user_id.empty() && !query.session_id.empty()) merge_state(user, *look_up("", query.session_id));

  if (!query.session_events.empty()) {
    UserState visit;
    for (const Event& event : query.session_events) {
      const ItemIndex item = table_.find(event.item_id);
      if (item == kNoItem || row(item) >= context.items->size()) continue;
      apply_event(visit,
                  resolve(event, query.now_ms, item, context.items->attributes(item), speed_.feedback()),
                  options_);
    }
    merge_state(user, visit);
  }
  if (!query.context_item.empty()) {
    // The item on screen speaks for itself: as a click that happens now.
    const ItemIndex item = table_.find(query.context_item);
    if (item != kNoItem) {
      const auto weight = static_cast<float>(speed_.feedback().weight(Action::click));
      user.history.push_back({item, Action::click, Signal::positive, weight, query.now_ms, 0});
    }
  }
  std::sort(user.session_seen.begin(), user.session_seen.end(),
            [](const SeenItem& a, const SeenItem& b) { return row(a.item) < row(b.item); });

  const std::shared_ptr<const Profile> profile = profiles_.profile(query.user_id);
  user.profile_facts = profile->facts;
  user.country = query.country.empty() ? profile->country : name_key(query.country);
  std::set_union(profile->follows.begin(), profile->follows.end(), user.state->follows.begin(),
                 user.state->follows.end(), std::back_inserter(user.follows));
  return context;
}

}  // namespace winnow
