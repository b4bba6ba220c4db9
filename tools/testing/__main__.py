"""./test once the packages are there: the steps in order, one page. See report.py for what is printed."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from report import Outcome, Report, run_logged
from suites import Suite, count, run_suites, suites_of
from tidy import run_tidy
from unchanged import Memory, files_of, hash_of, installed_packages, not_compiled

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "build" / "logs"
GIB_PER_COMPILER = 1.5
# clang-tidy goes last and on from where it stopped, so it is what gives way on a slow machine.
MOST_TIDY_S, LEAST_TIDY_S, WHOLE_RUN_S = 900, 60, 33 * 60


def main() -> int:
    options = parse()
    started = time.monotonic()
    build = ROOT / "build" / options.preset
    memory, tidied = Memory(build / "passed.json"), Memory(ROOT / "build" / "tidied.json")
    if options.fresh:
        memory.forget()
        tidied.forget()
    env = environment(options.preset)
    jobs = options.jobs or job_count()
    report = Report()
    print(f"Winnow's tests: preset {options.preset}, {jobs} jobs, logs in build/logs\n", flush=True)

    checkout = files_of(ROOT)
    machine = installed_packages()
    whole_key = hash_of(ROOT, checkout, machine)
    data_key = hash_of(ROOT, not_compiled(ROOT, checkout), machine)

    def key_of(suite: Suite) -> str:
        if "house" in suite.labels:
            return whole_key
        return hash_of(ROOT, [Path(word) for word in suite.command if Path(word).is_file()], data_key, *suite.command)

    def run(title: str, wanted: list[Suite], parallel: int) -> Outcome:
        log = LOGS / f"{title.replace(' ', '-')}.log"
        return run_suites(wanted, build, parallel, key_of, memory, report, title, log, env)

    built = report.step("build", lambda: compile_all(options.preset, build, jobs, report, env))
    sanitized = options.preset in ("asan", "tsan")
    if not sanitized:
        report.step("format", lambda: check_format(checkout))
        report.step("dashboard", lambda: check_dashboard(checkout, memory, report, env))
    if built.failures:
        return report.close("", "build/logs")

    everything = suites_of(build)
    labelled = {label: [s for s in everything if label in s.labels] for label in ("house", "integration", "browser")}
    report.step("unit tests", lambda: run("unit tests", [s for s in everything if not s.labels], jobs))
    if sanitized:
        return report.close("./test for everything else", "build/logs")
    report.step("house", lambda: run("house", labelled["house"], jobs))
    report.step("integration", lambda: run("integration", labelled["integration"], 1))
    if options.quick:
        for title in ("browser", "clang-tidy"):
            report.row(title, Outcome("left out", skips=[(title, "--quick")]), 0)
    else:
        report.step("browser", lambda: install_node_packages(ROOT / "tests" / "browser", report, env) or
                    run("browser", labelled["browser"], 1))
        seconds = options.tidy_seconds
        if seconds is None:
            seconds = max(LEAST_TIDY_S, min(MOST_TIDY_S, WHOLE_RUN_S - (time.monotonic() - started)))
        report.step("clang-tidy", lambda: run_tidy(ROOT, build, jobs, seconds, tidied, report, LOGS / "clang-tidy.log"))
    return report.close("./demo shows it at work; ./test --preset asan and tsan look deeper", "build/logs")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./test", description="Installs what is needed, builds Winnow and runs all of its tests.",
        epilog="A check is run again only when something that it depends on has changed. Exit status: 0 all passed, 1 not.")
    parser.add_argument("--quick", action="store_true", help="leave out clang-tidy and the browser")
    parser.add_argument("--preset", choices=["dev", "asan", "tsan"], default="dev",
                        help="asan, tsan: build with sanitizers and run the unit tests under them")
    parser.add_argument("--fresh", action="store_true", help="run everything again, changed or not")
    parser.add_argument("--jobs", type=int, metavar="N", help="compilers and tests at once (default: by cores and memory)")
    parser.add_argument("--tidy-seconds", type=float, metavar="S",
                        help=f"how long clang-tidy may take (default {MOST_TIDY_S}, less where the rest took long); the next run "
                             "goes on where it stopped")
    return parser.parse_args()


def environment(preset: str) -> dict[str, str]:
    env = dict(os.environ)
    env.setdefault("CCACHE_DIR", str(ROOT / "build" / ".ccache"))
    env.setdefault("CCACHE_BASEDIR", str(ROOT))
    env.setdefault("NINJA_STATUS", "[%f/%t] ")
    env["WINNOW_PRESET"] = preset
    rules = ROOT / "tools" / "sanitizers"
    env["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
    for variable, name in (("ASAN_OPTIONS", "asan"), ("LSAN_OPTIONS", "lsan"), ("TSAN_OPTIONS", "tsan")):
        if (rules / f"{name}.supp").exists():
            env[variable] = f"suppressions={rules / name}.supp"
    return env


def job_count() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return max(1, min(len(os.sched_getaffinity(0)), int(memory / GIB_PER_COMPILER)))


def compile_all(preset: str, build: Path, jobs: int, report: Report, env: dict[str, str]) -> Outcome:
    """Configures and builds the preset."""
    status, output = run_logged(["cmake", "--preset", preset], LOGS / "configure.log", report, "configure", env=env, cwd=ROOT)
    if status == 0:
        status, output = run_logged(["ninja", "-C", str(build), "-j", str(jobs)], LOGS / "build.log", report, "build", env=env)
    if status != 0:
        return Outcome("failed", failures=[("build", output)])
    done = "nothing to do" if "no work to do" in output else f"{output.count(chr(10) + '[') + 1} steps"
    return Outcome(f"{done}, -Wall -Wextra -Wshadow -Werror", passed=1)


def check_format(checkout: list[Path]) -> Outcome:
    """clang-format agrees with every C++ file."""
    files = [path for path in checkout if path.suffix in (".cc", ".h")]
    done = subprocess.run(["clang-format-16", "--dry-run", "--Werror", *map(str, files)], capture_output=True, text=True)
    if done.returncode == 0:
        return Outcome(f"{len(files)} files as clang-format would have them", passed=1)
    wrong = sorted({line.split(":", 1)[0] for line in done.stderr.splitlines() if "error:" in line})
    names = "\n".join(os.path.relpath(name, ROOT) for name in wrong)
    return Outcome(f"{len(wrong)} of {len(files)} files differ",
                   failures=[("format", f"{names}\ntry: clang-format-16 -i with these files")])


def check_dashboard(checkout: list[Path], memory: Memory, report: Report, env: dict[str, str]) -> Outcome:
    """The dashboard's types and its own unit tests."""
    web = ROOT / "web"
    key = hash_of(ROOT, [path for path in checkout if web in path.parents], installed_packages())
    known = memory.recall("web", key)
    if known:
        return Outcome(f"types, and {known['passed'] - 1} unit tests", passed=known["passed"], as_before=True)
    failed = install_node_packages(web, report, env)
    if failed:
        return failed
    status, output = run_logged(["npm", "run", "--silent", "check"], LOGS / "dashboard-types.log", report, "types",
                                env=env, cwd=web)
    if status != 0:
        return Outcome("types do not fit", failures=[("dashboard: types", output)])
    status, output = run_logged(["npm", "test", "--silent"], LOGS / "dashboard.log", report, "dashboard", env=env, cwd=web)
    passed, failures, _ = count("dashboard", output)
    if status != 0:
        return Outcome(f"{passed} passed", passed=1 + passed, failures=[(", ".join(failures) or "npm test", output)])
    memory.remember("web", key, passed=1 + passed)
    return Outcome(f"types, and {passed} unit tests", passed=1 + passed)


def install_node_packages(folder: Path, report: Report, env: dict[str, str]) -> Outcome | None:
    """`npm ci` where the lock file is newer than what is installed; the outcome when it fails."""
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return None
    name = folder.relative_to(ROOT).as_posix()
    log = LOGS / f"npm-{name.replace('/', '-')}.log"
    status, output = run_logged(["npm", "ci", "--no-audit", "--no-fund"], log, report, f"npm ci in {name}", env=env, cwd=folder)
    return Outcome("no packages", failures=[(f"npm ci in {name}", output)]) if status != 0 else None


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\ninterrupted; the next run goes on from here", file=sys.stderr)
        sys.exit(130)
