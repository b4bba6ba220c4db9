#!/usr/bin/env python3
"""The tests' own arithmetic: what counts as passed, failed, skipped and unchanged."""

import io
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from report import EXCERPT_LINES, Outcome, Report, excerpt  # noqa: E402
from suites import count, outcome_of  # noqa: E402
from tidy import fresh_findings  # noqa: E402
from unchanged import Memory, hash_of  # noqa: E402

GTEST = """[ RUN      ] Log.KeepsEvents
[       OK ] Log.KeepsEvents (1 ms)
[ RUN      ] Log.SurvivesAFullDisk
log_test.cc:9: Skipped
mounting a small disk takes root

[  SKIPPED ] Log.SurvivesAFullDisk (0 ms)
[ RUN      ] Log.DoublesNothing
log_test.cc:20: Failure
Expected equality
[  FAILED  ] Log.DoublesNothing (3 ms)
[==========] 3 tests from 1 test suite ran. (4 ms total)
[  PASSED  ] 1 test.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] Log.SurvivesAFullDisk
[  FAILED  ] 1 test, listed below:
[  FAILED  ] Log.DoublesNothing
"""


def case(status: str, output: str, extra: str = "") -> xml.Element:
    element = xml.fromstring(f'<testcase name="log" status="{status}">{extra}<system-out/></testcase>')
    element.find("system-out").text = output
    return element


class Counting(unittest.TestCase):
    def test_googletest_is_counted_by_case_with_the_reason_of_each_skip(self):
        passed, failed, skips = count("log", GTEST)
        self.assertEqual((passed, failed), (1, ["Log.DoublesNothing"]))
        self.assertEqual(skips, [("log: Log.SurvivesAFullDisk", "mounting a small disk takes root")])

    def test_a_failure_shows_what_that_case_printed_and_nothing_else(self):
        outcome = outcome_of("log", case("fail", GTEST))
        self.assertEqual(outcome.failures, [("log: Log.DoublesNothing", "log_test.cc:20: Failure\nExpected equality\n")])

    def test_unittest_is_counted_by_method(self):
        self.assertEqual(count("x", "..s\nRan 5 tests in 0.1s\n\nOK (skipped=1)\n"), (4, [], [("x: 1 tests", "see the log")]))

    def test_nodes_runner_is_counted(self):
        self.assertEqual(count("x", "ok 1 - a\n# pass 7\n# fail 0\n")[0], 7)
        self.assertEqual(count("x", "✔ a (1ms)\nℹ pass 7\nℹ fail 0\n")[0], 7)

    def test_a_program_that_crashes_is_a_failure_even_when_it_counted_nothing(self):
        outcome = outcome_of("log", case("fail", "Segmentation fault", '<failure message="SEGFAULT"/>'))
        self.assertEqual(outcome.failures, [("log: SEGFAULT", "Segmentation fault")])

    def test_a_program_that_says_it_cannot_run_here_is_a_skip_with_its_words(self):
        outcome = outcome_of("log", case("notrun", "there is no Chromium\n", '<skipped message="SKIP_RETURN_CODE=77"/>'))
        self.assertEqual((outcome.passed, outcome.skips), (0, [("log", "there is no Chromium")]))

    def test_a_program_that_ctest_did_not_run_is_a_failure(self):
        self.assertEqual(len(outcome_of("log", None).failures), 1)


class Reporting(unittest.TestCase):
    def test_the_count_is_alone_on_the_last_line_and_decides_the_status(self):
        out = io.StringIO()
        report = Report(out)
        report.step("unit tests", lambda: Outcome("", passed=3, skips=[("a", "no disk")]))
        self.assertEqual(report.close("", "logs"), 0)
        self.assertEqual(out.getvalue().splitlines()[-1], "3 passed, 0 failed, 1 skipped")
        report.step("build", lambda: Outcome("", failures=[("build", "error: x")]))
        self.assertEqual(report.close("", "logs"), 1)
        self.assertEqual(out.getvalue().splitlines()[-1], "3 passed, 1 failed, 1 skipped")

    def test_a_step_whose_tool_is_missing_fails_with_its_name(self):
        def run():
            raise FileNotFoundError("no such tool")

        self.assertEqual(Report(io.StringIO()).step("format", run).failures, [("format", "no such tool")])

    def test_a_long_failure_is_shown_from_its_first_error(self):
        text = "\n".join(["compiling"] * 100 + ["a.cc:1: error: no"] + ["more"] * 100)
        self.assertLessEqual(len(excerpt(text).splitlines()), EXCERPT_LINES)
        self.assertIn("error: no", excerpt(text))

    def test_a_finding_in_a_header_is_shown_once(self):
        shown = set()
        finding = "a.h:1:2: error: x [check]\n  code\n  ^"
        self.assertEqual(fresh_findings(finding, shown), finding)
        self.assertIn("shown above", fresh_findings(finding, shown))


class Remembering(unittest.TestCase):
    def test_a_check_is_recalled_only_with_the_same_contents(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "a"
            file.write_text("1")
            Memory(Path(folder) / "m.json").remember("suite", hash_of(Path(folder), [file]), passed=2)
            memory = Memory(Path(folder) / "m.json")
            self.assertEqual(memory.recall("suite", hash_of(Path(folder), [file]))["passed"], 2)
            file.write_text("2")
            self.assertIsNone(memory.recall("suite", hash_of(Path(folder), [file])))


if __name__ == "__main__":
    unittest.main()
