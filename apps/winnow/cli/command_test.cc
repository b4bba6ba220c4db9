#include "winnow/cli/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "winnow/cli/help.h"
#include "winnow/commands/commands.h"

namespace winnow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Two commands to parse for, with all kinds of flags.
class CommandLine : public ::testing::Test {
 protected:
  CommandLine() {
    Command list;
    list.name = "list";
    list.flags = {{"--count", "N", "how many", &count, false, 1, 500},
                  {"--share", "X", "how much", &share, false, 0, 1},
                  {"--kind", "KIND", "which", &kind, false, 0, 0, {"items", "users"}},
                  {"--only", "ID", "these alone", &only},
                  {"--fast", "", "in a hurry", &fast},
                  {"FIRST", "", "an operand", &first, true},
                  {"REST", "", "more operands", &rest}};
    Command look;
    look.name = "look";
    commands = {list, look};
  }
  Result<ParsedLine> parse(std::vector<std::string> arguments) {
    return parse_command_line(arguments, commands, global_flags(global));
  }

  std::int64_t count = 20;
  double share = 0.5;
  std::string kind, first;
  std::vector<std::string> only, rest;
  bool fast = false;
  GlobalFlags global;
  std::vector<Command> commands;
};

TEST_F(CommandLine, FillsFlagsOfEveryKind) {
  const auto line = parse({"--json", "list", "--count", "5", "--share=0.25", "--kind", "users", "--only", "a",
                           "--only", "b", "--fast", "x", "y", "z", "--data", "store"});
  ASSERT_TRUE(line.ok()) << line.error().message;
  EXPECT_EQ(line->command->name, "list");
  EXPECT_EQ(count, 5);
  EXPECT_EQ(share, 0.25);
  EXPECT_EQ(kind, "users");
  EXPECT_THAT(only, ElementsAre("a", "b"));
  EXPECT_TRUE(fast);
  EXPECT_EQ(first, "x");
  EXPECT_THAT(rest, ElementsAre("y", "z"));
  EXPECT_TRUE(global.json);
  EXPECT_EQ(global.data, "store");
}

TEST_F(CommandLine, TakesNegativeNumbersAndWhatFollowsTwoDashesAsOperands) {
  ASSERT_TRUE(parse({"list", "-5", "--", "--fast"}).ok());
  EXPECT_EQ(first, "-5");
  EXPECT_THAT(rest, ElementsAre("--fast"));
  EXPECT_FALSE(fast);
}

TEST_F(CommandLine, AFlagMayTakeAValueThatLooksLikeAFlag) {
  ASSERT_TRUE(parse({"list", "--only", "--odd-id"}).ok());
  EXPECT_THAT(only, ElementsAre("--odd-id"));
}

TEST_F(CommandLine, AnUnknownFlagNamesTheNearestOne) {
  const Error error = parse({"list", "--cuont", "5"}).error();
  EXPECT_EQ(error.code, ErrorCode::invalid);
  EXPECT_EQ(error.field, "--cuont");
  EXPECT_THAT(error.message, HasSubstr("did you mean --count?"));
}

TEST_F(CommandLine, AnUnknownCommandNamesTheNearestOne) {
  EXPECT_THAT(parse({"lsit"}).error().message, HasSubstr("did you mean \"list\"?"));
}

TEST_F(CommandLine, AValueOutOfRangeNamesTheRange) {
  EXPECT_THAT(parse({"list", "--count", "0"}).error().message, HasSubstr("a whole number from 1 to 500"));
  EXPECT_THAT(parse({"list", "--count", "many"}).error().message, HasSubstr("\"many\""));
  EXPECT_THAT(parse({"list", "--share", "nan"}).error().message, HasSubstr("a number from 0 to 1"));
}

TEST_F(CommandLine, AnUnknownChoiceNamesTheNearestOne) {
  EXPECT_THAT(parse({"list", "--kind", "user"}).error().message, HasSubstr("did you mean \"users\"?"));
}

TEST_F(CommandLine, AMissingValueOrOperandIsNamed) {
  EXPECT_THAT(parse({"list", "--count"}).error().message, HasSubstr("--count N"));
  EXPECT_THAT(parse({"list", "--fast=1"}).error().message, HasSubstr("takes no value"));
  EXPECT_THAT(parse({"look", "there"}).error().message, HasSubstr("does not expect \"there\""));
  ASSERT_TRUE(parse({"list"}).ok());
  EXPECT_THAT(check_required(commands[0]).error().message, HasSubstr("needs FIRST"));
}

TEST(Commands, EachHasHelpWithExamplesAndFlagsThatEndWithoutAFullStop) {
  for (const Command& command : all_commands()) {
    SCOPED_TRACE(command.name);
    EXPECT_FALSE(command.summary.empty());
    EXPECT_THAT(command.description, ::testing::EndsWith("."));
    EXPECT_FALSE(command.examples.empty());
    EXPECT_TRUE(command.run);
    for (const Flag& flag : command.flags)
      EXPECT_FALSE(flag.doc.empty() || flag.doc.ends_with(".")) << flag.name;
  }
}

TEST(Commands, ExamplesParse) {
  const std::vector<Command> commands = all_commands();
  GlobalFlags flags;
  for (const Command& command : commands) {
    for (const Example& example : command.examples) {
      // Up to what belongs to the shell.
      const std::string line = example.line.substr(0, example.line.find_first_of("|><("));
      std::vector<std::string> words;
      for (std::size_t at = line.find("winnow "); at < line.size();) {
        const std::size_t end = std::min(line.find(' ', at), line.size());
        if (end > at && line.substr(at, end - at) != "winnow") words.push_back(line.substr(at, end - at));
        at = end + 1;
      }
      const auto parsed = parse_command_line(words, commands, global_flags(flags));
      EXPECT_TRUE(parsed.ok()) << example.line << ": " << (parsed.ok() ? "" : parsed.error().message);
    }
  }
}

TEST(Commands, TheReferencePageIsCurrent) {
  GlobalFlags flags;
  const auto page = read_file(WINNOW_SOURCE_DIR "/docs/cli.md");
  ASSERT_TRUE(page.ok()) << page.error().message;
  EXPECT_EQ(*page, commands_markdown(all_commands(), global_flags(flags)))
      << "run: winnow help --markdown > docs/cli.md";
}

}  // namespace
}  // namespace winnow
