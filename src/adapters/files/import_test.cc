#include "adapters/files/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/files/gzip_testing.h"
#include "adapters/files/memory_stores.h"
#include "base/file.h"
#include "base/random.h"
#include "base/testing_folder.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr TimestampMs kNow = 1'750'000'000'000;

class Import : public testing::Test {
 protected:
  Result<ImportReport> import(std::vector<std::filesystem::path> paths, ImportOptions options = {}) {
    options.paths = std::move(paths);
    return Importer(catalog_, log_, clock_).run(options);
  }
  std::vector<Event> events() const {
    std::vector<Event> all;
    for (const LogRecord& record : log_.records()) all.push_back(record.event);
    return all;
  }
  std::string ratings(int rows) const {
    std::string text = "userId,movieId,rating,timestamp\n";
    for (int i = 0; i < rows; ++i) {
      text += std::to_string(i % 17) + "," + std::to_string(i) + ",3.5," + std::to_string(1'000'000'000 + i) +
              "\n";
    }
    return text;
  }

  TestFolder folder_;
  MemoryCatalog catalog_;
  MemoryEventLog log_;
  ManualClock clock_{kNow};
};

TEST_F(Import, ReadsACsvOfEvents) {
  const auto path =
      folder_.write("clicks.csv",
                    "event_id,user_id,item_id,action,value,timestamp,session_id,context,colour\n"
                    "e1,u1,i1,click,,1700000000,s1,\"{\"\"a\"\":1}\",red\n"
                    ",u2,i2,Watch,12.5,2024-05-01T00:00:00Z,,,\n");
  const auto report = import({path});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->events, 2u);
  EXPECT_EQ(report->rejected, 0u);
  const auto stored = events();
  EXPECT_EQ(stored[0], (Event{"e1", "u1", "i1", Action::click, 0, 1'700'000'000'000, "s1", "", "{\"a\":1}"}));
  EXPECT_EQ(stored[1].action, Action::watch);
  EXPECT_EQ(stored[1].value, 12.5);
  EXPECT_EQ(stored[1].time_ms, 1'714'521'600'000);
  EXPECT_THAT(stored[1].event_id, testing::StartsWith("im-"));
}

TEST_F(Import, ReadsJsonLinesOfEveryKind) {
  folder_.write(
      "items.jsonl",
      "{\"id\":7,\"title\":\"Seven\",\"genres\":[\"Crime\",\"A|B\"],\"duration\":7620.5,\"available\":false,"
      "\"attributes\":{\"imdb\": \"tt0114369\", \"n\":[1, 2]},\"rank\":1.0}\n");
  folder_.write("users.jsonl.gz",
                gzipped("{\"user_id\":\"u\",\"country\":\"DE\",\"interests\":\"a;b\",\"age\":30}\n"));
  folder_.write("events.jsonl",
                "{\"user\":\"u\",\"item\":\"7\",\"type\":\"rating\",\"value\":4,\"ts\":1700000000123,"
                "\"context\":{\"device\": \"tv\"},\"note\":\"x\"}\n");
  const auto report = import({folder_.path()});
  ASSERT_TRUE(report.ok()) << report.error().message;
  ASSERT_EQ(report->rejected, 0u) << report->first_rejections[0].error.message;
  const Item item = *catalog_.item("7");
  EXPECT_EQ(item.title, "Seven");
  EXPECT_THAT(item.categories, ElementsAre("Crime", "A|B"));
  EXPECT_FALSE(item.available);
  EXPECT_EQ(item.duration_s, 7620.5);
  EXPECT_EQ(item.attributes.at("imdb"), "\"tt0114369\"");
  EXPECT_EQ(item.attributes.at("n"), "[1, 2]");
  EXPECT_EQ(item.attributes.at("rank"), "1.0");
  const User user = *catalog_.user("u");
  EXPECT_EQ(user.country, "DE");
  EXPECT_EQ(user.age_group, "25-34");
  EXPECT_THAT(user.interests, ElementsAre("a", "b"));
  EXPECT_EQ(events()[0].context, "{\"device\": \"tv\"}");
  EXPECT_EQ(events()[0].time_ms, 1'700'000'000'123);
}

TEST_F(Import, ReadsEveryMovieLensLayoutAlike) {
  folder_.write("small/ratings.csv",
                "userId,movieId,rating,timestamp\r\n1,1,4.0,964982703\r\n2,2,0.5,964981247\r\n");
  folder_.write("small/movies.csv",
                "movieId,title,genres\r\n1,Toy Story (1995),Adventure|Comedy\r\n2,\"American, An "
                "(1995)\",(no genres listed)\r\n");
  folder_.write("small/tags.csv",
                "userId,movieId,tag,timestamp\n1,1,pixar,1\n2,1,Fun,2\n3,1,fun,2\n1,2,,3\n");
  folder_.write("small/links.csv", "movieId,imdbId,tmdbId\n1,0114709,862\n2,0112346,\n");
  folder_.write("1m/ratings.dat", "1::1::4::964982703\n2::2::1::964981247\n");
  folder_.write("1m/movies.dat",
                "1::Toy Story (1995)::Adventure|Comedy\n2::Caf\xE9 :: x (1995)::Drama\n3::Caf\xE9::Drama\n");
  folder_.write("1m/users.dat", "1::F::1::10::48067\n2::M::56::16::70072\n");
  folder_.write("100k/u.data", "1\t1\t4\t964982703\n2\t2\t1\t964981247\n");
  folder_.write(
      "100k/u.item",
      "1|Toy Story (1995)|01-Jan-1995||http://x|0|1|0\n2|Caf\xE9 (1995)|01-Jan-1967||http://y|1|0|0\n");
  folder_.write("100k/u.genre", "unknown|0\nAction|1\nComedy|2\n\n");
  folder_.write("100k/u.user", "1|24|M|technician|85711\n2|53|F|other|94043\n");

  const auto small = import({folder_.path() / "small"});
  ASSERT_TRUE(small.ok()) << small.error().message;
  EXPECT_EQ(small->items, 2u);
  EXPECT_EQ(small->events, 2u);
  ASSERT_EQ(small->rejected, 1u);
  EXPECT_EQ(small->first_rejections[0].error.field, "tag");
  EXPECT_EQ(small->first_rejections[0].line, 5u);
  const Item toy = *catalog_.item("1");
  EXPECT_EQ(toy.title, "Toy Story (1995)");
  EXPECT_THAT(toy.categories, ElementsAre("Adventure", "Comedy"));
  EXPECT_THAT(toy.tags, ElementsAre("fun", "pixar"));
  EXPECT_EQ(toy.attributes.at("imdb_id"), "\"0114709\"");
  EXPECT_EQ(toy.attributes.at("tmdb_id"), "862");
  EXPECT_EQ(toy.created_ms, 0);
  EXPECT_TRUE(catalog_.item("2")->categories.empty());
  EXPECT_EQ(catalog_.item("2")->title, "American, An (1995)");
  EXPECT_EQ(events()[1].action, Action::rating);
  EXPECT_EQ(events()[1].value, 0.5);
  EXPECT_EQ(events()[1].time_ms, 964'981'247'000);

  const auto million = import({folder_.path() / "1m"});
  ASSERT_TRUE(million.ok()) << million.error().message;
  EXPECT_EQ(million->items, 2u);
  EXPECT_EQ(million->rejected, 1u);  // a title that holds the separator
  EXPECT_EQ(catalog_.item("3")->title, "Caf\u00e9");
  EXPECT_EQ(catalog_.user("1")->age_group, "Under 18");
  EXPECT_EQ(catalog_.user("2")->attributes.at("gender"), "\"M\"");
  // The event that all three have in common is one event.
  EXPECT_EQ(million->events, 1u);
  EXPECT_EQ(million->duplicates, 1u);

  const auto hundred = import({folder_.path() / "100k"});
  ASSERT_TRUE(hundred.ok()) << hundred.error().message;
  EXPECT_EQ(hundred->items, 2u);
  EXPECT_EQ(hundred->users, 2u);
  EXPECT_EQ(hundred->duplicates, 2u);
  EXPECT_THAT(catalog_.item("1")->categories, ElementsAre("Action"));
  EXPECT_EQ(catalog_.item("1")->created_ms, 788'918'400'000);
  EXPECT_EQ(catalog_.item("2")->title, "Caf\u00e9 (1995)");
  EXPECT_TRUE(catalog_.item("2")->categories.empty());
  EXPECT_EQ(catalog_.item("2")->created_ms, 1);  // before 1970
  EXPECT_EQ(catalog_.user("1")->age_group, "18-24");
}

TEST_F(Import, FindsASecondImportToBeDuplicates) {
  const auto path = folder_.write("ratings.csv", ratings(500));
  ASSERT_EQ(import({path})->events, 500u);
  const auto second = import({path});
  EXPECT_EQ(second->events, 0u);
  EXPECT_EQ(second->duplicates, 500u);
  EXPECT_TRUE(second->files[0].done_before);

  const auto again = import({path}, {.again = true});
  EXPECT_EQ(again->events, 0u);
  EXPECT_EQ(again->duplicates, 500u);
  EXPECT_FALSE(again->files[0].done_before);

  const auto longer = import({folder_.write("longer.csv", ratings(510))});
  EXPECT_EQ(longer->events, 10u);
  EXPECT_EQ(longer->duplicates, 500u);
}

TEST_F(Import, GoesOnWhereItStoppedLosingAndDoublingNothing) {
  for (const unsigned threads : {1u, 2u}) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed);
      const int rows = 1 + static_cast<int>(random.below(900));
      std::string text = ratings(rows);
      text += "bad row\n";
      const bool packed = random.below(2) == 0;
      const auto path = folder_.write("ratings.csv", packed ? gzipped(text) : text);
      const ImportOptions options{.batch_size = 1 + random.below(100),
                                  .threads = threads,
                                  .rejects = folder_.path() / "rejects.jsonl"};
      MemoryCatalog catalog;
      MemoryEventLog log;
      Importer importer(catalog, log, clock_);
      ImportOptions run = options;
      run.paths = {path};
      std::uint64_t rows_before = 0;
      for (;;) {
        log.fail_from(random.below(6) == 0 ? 0 : log.statistics().events / run.batch_size + random.below(5));
        const auto report = importer.run(run);
        if (report.ok()) {
          rows_before = report->files[0].rows_before;
          EXPECT_EQ(report->duplicates, report->files[0].done_before ? static_cast<std::uint64_t>(rows) : 0u);
          break;
        }
        EXPECT_EQ(report.error().code, ErrorCode::exhausted);
        EXPECT_THAT(report.error().message, HasSubstr("ratings.csv"));
      }
      EXPECT_LE(rows_before, static_cast<std::uint64_t>(rows) + 1);
      ASSERT_EQ(log.statistics().events, static_cast<std::uint64_t>(rows));
      for (int i = 0; i < rows; ++i)
        EXPECT_EQ(log.records()[static_cast<std::size_t>(i)].event.item_id, std::to_string(i));
      const std::string rejects = *read_file(run.rejects);
      EXPECT_EQ(std::count(rejects.begin(), rejects.end(), '\n'), 1) << rejects;
    }
  }
}

TEST_F(Import, StopsWhenAskedAndGoesOnLater) {
  const auto path = folder_.write("ratings.csv", ratings(100));
  std::stop_source stop;
  ImportOptions options{.batch_size = 10, .stop = stop.get_token()};
  options.progress = [&](const ImportProgress& progress) {
    if (progress.rows == 30) stop.request_stop();
  };
  const auto first = import({path}, options);
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(first->stopped);
  EXPECT_EQ(first->events, 30u);
  const auto second = import({path});
  EXPECT_EQ(second->events, 70u);
  EXPECT_EQ(second->files[0].rows_before, 30u);
}

TEST_F(Import, KeepsEveryRejectedRowWithItsReason) {
  const auto path = folder_.write("events.csv",
                                  "user,item,action,time,value\n"
                                  "u1,i1,view,1700000000,\n"
                                  "u1,i1,veiw,1700000000,\n"
                                  "u1,i1,view,soon,\n"
                                  "u1,i1,view\n"
                                  ",i1,view,1700000000,\n"
                                  "u1,\xFF,view,1700000000,\n"
                                  "u1,i1,view,9999999999,\n"
                                  "u1,i1,view,-5,\n"
                                  "u1,i1,rating,1700000000,\n"
                                  "u1,i1,rating,1700000000,nan\n"
                                  "u1,\"i1,view,1700000000,\n" +
                                      std::string(300, 'x') + ",i1,view,1700000000,\n");
  const auto rejects = folder_.path() / "deep" / "rejects.jsonl";
  const auto report = import({path}, {.rejects = rejects});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->events, 1u);
  EXPECT_EQ(report->rejected, 11u);
  const std::string text = *read_file(rejects);
  for (const char* part :
       {R"("line":3,"field":"action","reason":"action is \"veiw\": did you mean view?)",
        R"("line":4,"field":"timestamp")", R"("line":5,"reason":"the row has 3 columns where the file has 5)",
        R"("line":6,"field":"user_id")", R"("line":7,"field":"item_id")", R"("line":8,"field":"timestamp")",
        R"("line":9,"field":"timestamp")", R"("line":10,"field":"value")", R"("line":11,"field":"value")",
        R"("line":12,"reason":"a quote is opened)", R"("line":13,"field":"user_id")",
        R"("row":"u1,i1,veiw,1700000000,")"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST_F(Import, RejectsBrokenJsonLinesOneByOne) {
  const auto path = folder_.write(
      "events.jsonl",
      "{\"user_id\":\"u\",\"item_id\":\"i\",\"action\":\"view\",\"timestamp\":1700000000}\n"
      "{\"user_id\":\"u\",\n"
      "[1,2]\n"
      "{\"user_id\":\"u\",\"user\":\"v\",\"item_id\":\"i\",\"action\":\"view\",\"timestamp\":1}\n"
      "{\"user_id\":{},\"item_id\":\"i\",\"action\":\"view\",\"timestamp\":1}\n"
      "{\"user_id\":1.5,\"item_id\":\"i\",\"action\":\"view\",\"timestamp\":1}\n"
      "{\"user_id\":\"u\",\"item_id\":\"i\",\"action\":\"view\"}\n"
      "{\"user_id\":\"u\",\"item_id\":\"i\",\"action\":\"view\",\"timestamp\":1e999}\n"
      "{\"user_id\":\"\\ud800\",\"item_id\":\"i\",\"action\":\"view\",\"timestamp\":1}\n"
      "{\"user_id\":\"u\",\"item_id\":\"i\",\"action\":\"view\",\"timestamp\":1,\"context\":[]}\n" +
          std::string(900, '[') + "\n");
  const auto report = import({path});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->events, 1u);
  EXPECT_EQ(report->rejected, 10u);
}

TEST_F(Import, MapsColumnsByName) {
  const auto path = folder_.write("log.csv", "who;film;when;stars\nu1;i1;1700000000;4\n");
  ReadOptions read;
  read.mapping = {*parse_mapping("who=user_id"), *parse_mapping("film=item_id"),
                  *parse_mapping("when=timestamp")};
  const auto report = import({path}, {.read = read});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->events, 1u);
  EXPECT_EQ(events()[0].value, 4);

  read.mapping = {*parse_mapping("wo=user_id")};
  read.kind = RecordKind::events;
  EXPECT_THAT(import({folder_.write("b.csv", "who,item,time,stars\n")}, {.read = read}).error().message,
              HasSubstr("no column holds user_id"));
  read.mapping = {*parse_mapping("who=user_id"), *parse_mapping("whom=ignore")};
  EXPECT_THAT(import({folder_.write("b.csv", "who,item,time,stars\n")}, {.read = read}).error().message,
              HasSubstr("did you mean who?"));
  read.mapping = {*parse_mapping("who=usr_id")};
  EXPECT_THAT(import({folder_.write("b.csv", "who,item,time,stars\n")}, {.read = read}).error().message,
              HasSubstr("did you mean user_id?"));
  EXPECT_FALSE(parse_mapping("who").ok());
}

TEST_F(Import, SaysWhatIsWrongWithAFileBeforeStoringAnything) {
  const auto fails = [&](std::vector<std::filesystem::path> paths, std::string_view part) {
    const auto report = import(std::move(paths));
    ASSERT_FALSE(report.ok()) << part;
    EXPECT_THAT(report.error().message, HasSubstr(part));
  };
  const auto good = folder_.write("good/ratings.csv", ratings(3));
  fails({}, "no file was named");
  fails({good, folder_.path() / "absent.csv"}, "does not exist");
  fails({good, folder_.write("a/events.csv", "")}, "is empty");
  fails({good, folder_.write("a/events.csv", "user,item\n")}, "no column holds timestamp");
  fails({good, folder_.write("a/x.csv", "alpha,beta\n")}, "cannot tell whether");
  fails({good, folder_.write("a/events.csv", "user,userId,item,time,action\n")}, "both hold user_id");
  fails({good, folder_.write("a/events.csv", std::string("\x7f"
                                                         "ELF\0\1\xff\n",
                                                         8))},
        "no text in UTF-8");
  fails({good, folder_.write("a/events.csv", std::string(2'000'000, 'a'))}, "over 1048576 bytes");
  fails({good, folder_.write("a/events.json", "[{\"user\":1}]")}, "one object a line");
  fails({good, folder_.write("b/readme.txt", "x").parent_path()}, "known are MovieLens folders");
  fails({good, folder_.write("c/manifest.json", "{}").parent_path()}, "winnow restore");
  EXPECT_EQ(log_.statistics().events, 0u);
}

TEST_F(Import, StoresWhatStandsBeforeTheBreakOfAPackedFile) {
  const std::string packed = gzipped(ratings(100'000));
  const auto path = folder_.write("ratings.csv.gz", std::string_view(packed).substr(0, packed.size() / 2));
  // The break is found already when the file's content is hashed, before anything is stored.
  const auto report = import({path});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::corrupt);
  EXPECT_EQ(log_.statistics().events, 0u);
}

TEST_F(Import, SurvivesRandomFiles) {
  const std::string seeds[] = {
      ratings(5),
      "{\"user_id\":\"u\",\"item_id\":\"i\",\"action\":\"view\",\"timestamp\":1700000000,"
      "\"context\":{\"a\":[1,{}]}}\n",
      "id,title,genres,x\n1,\"a\"\"b\",a|b,3\n", "id,country,age\nu,DE,33\n", gzipped(ratings(20))};
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::string text = seeds[random.below(5)];
    for (std::uint32_t changes = random.below(12); changes > 0 && !text.empty(); --changes) {
      const std::uint32_t at = random.below(static_cast<std::uint32_t>(text.size()));
      switch (random.below(3)) {
        case 0:
          text[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          text.erase(at, 1 + random.below(9));
          break;
        default:
          text.insert(at, text.substr(random.below(at + 1), random.below(30)));
      }
    }
    const auto path = folder_.write(random.below(2) == 0 ? "events.csv" : "x.jsonl", text);
    const auto report = import({path}, {.batch_size = 3, .rejects = folder_.path() / "rejects"});
    EXPECT_TRUE(report.ok() || !report.error().message.empty());
  }
}

}  // namespace
}  // namespace winnow
