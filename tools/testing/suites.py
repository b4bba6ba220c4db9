"""Test programs, run through ctest, and how many tests each of them says it ran."""

import json
import re
import subprocess
import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path

from report import Outcome, Report, run_logged
from unchanged import Memory, hash_of


@dataclass(frozen=True)
class Suite:
    name: str
    labels: tuple[str, ...]
    command: tuple[str, ...]


def suites_of(build: Path) -> list[Suite]:
    listing = subprocess.run(
        ["ctest", "--test-dir", str(build), "--show-only=json-v1"], capture_output=True, text=True, check=True
    )
    found = []
    for test in json.loads(listing.stdout)["tests"]:
        labels = next((p["value"] for p in test.get("properties", []) if p["name"] == "LABELS"), [])
        found.append(Suite(test["name"], tuple(labels), tuple(test.get("command", ()))))
    return found


def run_suites(suites: list[Suite], build: Path, jobs: int, key_of, memory: Memory, report: Report, title: str, log: Path,
               env: dict[str, str]) -> Outcome:
    """Runs the suites whose key has not passed before, together, and adds up their counts."""
    if not suites:
        return Outcome("none found", failures=[(title, "ctest lists no such test; is a tool or a folder missing?")])
    outcome = Outcome()
    waiting = []
    for suite in suites:
        known = memory.recall(suite.name, key_of(suite))
        if known:
            outcome.passed += known["passed"]
            outcome.skips += [tuple(skip) for skip in known["skips"]]
        else:
            waiting.append(suite)
    outcome.as_before = not waiting
    if waiting:
        results = build / "results.xml"
        results.unlink(missing_ok=True)
        pattern = "^(" + "|".join(re.escape(suite.name) for suite in waiting) + ")$"
        status, output = run_logged(
            ["ctest", "--test-dir", str(build), "-R", pattern, "-j", str(jobs), "--output-junit", str(results),
             "--test-output-size-passed", "10000000", "--test-output-size-failed", "10000000", "--output-on-failure"],
            log, report, title, env=env)
        if not results.exists():
            return Outcome("ctest could not run", failures=[(title, output)])
        cases = {case.get("name"): case for case in xml.parse(results).getroot().iter("testcase")}
        for suite in waiting:
            one = outcome_of(suite.name, cases.get(suite.name))
            outcome.passed += one.passed
            outcome.failures += one.failures
            outcome.skips += one.skips
            if not one.failures:
                memory.remember(suite.name, key_of(suite), passed=one.passed, skips=one.skips)
        if status != 0 and not outcome.failures:
            outcome.failures.append((title, output))
    programs = f"{len(suites)} program{'s' if len(suites) != 1 else ''}"
    total = outcome.passed + len(outcome.failures) + len(outcome.skips)
    outcome.detail = f"{total} tests of {programs}"
    return outcome


def outcome_of(name: str, case: xml.Element | None) -> Outcome:
    """One program's counts, from its own words."""
    if case is None:
        return Outcome(failures=[(name, "ctest did not run it")])
    output = case.findtext("system-out") or ""
    status = case.get("status")
    passed, failed, skips = count(name, output)
    if status in ("notrun", "disabled"):
        why = case.find("skipped")
        reason = output.strip().splitlines()[-1:] or [why.get("message", "") if why is not None else ""]
        return Outcome(skips=[(name, reason[0] or "it did not say why")])
    if status == "run":
        return Outcome(passed=max(passed, 0 if skips else 1), skips=skips)
    message = case.find("failure")
    words = message.get("message", "") if message is not None else "failed"
    failures = [(f"{name}: {test}", failure_text(output, test)) for test in failed]
    return Outcome(passed=passed, failures=failures or [(f"{name}: {words}", output)], skips=skips)


def count(name: str, output: str) -> tuple[int, list[str], list[tuple[str, str]]]:
    """(passed, names that failed, skipped with reasons) of GoogleTest, unittest, Node's runner or our own last line."""
    if match := re.search(r"^\[  PASSED  \] (\d+) test", output, re.M):
        failed = re.findall(r"^\[  FAILED  \] ([\w./]+)(?:, where .*)?$", output, re.M)
        skipped = re.findall(r"^\[  SKIPPED \] ([\w./]+) \(\d+ ms\)", output, re.M)
        return int(match[1]), list(dict.fromkeys(failed)), [(f"{name}: {test}", skip_reason(output, test)) for test in skipped]
    if match := re.search(r"^Ran (\d+) tests? in", output, re.M):
        skipped = re.findall(r"^(\S+) .*\.\.\. skipped ['\"](.*)['\"]$", output, re.M)
        failed = re.findall(r"^(?:FAIL|ERROR): (\S+)", output, re.M)
        hidden = re.search(r"skipped=(\d+)", output)
        skips = [(f"{name}: {test}", why) for test, why in skipped]
        if hidden and not skips:
            skips = [(f"{name}: {hidden[1]} tests", "see the log")]
        return int(match[1]) - len(set(failed)) - (int(hidden[1]) if hidden else 0), failed, skips
    if match := re.search(r"^(?:#|ℹ) pass (\d+)$", output, re.M):
        return int(match[1]), re.findall(r"^\s*(?:not ok \d+ - |✖ )(.*?)(?: \([\d.]+ms\))?$", output, re.M), []
    if match := re.findall(r"^(\d+) passed, \d+ failed", output, re.M):
        return int(match[-1]), [], []
    return 0, [], []


def skip_reason(output: str, test: str) -> str:
    """What GTEST_SKIP() << "..." said: the line after `file:line: Skipped`."""
    block = output.split(f"[ RUN      ] {test}\n", 1)[-1].split(f"[  SKIPPED ] {test}", 1)[0]
    lines = [line.strip() for line in block.splitlines() if line.strip() and not re.search(r": Skipped$", line.strip())]
    return lines[-1] if lines else "it did not say why"


def failure_text(output: str, test: str) -> str:
    """What one GoogleTest case or unittest method printed."""
    if f"[ RUN      ] {test}\n" in output:
        return output.split(f"[ RUN      ] {test}\n", 1)[1].split(f"[  FAILED  ] {test}", 1)[0]
    if match := re.search(rf"^(?:FAIL|ERROR): {re.escape(test)}.*?(?=^=====|\Z)", output, re.M | re.S):
        return match[0]
    return output
