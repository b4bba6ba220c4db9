"""clang-tidy over what ships, each file once: a file is checked again only when it, a header of ours that it includes,
its compile command or the rules have changed."""

import json
import os
import re
import shlex
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from report import Outcome, Report
from unchanged import Memory, hash_of

# Clang proves the locks that g++ only compiles; -Wno-unknown because the command lines are g++'s.
EXTRA = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wthread-safety",
         "--checks=clang-diagnostic-thread-safety*"]


@dataclass(frozen=True)
class Unit:
    source: Path
    key: str
    size: int


def units(root: Path, build: Path, tool: str) -> list[Unit]:
    """The translation units of src/ and apps/ that are no tests, largest first. Clang does not compile libtorch's headers,
    so the trainer is left out."""
    version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    rules = (root / ".clang-tidy").read_text(encoding="utf-8")
    headers = headers_of(root, build)
    found = []
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        source = Path(entry["file"])
        shipped = any(top in source.parents for top in (root / "src", root / "apps"))
        if not shipped or root / "apps/winnow-trainer" in source.parents or source.name.endswith("_test.cc"):
            continue
        inputs = [source, *headers.get(output_of(entry), [])]
        key = hash_of(root, inputs, version, rules, entry["command"], *EXTRA)
        found.append(Unit(source, key, sum(path.stat().st_size for path in inputs if path.exists())))
    return sorted(found, key=lambda unit: -unit.size)


def output_of(entry: dict) -> str:
    words = shlex.split(entry["command"])
    return words[words.index("-o") + 1]


def headers_of(root: Path, build: Path) -> dict[str, list[Path]]:
    """Object file -> the headers of this checkout that it was compiled from, as the build recorded them."""
    recorded = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], capture_output=True, text=True, check=True).stdout
    found: dict[str, list[Path]] = {}
    target = ""
    for line in recorded.splitlines():
        if line and not line[0].isspace():
            target = line.split(":", 1)[0]
            found[target] = []
        elif line.strip():
            path = Path(os.path.normpath(build / line.strip()))
            if root in path.parents and path.suffix == ".h":
                found[target].append(path)
    return found


def run_tidy(root: Path, build: Path, jobs: int, seconds: float, memory: Memory, report: Report, log: Path) -> Outcome:
    """Checks what is not known to be clean, for at most `seconds`; what was left over is a skip that says so."""
    tool = "clang-tidy-16"
    everything = units(root, build, tool)
    names = {unit: unit.source.relative_to(root).as_posix() for unit in everything}
    waiting = [unit for unit in everything if not memory.recall(names[unit], unit.key)]
    deadline = time.monotonic() + seconds
    outcome = Outcome(passed=len(everything) - len(waiting), as_before=not waiting and bool(everything))
    late, shown = 0, set()

    def check(unit: Unit) -> subprocess.CompletedProcess | None:
        if time.monotonic() > deadline:
            return None
        return subprocess.run([tool, "-p", str(build), "--quiet", *EXTRA, str(unit.source)], capture_output=True, text=True)

    log.parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(jobs) as pool, log.open("w", encoding="utf-8") as out:
        for number, (unit, done) in enumerate(zip(waiting, pool.map(check, waiting)), 1):
            report.busy(f"clang-tidy  {number}/{len(waiting)}  {names[unit]}")
            if done is None:
                late += 1
                continue
            out.write(done.stdout)
            if done.returncode == 0:
                outcome.passed += 1
                memory.remember(names[unit], unit.key)
            else:
                outcome.failures.append((names[unit], fresh_findings(done.stdout + done.stderr, shown)))
    if late:
        outcome.skips.append((f"{late} files", f"the {seconds:.0f} s were spent; the next run goes on with them"))
    outcome.detail = f"{len(everything)} files, {len(waiting) - late} read"
    return outcome


def fresh_findings(output: str, shown: set[str]) -> str:
    """The findings that no file before has shown: one in a header appears in every file that includes it."""
    blocks: list[list[str]] = []
    for line in output.splitlines():
        if re.search(r":\d+:\d+: (error|warning): ", line) or not blocks:
            blocks.append([])
        blocks[-1].append(line)
    fresh = [block for block in blocks if block[0] not in shown and re.search(r": (error|warning): ", block[0])]
    shown.update(block[0] for block in fresh)
    return "\n".join(line for block in fresh for line in block) or "only what is shown above, through a header"
