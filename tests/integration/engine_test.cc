// The engine over real stores: from an appended event to the next answer, and through every way to fail.
#include <gtest/gtest.h>

#include "integration/testing_engine.h"

namespace winnow {
namespace {

TEST_F(EngineTest, AnEmptySiteAnswersWithNothingAndSaysSo) {
  const Response response = recommend("ann");
  EXPECT_TRUE(response.items.empty());
  EXPECT_TRUE(response.cursor.empty());
  EXPECT_EQ(response.level, Level::popular);
}

TEST_F(EngineTest, ACatalogueWithoutEventsGivesTheEditorialList) {
  put_items(5);
  const Response response = recommend("ann");
  EXPECT_EQ(response.items.size(), 5u);
}

TEST_F(EngineTest, AnEventChangesTheNextAnswer) {
  put_items(40);
  append_tastes(30, 40);
  const std::string first = recommend("stranger").items.front().item_id;
  append({make_event("stranger", first, Action::view)});
  ASSERT_TRUE(engine_->catch_up().ok());
  const Response after = recommend("stranger");
  EXPECT_FALSE(ids_of(after.items).contains(first));
  EXPECT_EQ(after.dropped.at("seen"), 1u);
}

TEST_F(EngineTest, AFollowBringsWhatItsCreatorMakesIntoTheNextAnswer) {
  put_items(40);
  append_tastes(30, 40);
  train_and_promote(40);
  ASSERT_TRUE(engine_->catch_up().ok());
  append({make_event("user0", "item6", Action::follow)});
  ASSERT_TRUE(engine_->catch_up().ok());
  const Response followed = recommend("user0");
  const auto theirs = std::find_if(followed.items.begin(), followed.items.end(),
                                   [](const SlateItem& item) { return item.reason.code == "followed"; });
  ASSERT_NE(theirs, followed.items.end());
  EXPECT_EQ(engine_->item(theirs->item_id)->creator, "creator6");
  EXPECT_EQ(theirs->reason.text, "From creator6, whom you follow");
}

TEST_F(EngineTest, TheBackgroundThreadConsumesWithoutBeingAsked) {
  put_items(10);
  engine_->start();
  append({make_event("ann", "item3", Action::purchase)});
  const double give_up_s = steady_seconds() + 20;
  while (engine_->status().applied < engine_->status().log.last && steady_seconds() < give_up_s) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(ids_of(recommend("ann").items).contains("item3"));
  EXPECT_TRUE(engine_->ready());
}

TEST_F(EngineTest, ANewLiveModelServesPersonalAnswersAndRollingBackTakesItAway) {
  put_items(60);
  append_tastes(30, 60);
  EXPECT_EQ(recommend("user0").level, Level::popular);
  const std::string version = train_and_promote(60);
  engine_->start();
  await_version(version);

  for (const std::string user : {"user0", "user1"}) {
    const Response response = recommend(user, 8);
    EXPECT_EQ(response.level, Level::full);
    EXPECT_EQ(response.model_version, version);
    std::size_t fitting = 0;
    for (const SlateItem& item : response.items) {
      fitting += (std::stoi(item.item_id.substr(4)) % 2) == (user == "user1" ? 1 : 0) ? 1 : 0;
      EXPECT_FALSE(item.reason.text.empty());
      EXPECT_FALSE(item.sources.empty());
    }
    EXPECT_GE(fitting, 7u) << user;
  }
  const ItemList similar = engine_->similar("item4", 5).value();
  ASSERT_EQ(similar.items.size(), 5u);
  for (const SlateItem& item : similar.items) EXPECT_EQ(std::stoi(item.item_id.substr(4)) % 2, 0);
}

TEST_F(EngineTest, AnItemThatNobodyHasSeenIsFoundByItsDescription) {
  options_.pipeline.content_share = 0.05;
  reopen();
  put_items(40);
  append_tastes(10, 40);
  const std::string version = train_and_promote(40);
  engine_->start();
  const double give_up_s = steady_seconds() + 20;
  while (engine_->status().model_version != version && steady_seconds() < give_up_s)
    std::this_thread::yield();
  engine_->stop();
  Item fresh;
  fresh.id = "fresh";
  fresh.title = "Just made";
  fresh.categories = {"Even"};
  fresh.creator = "creator2";
  fresh.created_ms = kNowMs - 400 * kDayMs;  // not among the newest
  ASSERT_TRUE(engine_->put_items(std::span(&fresh, 1)).ok());
  ASSERT_TRUE(engine_->refresh_content().ok());

  const Response response = recommend("user2", 40);
  const auto found = std::ranges::find(response.items, "fresh", &SlateItem::item_id);
  ASSERT_NE(found, response.items.end());
  const auto by_content = [](const auto& source) { return source.first == "content"; };
  EXPECT_TRUE(std::ranges::any_of(found->sources, by_content));
  EXPECT_EQ(found->reason.code, "content");
  EXPECT_FALSE(found->reason.because_item.empty());
}

TEST_F(EngineTest, ADamagedBundleLeavesTheServingModelInPlaceAndIsReported) {
  put_items(20);
  append_tastes(10, 20);
  const std::string good = train_and_promote(20);
  reopen();
  ASSERT_EQ(engine_->status().model_version, good);
  clock_.advance(kHourMs);
  const std::string bad = train_and_promote(20);
  ASSERT_NE(bad, good);
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "models" / bad)) {
    if (file.path().filename() != "als.bin") continue;
    std::string bytes = read_file(file.path()).value();
    bytes[bytes.size() / 2] ^= 1;
    ASSERT_TRUE(write_file_atomically(file.path(), bytes).ok());
  }
  engine_->start();
  const double give_up_s = steady_seconds() + 20;
  while (engine_->status().model_error.empty() && steady_seconds() < give_up_s) std::this_thread::yield();
  EXPECT_EQ(engine_->status().model_version, good);
  EXPECT_NE(engine_->status().model_error.find("als.bin"), std::string::npos);
  EXPECT_EQ(recommend("user0").level, Level::full);
}

TEST_F(EngineTest, PagesNeverRepeatAnItemAndReachEveryAvailableOne) {
  put_items(90);
  append_tastes(20, 90);
  std::set<std::string> all;
  std::string cursor;
  std::size_t pages = 0;
  do {
    const Response page = recommend("reader", 7, cursor);
    for (const SlateItem& item : page.items) EXPECT_TRUE(all.insert(item.item_id).second) << item.item_id;
    cursor = page.cursor;
    // What happens between two pages must not make an item come back.
    append({make_event("reader", page.items.front().item_id, Action::click)});
    ASSERT_TRUE(engine_->catch_up().ok());
  } while (!cursor.empty() && ++pages < 50);
  EXPECT_EQ(all.size(), 90u);
}

TEST_F(EngineTest, ACursorOfAnotherUserIsRefused) {
  put_items(30);
  Query query;
  query.user_id = "bob";
  query.count = 5;
  query.cursor = recommend("ann", 5).cursor;
  RequestTrace trace;
  const auto response = engine_->recommend(query, trace);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().field, "cursor");
}

TEST_F(EngineTest, TheRequestsOwnSessionCountsAtOnce) {
  put_items(60);
  append_tastes(30, 60);
  train_and_promote(60);
  reopen();
  Query query;
  query.session_id = "visit";
  query.count = 8;
  query.now_ms = kNowMs;
  for (const char* item : {"item1", "item3", "item5"}) {
    Event event = make_event("", item, Action::like);
    event.session_id = "visit";
    query.session_events.push_back(event);
  }
  RequestTrace trace;
  const Response response = engine_->recommend(query, trace).value();
  std::size_t odd = 0;
  for (const SlateItem& item : response.items) {
    odd += static_cast<std::size_t>(std::stoi(item.item_id.substr(4)) % 2);
    EXPECT_NE(item.item_id, "item1");
  }
  EXPECT_GE(odd, 7u);
}

TEST_F(EngineTest, InvalidEventsAreToldApartFromGoodOnes) {
  put_items(3);
  Event future = make_event("ann", "item1", Action::click);
  future.time_ms = kNowMs + kDayMs;
  Event repeated = make_event("ann", "item1", Action::click);
  repeated.event_id = "same";
  const auto outcomes = append({make_event("ann", "item0", Action::click), future, repeated, repeated});
  ASSERT_EQ(outcomes.size(), 4u);
  EXPECT_EQ(outcomes[0].kind, EventOutcome::Kind::accepted);
  EXPECT_FALSE(outcomes[0].event_id.empty());
  EXPECT_EQ(outcomes[1].kind, EventOutcome::Kind::rejected);
  EXPECT_EQ(outcomes[1].error->field, "timestamp");
  EXPECT_EQ(outcomes[2].kind, EventOutcome::Kind::accepted);
  EXPECT_EQ(outcomes[3].kind, EventOutcome::Kind::duplicate);
}

TEST_F(EngineTest, APoisonEventIsLaidAsideAndCanBeReplayedOnceMended) {
  Item mute;
  mute.id = "mute";
  ASSERT_TRUE(engine_->put_items(std::span(&mute, 1)).ok());
  append({make_event("ann", "mute", Action::follow), make_event("ann", "mute", Action::click)});
  ASSERT_TRUE(engine_->catch_up().ok());
  auto letters = engine_->dead_letters(0, 10).value();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].tries, SpeedLayer::kTries);
  EXPECT_NE(letters[0].reason.find("creator"), std::string::npos);
  EXPECT_EQ(features_->user("ann").value()->events, 1u);  // the click went on

  EXPECT_EQ(engine_->replay_dead_letters().value(), 0u);
  mute.creator = "found";
  ASSERT_TRUE(engine_->put_items(std::span(&mute, 1)).ok());
  EXPECT_EQ(engine_->replay_dead_letters().value(), 1u);
  EXPECT_EQ(engine_->status().dead_letters, 0u);
  EXPECT_EQ(features_->user("ann").value()->follows, std::vector<NameKey>{name_key("found")});
}

TEST_F(EngineTest, AReplayDerivesTheSameBytes) {
  put_items(50);
  append_tastes(40, 50);
  Random random(77);
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<Event> events;
    for (int n = 0; n < 50; ++n) {
      Event event =
          make_event("user" + std::to_string(random.below(60)), "item" + std::to_string(random.below(70)),
                     static_cast<Action>(random.below(kActionCount)), random.below(5));
      event.time_ms = kNowMs - random.below(1'000'000'000);
      events.push_back(event);
    }
    append(std::move(events));
    clock_.advance(1000);
    if (batch == 7) reopen();
    ASSERT_TRUE(engine_->catch_up().ok());
  }
  const auto everything = [&] {
    std::string bytes = engine_->speed_layer().encoded_aggregates();
    EXPECT_TRUE(features_
                    ->for_each_user([&](std::string_view subject, const UserState& state) -> Status {
                      bytes += subject;
                      bytes += state.encode();
                      return {};
                    })
                    .ok());
    return bytes;
  };
  const std::string live = everything();
  ASSERT_TRUE(engine_->rebuild().ok());
  EXPECT_TRUE(everything() == live);
}

TEST_F(EngineTest, ARestartGoesOnWhereTheLastCheckpointStood) {
  put_items(20);
  append_tastes(10, 20);
  const auto before = recommend("user3").items;
  reopen();
  EXPECT_EQ(engine_->status().applied, engine_->status().log.last);
  const auto after = recommend("user3").items;
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].item_id, before[i].item_id);
}

// Every file under the folder that holds the text.
std::vector<std::string> files_with(const std::filesystem::path& folder, std::string_view text) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && read_file(entry.path()).value_or("").find(text) != std::string::npos) {
      found.push_back(entry.path().string());
    }
  }
  return found;
}

TEST_F(EngineTest, AnErasedUserIsGoneFromEveryFile) {
  put_items(20);
  append_tastes(10, 20);
  const std::string id = "unmistakable-person-4711";
  User user;
  user.id = id;
  user.country = "NO";
  ASSERT_TRUE(engine_->put_users(std::span(&user, 1)).ok());
  Event follow = make_event(id, "bare", Action::follow);  // ends as a dead letter
  append({make_event(id, "item1", Action::like), make_event(id, "item2", Action::purchase), follow});
  ASSERT_TRUE(engine_->catch_up().ok());
  recommend(id);
  ASSERT_TRUE(impressions_->flush().ok());
  ASSERT_EQ(engine_->status().impressions.impressions, 1u);
  ASSERT_FALSE(files_with(folder_, id).empty());

  const EraseReport report = engine_->erase_user(id).value();
  EXPECT_EQ(report.events, 3u);
  EXPECT_TRUE(report.profile);
  EXPECT_TRUE(report.features);
  EXPECT_EQ(report.dead_letters, 1u);
  EXPECT_EQ(report.impressions, 1u);
  EXPECT_EQ(engine_->status().impressions.impressions, 0u);
  EXPECT_EQ(files_with(folder_, id), std::vector<std::string>{});
  EXPECT_TRUE(engine_->user_events(id, 0, 10).value().records.empty());
  EXPECT_FALSE(engine_->user(id).ok());
  EXPECT_EQ(engine_->status().log.events, 120u);

  reopen();
  EXPECT_EQ(files_with(folder_, id), std::vector<std::string>{});
  EXPECT_EQ(features_->user(id).value(), nullptr);
}

TEST_F(EngineTest, WhatWasShownIsKeptForItsTime) {
  impression_options_.retention_ms = kHourMs;
  reopen();
  put_items(20);
  append_tastes(4, 20);
  for (int i = 0; i < 600; ++i) recommend("visitor" + std::to_string(i), 2);
  clock_.advance(kMinuteMs);
  recommend("newest");
  ASSERT_TRUE(impressions_->flush().ok());
  ASSERT_EQ(engine_->status().impressions.impressions, 601u);
  clock_.advance(kHourMs - kMinuteMs / 2);
  engine_->start();
  const double give_up_s = steady_seconds() + 20;
  while (engine_->status().impressions.impressions > 1 && steady_seconds() < give_up_s)
    std::this_thread::yield();
  EXPECT_EQ(engine_->status().impressions.impressions, 1u);
}

TEST_F(EngineTest, AnAnswerToNobodyIsNotKeptNorAShareThatIsNotWanted) {
  put_items(20);
  append_tastes(4, 20);
  recommend("");
  recommend("ann");
  ASSERT_TRUE(impressions_->flush().ok());
  EXPECT_EQ(engine_->status().impressions.impressions, 1u);
  options_.pipeline.impression_share = 0.3;
  reopen();
  for (int i = 0; i < 1000; ++i) recommend("visitor" + std::to_string(i), 1);
  ASSERT_TRUE(impressions_->flush().ok());
  EXPECT_NEAR(static_cast<double>(engine_->status().impressions.impressions), 300, 80);
}

// The item's place among the answer's, and the item that explains it.
std::optional<std::pair<std::size_t, std::string>> place_of(const std::vector<SlateItem>& items,
                                                            std::string_view id) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].item_id == id) return std::pair(i, items[i].reason.because_item);
  }
  return std::nullopt;
}

TEST_F(EngineTest, ANewItemIsRecommendedAndSimilarAsSoonAsPeopleTurnToItWithAKnownOne) {
  put_items(40);
  append_tastes(40, 40);
  train_and_promote(40);
  engine_->start();
  append({make_event("ann", "item6", Action::like), make_event("ann", "brand-new", Action::like),
          make_event("bob", "item6", Action::like), make_event("bob", "brand-new", Action::like),
          make_event("eve", "item6", Action::like)});
  const auto shows_up = [&] {
    const auto slate = place_of(recommend("eve", 30).items, "brand-new");
    const auto similar = place_of(engine_->similar("item6", 40).value().items, "brand-new");
    return slate && slate->second == "item6" && similar && similar->second == "item6";
  };
  const double deadline_s = steady_seconds() + 10;  // a busy machine's; the budget is a second
  while (!shows_up() && steady_seconds() < deadline_s) std::this_thread::yield();
  EXPECT_TRUE(shows_up());
  // The other way round: the new item speaks for the known one.
  const std::vector<SlateItem> companions = engine_->similar("brand-new", 10).value().items;
  ASSERT_FALSE(companions.empty());
  EXPECT_EQ(companions[0].item_id, "item6");
  EXPECT_GT(companions[0].score, 0);
}

TEST_F(EngineTest, ASiteWithoutAModelLearnsWhatGoesTogetherFromItsFirstEvents) {
  put_items(40);
  append({make_event("ann", "item6", Action::view), make_event("ann", "item30", Action::view),
          make_event("bob", "item3", Action::view), make_event("bob", "item21", Action::view),
          make_event("eve", "item6", Action::view)});
  ASSERT_TRUE(engine_->catch_up().ok());
  const Response response = recommend("eve", 5);
  EXPECT_EQ(response.level, Level::popular);
  ASSERT_FALSE(response.items.empty());
  EXPECT_EQ(response.items[0].item_id, "item30");
  EXPECT_EQ(response.items[0].reason.because_item, "item6");
  EXPECT_EQ(engine_->similar("item21", 3).value().items.at(0).item_id, "item3");
}

TEST_F(EngineTest, WhatAnErasedUserTurnedToTogetherIsForgotten) {
  put_items(20);
  append({make_event("ann", "item1", Action::view), make_event("ann", "item2", Action::view),
          make_event("bob", "item1", Action::view), make_event("bob", "item3", Action::view)});
  ASSERT_TRUE(engine_->catch_up().ok());
  const auto companions = [&](std::uint32_t item) {
    std::set<std::uint32_t> found;
    for (const ScoredItem& other :
         engine_->speed_layer().co_occurrence().reader().similar(ItemIndex{item}, {})) {
      found.insert(row(other.item));
    }
    return found;
  };
  EXPECT_EQ(companions(1), (std::set<std::uint32_t>{2, 3}));
  ASSERT_TRUE(engine_->erase_user("ann").ok());
  EXPECT_EQ(companions(1), (std::set<std::uint32_t>{3}));
  EXPECT_EQ(companions(2), std::set<std::uint32_t>{});
  const std::string erased = engine_->speed_layer().encoded_aggregates();
  reopen();
  EXPECT_EQ(engine_->speed_layer().encoded_aggregates(), erased);
}

TEST_F(EngineTest, AnErasedItemIsNotRecommendedAndKeepsItsIndexWhenItComesBack) {
  put_items(10);
  append_tastes(10, 10);
  EXPECT_TRUE(engine_->erase_item("item4").value());
  EXPECT_FALSE(ids_of(recommend("x").items).contains("item4"));
  EXPECT_FALSE(engine_->similar("item4", 3).ok());
  put_items(10);
  EXPECT_TRUE(ids_of(recommend("x").items).contains("item4"));
}

TEST_F(EngineTest, EventsOfUnknownItemsMakeBareCatalogueEntries) {
  append({make_event("ann", "never-described", Action::click)});
  ASSERT_TRUE(engine_->catch_up().ok());
  EXPECT_TRUE(engine_->item("never-described").ok());
  EXPECT_TRUE(ids_of(recommend("bob").items).contains("never-described"));
}

}  // namespace
}  // namespace winnow
