#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/file.h"
#include "winnow/settings/setting.h"
#include "winnow/settings/settings_file.h"
#include "winnow/settings/settings_text.h"

namespace winnow {
namespace {

using ::testing::HasSubstr;

Error error_of(std::string_view text) {
  const auto settings = parse_settings(text, "winnow.toml");
  EXPECT_FALSE(settings.ok()) << text;
  return settings.ok() ? Error{} : settings.error();
}

TEST(Settings, KeepTheDefaultsOfWhatTheFileDoesNotName) {
  const Settings settings = parse_settings("[als]\ndims = 32\n", "f").value();
  EXPECT_EQ(settings.train.models.als.dims, 32u);
  EXPECT_EQ(settings.train.models.als.epochs, AlsOptions{}.epochs);
  EXPECT_EQ(settings.log.partitions, EventLogOptions{}.partitions);
}

TEST(Settings, ReadDaysAndHoursIntoMilliseconds) {
  const Settings settings =
      parse_settings("[store]\nretention_days = 1.5\ndedup_window_hours = 2\n", "f").value();
  EXPECT_EQ(settings.log.retention_ms, kDayMs * 3 / 2);
  EXPECT_EQ(settings.log.dedup_window_ms, 2 * kHourMs);
}

TEST(Settings, ReadFeedbackRulesAndWeightsIntoOnePolicy) {
  const Settings settings = parse_settings(
                                "[feedback]\npositive = [\"rating>=3\"]\nnegative = "
                                "[\"skip\"]\n[feedback.weights]\npurchase = 20\n",
                                "f")
                                .value();
  EXPECT_EQ(settings.feedback.policy.signal(Action::rating, 3, 0), Signal::positive);
  EXPECT_EQ(settings.feedback.policy.signal(Action::like, 0, 0), Signal::neutral);
  EXPECT_EQ(settings.feedback.policy.weight(Action::purchase), 20);
  EXPECT_EQ(settings.feedback.policy.weight(Action::click), FeedbackPolicy().weight(Action::click));
}

TEST(Settings, AnUnknownKeyNamesItsLineAndTheNearestKey) {
  const Error error = error_of("[als]\nepochs = 3\ndmis = 64\n");
  EXPECT_EQ(error.code, ErrorCode::invalid);
  EXPECT_EQ(error.field, "als.dmis");
  EXPECT_THAT(error.message, HasSubstr("winnow.toml:3"));
  EXPECT_THAT(error.message, HasSubstr("did you mean als.dims?"));
}

TEST(Settings, AnUnknownSectionNamesTheNearestSection) {
  EXPECT_THAT(error_of("[feedbak]\npositive = []\n").message, HasSubstr("did you mean feedback?"));
}

TEST(Settings, AnUnknownActionUnderTheWeightsNamesTheNearestAction) {
  EXPECT_THAT(error_of("[feedback.weights]\npurchse = 1\n").message, HasSubstr("feedback.weights.purchase"));
}

TEST(Settings, AWrongTypeNamesTheKeyTheValueAndWhatIsAllowed) {
  const Error error = error_of("[als]\ndims = \"many\"\n");
  EXPECT_EQ(error.field, "als.dims");
  EXPECT_THAT(error.message, HasSubstr("\"many\""));
  EXPECT_THAT(error.message, HasSubstr("a multiple of 16 from 16 to 512"));
}

TEST(Settings, AValueOutOfRangeNamesTheRange) {
  EXPECT_THAT(error_of("[als]\ndims = 4096\n").message,
              HasSubstr("als.dims is 4096; it takes a multiple of 16 from 16 to 512"));
  EXPECT_THAT(error_of("[als]\nregularization = -1\n").message, HasSubstr("from 1e-06 to 1000000"));
  EXPECT_THAT(error_of("[als]\nregularization = nan\n").message, HasSubstr("from 1e-06 to 1000000"));
  EXPECT_THAT(error_of("[als]\nregularization = inf\n").message, HasSubstr("from 1e-06 to 1000000"));
}

TEST(Settings, ReadListsOfNumbers) {
  const Settings settings = parse_settings("[train]\npopularity_half_lives = [0, 7.5]\n", "f").value();
  EXPECT_THAT(settings.train.popularity_half_lives, ::testing::ElementsAre(0, 7.5));
  EXPECT_EQ(error_of("[train]\npopularity_half_lives = []\n").field, "train.popularity_half_lives");
  EXPECT_EQ(error_of("[train]\npopularity_half_lives = [\"a\"]\n").field, "train.popularity_half_lives");
}

TEST(Settings, SharedByRoomsAreSetOnce) {
  const Settings settings = parse_settings(
                                "[speed]\nseen_ttl_days = 3\n[store]\nretention_days = 9\n"
                                "[feedback]\npositive = [\"view\"]\n[answers]\ndeadline_ms = 7\n",
                                "f")
                                .value();
  const EngineOptions engine = engine_options(settings);
  EXPECT_EQ(engine.pipeline.filter.seen_ttl_ms, 3 * kDayMs);
  EXPECT_EQ(engine.speed.user.seen_ttl_ms, 3 * kDayMs);
  EXPECT_EQ(engine.retention_ms, 9 * kDayMs);
  EXPECT_EQ(engine.feedback.signal(Action::view, 0, 0), Signal::positive);
  EXPECT_EQ(server_options(settings).recommend_deadline.count(), 7);
}

TEST(Settings, ABadFeedbackRuleNamesItsSection) {
  const Error error = error_of("[als]\ndims = 64\n[feedback]\npositive = [\"rating>=many\"]\n");
  EXPECT_EQ(error.field, "feedback.positive");
  EXPECT_THAT(error.message, HasSubstr("winnow.toml:3"));
}

TEST(Settings, AListOfOtherThingsThanTextsIsAnError) {
  EXPECT_EQ(error_of("[feedback]\npositive = [1]\n").field, "feedback.positive");
  EXPECT_EQ(error_of("[feedback]\npositive = \"like\"\n").field, "feedback.positive");
}

TEST(Settings, ReadApiKeysAndPrintThemSoThatTheyReadBack) {
  const std::string hash(64, 'a');
  const std::string text = fmt::format(
      "[server]\nport = 9000\n[[server.keys]]\nname = \"shop\"\nsha256 = \"{}\"\nrights = [\"read\", "
      "\"write\"]\n",
      hash);
  const Settings settings = parse_settings(text, "f").value();
  ASSERT_EQ(settings.server.keys.size(), 1u);
  EXPECT_EQ(settings.server.keys[0].name, "shop");
  EXPECT_THAT(settings.server.keys[0].rights, ::testing::ElementsAre("read", "write"));
  const Settings again = parse_settings(settings_toml(settings), "printed").value();
  EXPECT_EQ(settings_json(again), settings_json(settings));
  EXPECT_THAT(settings_json(settings), HasSubstr("\"rights\":[\"read\", \"write\"]"));
}

TEST(Settings, ABadApiKeyNamesItsPlaceAndTheRemedy) {
  const std::string hash(64, 'a');
  const auto with = [&](std::string_view name, std::string_view sha256, std::string_view rights) {
    return error_of(
        fmt::format("[[server.keys]]\nname = \"{}\"\nsha256 = \"{}\"\nrights = {}\n", name, sha256, rights));
  };
  EXPECT_EQ(with("", hash, "[\"read\"]").field, "server.keys[0].name");
  EXPECT_THAT(with("shop", "abc", "[\"read\"]").message, HasSubstr("winnow key new"));
  EXPECT_THAT(with("shop", hash, "[\"reed\"]").message, HasSubstr("it takes read, write and admin"));
  EXPECT_EQ(with("shop", hash, "[]").field, "server.keys[0].rights");
  EXPECT_THAT(error_of("[[server.keys]]\nnmae = \"x\"\n").message, HasSubstr("did you mean name?"));
  EXPECT_EQ(error_of("[server]\nkeys = \"abc\"\n").field, "server.keys");
}

TEST(Settings, ABrokenFileNamesTheLine) {
  EXPECT_THAT(error_of("[als]\ndims = = 3\n").message, HasSubstr("winnow.toml:2: not valid TOML"));
}

TEST(Settings, AKeyWhereASectionBelongsIsExplained) {
  EXPECT_THAT(error_of("als = 3\n").message, HasSubstr("it is a section"));
}

TEST(Settings, AMissingFileIsNotFound) {
  EXPECT_EQ(load_settings("/nonexistent/winnow.toml").error().code, ErrorCode::not_found);
}

TEST(Settings, TheFileThatIsPrintedReadsBackAsTheSameSettings) {
  Settings settings = parse_settings("[als]\ndims = 32\n[feedback]\npositive = [\"like\"]\n", "f").value();
  const std::string printed = settings_toml(settings);
  const auto again = parse_settings(printed, "printed");
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(settings_toml(*again), printed);
  EXPECT_EQ(settings_json(*again), settings_json(settings));
}

TEST(Settings, ASurfaceTakesTheKeysOfTheSources) {
  const auto settings = parse_settings("[surfaces.player]\nals = 50\nnew = 0\n[sources]\nals = 300\n", "f");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  const RetrieveOptions& retrieve = settings->engine.pipeline.retrieve;
  EXPECT_EQ(retrieve.quota("player", "als"), 50u);
  EXPECT_EQ(retrieve.quota("player", "new"), 0u);
  EXPECT_EQ(retrieve.quota("home", "als"), 300u);
  EXPECT_EQ(settings_toml(parse_settings(settings_toml(*settings), "printed").value()),
            settings_toml(*settings));
  EXPECT_THAT(settings_json(*settings), ::testing::HasSubstr("\"surfaces\":{\"player\":{\"als\":50,"));
}

TEST(Settings, ASurfaceIsPrintedWhicheverOfItsKeysItHas) {
  for (const std::string_view key : {"als", "worth_like", "revenue", "diversity"}) {
    const std::string text =
        fmt::format("[training_set.heads]\npurchase = [\"purchase\"]\n[surfaces.home]\n{} = 9\n", key);
    const auto settings = parse_settings(text, "f");
    ASSERT_TRUE(settings.ok()) << settings.error().message;
    const std::string printed = settings_toml(*settings);
    EXPECT_THAT(printed, HasSubstr("[surfaces.home]")) << key;
    EXPECT_THAT(printed, HasSubstr(fmt::format("\n{} = 9", key))) << key;
    EXPECT_EQ(settings_toml(parse_settings(printed, "printed").value()), printed) << key;
    EXPECT_THAT(settings_json(*settings), HasSubstr("\"surfaces\":{\"home\":{")) << key;
  }
}

TEST(Settings, ASlipInASurfaceIsNamed) {
  const auto message = [](std::string_view text) { return parse_settings(text, "f").error().message; };
  EXPECT_EQ(message("[surfaces.player]\nalz = 1\n"),
            "f:2: unknown setting surfaces.player.alz; did you mean surfaces.player.als?");
  EXPECT_THAT(message("[surfaces]\nplayer = 3\n"), ::testing::HasSubstr("write [surfaces.player]"));
  EXPECT_THAT(message("[surfaces.\"a b\"]\nals = 1\n"), ::testing::HasSubstr("letters, digits, - and _"));
  EXPECT_THAT(message("[surfaces.player]\nals = -1\n"), ::testing::HasSubstr("surfaces.player.als is -1"));
}

TEST(Settings, EverySettingSetsWhatItGets) {
  for (const Setting& setting : settings_table()) {
    Settings settings;
    const SettingValue value = setting.get(settings);
    EXPECT_TRUE(is_allowed(setting, value)) << setting.name() << " = " << toml_text(value);
    ASSERT_TRUE(setting.set(settings, value).ok()) << setting.name();
    EXPECT_EQ(toml_text(setting.get(settings)), toml_text(value)) << setting.name();
  }
}

TEST(Settings, EveryNumberTakesBothEndsOfItsRange) {
  for (const Setting& setting : settings_table()) {
    for (const double end : {setting.range.low, setting.range.high}) {
      SettingValue value;
      if (setting.kind == Setting::Kind::integer) {
        value = static_cast<std::int64_t>(end);
      } else if (setting.kind == Setting::Kind::number) {
        value = end;
      } else {
        continue;
      }
      Settings settings;
      ASSERT_TRUE(setting.set(settings, value).ok()) << setting.name();
      EXPECT_EQ(toml_text(setting.get(settings)), toml_text(value)) << setting.name();
    }
  }
}

TEST(Settings, EverySectionIsDocumentedAndEveryKeyStandsOnce) {
  std::set<std::string> sections;
  for (const auto& section : settings_sections()) EXPECT_TRUE(sections.insert(section.name).second);
  std::set<std::string> names;
  for (const Setting& setting : settings_table()) {
    EXPECT_TRUE(sections.contains(setting.section)) << setting.name();
    EXPECT_TRUE(names.insert(setting.name()).second) << setting.name();
    EXPECT_THAT(setting.doc, ::testing::EndsWith(".")) << setting.name();
  }
}

TEST(Settings, TheDefaultRulesAreThoseOfTheFeedbackPolicy) {
  const FeedbackSettings feedback;
  const FeedbackPolicy written = FeedbackPolicy::parse(feedback.positive, feedback.negative).value();
  const FeedbackPolicy own;
  for (const std::string_view name : action_names()) {
    for (const double value : {0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 30.0}) {
      EXPECT_EQ(written.signal(*action_named(name), value, 0), own.signal(*action_named(name), value, 0))
          << name;
    }
  }
}

TEST(Settings, TheReferencePageIsCurrent) {
  const auto page = read_file(WINNOW_SOURCE_DIR "/docs/settings.md");
  ASSERT_TRUE(page.ok()) << page.error().message;
  EXPECT_EQ(*page, settings_markdown()) << "run: winnow config --markdown > docs/settings.md";
}

TEST(ParseSettings, ARankerThatIsTrainedIsMadeOfNetworksOrTrees) {
  const auto none = parse_settings("[ranking]\nnetworks = false\ntrees = false\ntrain = true\n", "a.toml");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().field, "ranking.networks");
  EXPECT_THAT(none.error().message, HasSubstr("ranking.networks and ranking.trees are both false"));
  EXPECT_TRUE(parse_settings("[ranking]\nnetworks = false\ntrees = false\n", "a.toml").ok());
  EXPECT_TRUE(parse_settings("[ranking]\nnetworks = false\ntrain = true\n", "a.toml").ok());
}

TEST(ParseSettings, RevenueCountsByAnOutcomeThatIsKnown) {
  const auto unknown = parse_settings("[ranking]\nrevenue = 0.1\n", "a.toml");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().field, "ranking.revenue_head");
  EXPECT_THAT(unknown.error().message, HasSubstr("[training_set.heads]"));
  EXPECT_FALSE(parse_settings("[surfaces.shop]\nrevenue = 1\n", "a.toml").ok());
  EXPECT_FALSE(parse_settings("[ranking]\nrevenue = -1\n", "a.toml").ok());
  EXPECT_FALSE(parse_settings("[ranking]\ndiversity = nan\n", "a.toml").ok());
  const auto settings = parse_settings(
      "[ranking]\nrevenue = 0.1\ndiversity = 0.5\n[training_set.heads]\npurchase = [\"purchase\"]\n"
      "[surfaces.shop]\nrevenue = 2\ndiversity = 0\n",
      "a.toml");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  const PipelineOptions& pipeline = settings->engine.pipeline;
  EXPECT_EQ(pipeline.rank.cascade.revenue_on("home"), 0.1);
  EXPECT_EQ(pipeline.rank.cascade.revenue_on("shop"), 2);
  EXPECT_EQ(pipeline.diversity.weight_on("home"), 0.5);
  EXPECT_EQ(pipeline.diversity.weight_on("shop"), 0);
}

}  // namespace
}  // namespace winnow
