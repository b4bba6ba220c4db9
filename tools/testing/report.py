"""What a person sees of a test run: one row per step while it runs, what failed, and the count as the last line."""

import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

HEARTBEAT_S = 60  # off a terminal a long step says every so often that it is alive
EXCERPT_LINES = 40
EXCERPT_COLUMNS = 300  # a fuzzer's input can be a line of many thousands


@dataclass
class Outcome:
    """What a step found. `detail` is a few words; `failures` and `skips` are (what, why) pairs."""

    detail: str = ""
    passed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    skips: list[tuple[str, str]] = field(default_factory=list)
    as_before: bool = False  # nothing it depends on has changed since it passed


class Report:
    """Prints rows as steps end, remembers their outcomes, and closes with the count."""

    def __init__(self, stream=sys.stdout):
        self.stream = stream
        self.live = stream.isatty()
        self.outcomes: list[tuple[str, Outcome]] = []
        self.last_word = time.monotonic()

    def step(self, name: str, run) -> Outcome:
        """Runs one step and prints its row. A step that breaks is a failure of the run, never a traceback alone."""
        started = time.monotonic()
        self.show(f"  ...   {name}")
        try:
            outcome = run()
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            outcome = Outcome("could not run", failures=[(name, str(error))])
        self.row(name, outcome, time.monotonic() - started)
        return outcome

    def row(self, name: str, outcome: Outcome, seconds: float) -> None:
        self.outcomes.append((name, outcome))
        mark = "FAIL" if outcome.failures else "skip" if outcome.skips and not outcome.passed else "ok"
        detail = outcome.detail + (" (unchanged)" if outcome.as_before else "")
        self.show("")
        self.last_word = time.monotonic()
        print(f"  {self.paint(mark)}  {name:<13} {detail:<52} {seconds:7.1f} s", file=self.stream, flush=True)

    def paint(self, mark: str) -> str:
        colour = {"ok": "32", "FAIL": "31", "skip": "33"}[mark]
        return f"\033[{colour}m{mark:<4}\033[0m" if self.live else f"{mark:<4}"

    def show(self, line: str) -> None:
        """A line that the next one replaces; nothing off a terminal."""
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\033[K{line[:width]}", end="", file=self.stream, flush=True)

    def busy(self, line: str) -> None:
        """How far a long step is: at once on a terminal, now and then in a log."""
        self.show(f"  ...   {line}")
        if not self.live and time.monotonic() - self.last_word > HEARTBEAT_S:
            self.last_word = time.monotonic()
            print(f"  ...   {line[:120]}", file=self.stream, flush=True)

    def close(self, next_step: str, logs: str) -> int:
        """Prints what was skipped and what failed, the next step and the count. Returns the exit status."""
        passed = sum(outcome.passed for _, outcome in self.outcomes)
        skips = [(name, what, why) for name, outcome in self.outcomes for what, why in outcome.skips]
        failures = [(name, what, why) for name, outcome in self.outcomes for what, why in outcome.failures]
        if skips:
            print("\nSKIPPED", file=self.stream)
            for name, what, why in skips:
                print(f"  {what if what == name else f'{name}: {what}'}: {why}", file=self.stream)
        for name, what, why in failures:
            print(f"\nFAILED {what if what == name else f'{name}: {what}'}", file=self.stream)
            for line in excerpt(why).splitlines():
                print(f"    {line}", file=self.stream)
        if failures:
            next_step = f"mend what is above ({logs} has the whole output), and run ./test again"
        print(f"\nNext: {next_step}\n{passed} passed, {len(failures)} failed, {len(skips)} skipped", file=self.stream)
        return 1 if failures else 0


def excerpt(text: str) -> str:
    """The part of a failure that is worth reading first: its errors where they are marked, else its end."""
    lines = text.strip().splitlines()
    marked = [i for i, line in enumerate(lines) if re.search(r"error:|\bFAILED\b|Failure|Error:|^FAIL|not ok", line)]
    start = marked[0] if marked else len(lines) - EXCERPT_LINES
    if len(lines) <= EXCERPT_LINES // 2 or start < 4:
        start = 0
    return "\n".join(line[:EXCERPT_COLUMNS] for line in lines[start : start + EXCERPT_LINES])


def run_logged(command: list[str], log: Path, report: Report, title: str, *, env=None, cwd=None) -> tuple[int, str]:
    """Runs a command with its output in `log`, showing its last line meanwhile. Returns (exit status, output)."""
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log.open("w+b") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=env, cwd=cwd)
        try:
            while process.poll() is None:
                try:
                    process.wait(0.2)
                except subprocess.TimeoutExpired:
                    report.busy(f"{title}  {time.monotonic() - started:.0f} s  {last_line(log)}")
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    return process.returncode, log.read_text(encoding="utf-8", errors="replace")


def last_line(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = file.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
