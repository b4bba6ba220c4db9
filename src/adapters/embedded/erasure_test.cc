// Erasing is provable: afterwards no file of the store holds the user's bytes. Compression is off, so that a
// search through the files means what it says.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "adapters/embedded/embedded_catalog.h"
#include "adapters/embedded/embedded_dead_letters.h"
#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/embedded_feature_store.h"
#include "adapters/embedded/embedded_impression_log.h"
#include "base/file.h"
#include "base/random.h"
#include "base/testing_folder.h"

namespace winnow {
namespace {

constexpr std::string_view kVictim = "victim-5f1c9be2";
constexpr std::string_view kSecret = "secret-context-77ab31";  // stands in every event of the victim

std::vector<std::string> files_holding(const std::filesystem::path& folder, std::string_view bytes) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const auto content = read_file(entry.path());
    if (!content.ok()) continue;  // removed meanwhile
    if (content->find(bytes) != std::string::npos) found.push_back(entry.path().filename().string());
  }
  return found;
}

struct Everything {
  explicit Everything(const std::filesystem::path& folder) {
    StoreOptions options;
    options.compress = false;
    store = Store::open(folder, options).value();
    log = EmbeddedEventLog::open(*store, {}, clock).value();
    letters = EmbeddedDeadLetters::open(*store).value();
    catalog = EmbeddedCatalog::open(*store).value();
    features = EmbeddedFeatureStore::open(*store).value();
    impressions = EmbeddedImpressionLog::open(*store).value();
  }
  ManualClock clock{1'700'000'000'000};
  std::unique_ptr<Store> store;
  std::unique_ptr<EmbeddedEventLog> log;
  std::unique_ptr<EmbeddedDeadLetters> letters;
  std::unique_ptr<EmbeddedCatalog> catalog;
  std::unique_ptr<EmbeddedFeatureStore> features;
  std::unique_ptr<EmbeddedImpressionLog> impressions;
};

Event event_of(const std::string& user, Random& random) {
  Event event;
  event.user_id = user;
  event.item_id = "item-" + std::to_string(random.below(1000));
  event.context =
      user == kVictim ? R"({"note":")" + std::string(kSecret) + R"("})" : R"({"note":"harmless"})";
  return event;
}

std::shared_ptr<const UserState> state_of(Random& random) {
  UserState state;
  state.events = random.next();
  return std::make_shared<const UserState>(state);
}

// Fills every part of the store with the victim and others, in the write-ahead log, in files of several ages,
// and in versions that later ones overwrite.
void fill(Everything& site, Random& random) {
  for (int round = 0; round < 6; ++round) {
    for (int batch = 0; batch < 5; ++batch) {
      std::vector<Event> events;
      for (int i = 0; i < 200; ++i) {
        events.push_back(event_of(i % 20 == 0 ? std::string(kVictim) : "user-" + std::to_string(i), random));
      }
      ASSERT_TRUE(site.log->append(std::move(events)).ok());
    }
    User user;
    user.id = kVictim;
    user.attributes = {{"note", "\"" + std::string(kSecret) + std::to_string(round) + "\""}};
    User other;
    other.id = "user-" + std::to_string(round);
    ASSERT_TRUE(site.catalog->put_users(std::vector<User>{user, other}).ok());
    ASSERT_TRUE(
        site.features->put_users({{std::string(kVictim), state_of(random)}, {"user-1", state_of(random)}})
            .ok());
    ASSERT_TRUE(site.features->checkpoint(static_cast<LogPosition>(round + 1), "aggregates").ok());
    const LogRecord poison{site.log->statistics().last, 1, event_of(std::string(kVictim), random)};
    ASSERT_TRUE(site.letters->add(poison, "poison", 3).ok());
    // The same answer in every round: replaced, and replaced by somebody else's at last.
    for (const std::string_view id : {"answer-1", "answer-2"}) {
      const bool other_user = id == "answer-2" && round == 5;
      site.impressions->offer({.recommendation_id = std::string(id),
                               .subject = other_user ? "user-1" : std::string(kVictim),
                               .surface = other_user ? "home" : std::string(kSecret),
                               .time_ms = 1000 + round});
    }
    ASSERT_TRUE(site.impressions->flush().ok());
    if (round == 2) {
      ASSERT_TRUE(site.letters->remove(site.letters->list(0, 1)->front().id).ok());
    }
    // What was written so far moves from the write-ahead log to files.
    if (round % 2 == 0) {
      ASSERT_TRUE(site.store->scrub({}).ok());
    }
  }
}

TEST(Erasure, NoFileHoldsAnErasedUser) {
  TestFolder folder;
  Random random(1);
  {
    Everything site(folder.path());
    fill(site, random);
  }
  Everything site(folder.path());
  fill(site, random);
  ASSERT_FALSE(files_holding(folder.path(), kVictim).empty()) << "the search must be able to find something";
  ASSERT_FALSE(files_holding(folder.path(), kSecret).empty());

  EXPECT_EQ(site.log->erase_subject(kVictim).value(), 2u * 6 * 5 * 10);
  EXPECT_TRUE(site.catalog->erase_user(kVictim).value());
  EXPECT_TRUE(site.features->erase_user(kVictim).value());
  EXPECT_EQ(site.letters->erase_subject(kVictim).value(), 10u);
  EXPECT_EQ(site.impressions->erase_subject(kVictim).value(), 1u);

  EXPECT_EQ(files_holding(folder.path(), kVictim), std::vector<std::string>{});
  EXPECT_EQ(files_holding(folder.path(), kSecret), std::vector<std::string>{});

  // Everybody else is still there, now and after a restart.
  EXPECT_EQ(site.log->statistics().events, 2u * 6 * 5 * 190);
  EXPECT_EQ(site.log->read_subject("user-1", 0, 1000)->records.size(), 60u);
  EXPECT_TRUE(site.catalog->user("user-1").ok());
  EXPECT_NE(*site.features->user("user-1"), nullptr);
  EXPECT_FALSE(site.impressions->find("answer-1")->has_value());
  EXPECT_EQ(site.impressions->find("answer-2")->value().subject, "user-1");
}

TEST(Erasure, HoldsAfterARestart) {
  TestFolder folder;
  Random random(2);
  {
    Everything site(folder.path());
    fill(site, random);
    ASSERT_TRUE(site.log->erase_subject(kVictim).ok());
    ASSERT_TRUE(site.catalog->erase_user(kVictim).ok());
    ASSERT_TRUE(site.features->erase_user(kVictim).ok());
    ASSERT_TRUE(site.letters->erase_subject(kVictim).ok());
    ASSERT_TRUE(site.impressions->erase_subject(kVictim).ok());
  }
  EXPECT_EQ(files_holding(folder.path(), kVictim), std::vector<std::string>{});
  Everything site(folder.path());
  EXPECT_TRUE(site.log->read_subject(kVictim, 0, 10)->records.empty());
  EXPECT_EQ(site.log->statistics().events, 6u * 5 * 190);
  EXPECT_EQ(*site.features->user(kVictim), nullptr);
  EXPECT_EQ(files_holding(folder.path(), kVictim), std::vector<std::string>{});
  EXPECT_EQ(files_holding(folder.path(), kSecret), std::vector<std::string>{});
}

// An anonymous visitor is a subject too.
TEST(Erasure, NoFileHoldsAnErasedSession) {
  TestFolder folder;
  Everything site(folder.path());
  Event event;
  event.session_id = kVictim;
  event.item_id = "item";
  ASSERT_TRUE(site.log->append(std::vector<Event>(10, event)).ok());
  ASSERT_FALSE(files_holding(folder.path(), kVictim).empty());
  EXPECT_EQ(site.log->erase_subject(subject_of("", kVictim)).value(), 10u);
  EXPECT_EQ(files_holding(folder.path(), kVictim), std::vector<std::string>{});
}

TEST(Erasure, NoKeySpellsOutAUser) {
  TestFolder folder;
  Random random(3);
  {
    Everything site(folder.path());
    fill(site, random);
    ASSERT_TRUE(site.store->scrub({}).ok());
  }
  // The manifest and the info log hold keys, and are never rewritten for an erasure.
  for (const std::string& name : files_holding(folder.path(), kVictim)) {
    EXPECT_FALSE(name.starts_with("MANIFEST") || name.starts_with("LOG") || name.starts_with("OPTIONS"))
        << name;
  }
}

}  // namespace
}  // namespace winnow
