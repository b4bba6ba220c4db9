"""The rooms of the house: who may include whom, and the few rules that keep the rooms small.

Every function takes the root of a checkout and returns findings as text, "path:line: what is wrong and what to do",
so that the rules can be tried on a made-up tree as well as on this one. Nothing is compiled; only the text is read.
"""

import re
from pathlib import Path

# From the ground up. A room may include rooms of lower floors; rooms of one floor never include each other.
FLOORS = [
    ["base"],
    ["domain", "math", "telemetry"],
    ["events", "catalog", "features", "index", "evaluation"],
    ["stages"],
    ["models"],
    ["registry"],
    ["online", "batch", "adapters/embedded", "adapters/files", "adapters/parquet"],
    ["server"],
    ["apps/winnow", "apps/winnow-als-mpi", "apps/winnow-trainer"],
]
# The server serves whatever it is handed: of the floor below it knows only online.
NEVER = {"server": {"batch", "adapters/embedded", "adapters/files", "adapters/parquet"}}

LONGEST_FILE = 600
LONGER_FOR_A_REASON: dict[str, str] = {}  # "path": "why it holds one idea nevertheless"

SOURCES = (".cc", ".h")
OUTSIDE = ("tests", "bench", "fuzz")  # programs that wire rooms together, as apps/ does


def allowed(room: str) -> set[str]:
    """The rooms that `room` may include, itself among them."""
    floor = next(i for i, rooms in enumerate(FLOORS) if room in rooms)
    below = {lower for rooms in FLOORS[:floor] for lower in rooms}
    return (below | {room}) - NEVER.get(room, set())


def room_of(path: str) -> str | None:
    """The room that holds `path`, relative to src/ or to the root; None where no room does."""
    rooms = [room for floor in FLOORS for room in floor]
    return next((room for room in rooms if path.startswith(room + "/")), None)


def sources(root: Path, *folders: str) -> list[Path]:
    found = (path for folder in folders for path in (root / folder).rglob("*") if path.suffix in SOURCES)
    return sorted(path for path in found if "node_modules" not in path.parts)


def own_name(root: Path, path: Path) -> str:
    """`path` as the rooms' table spells it: below src/ without src/, else from the root."""
    relative = path.relative_to(root).as_posix()
    return relative.removeprefix("src/")


def is_test(path: Path) -> bool:
    """A unit test, or a header that only unit tests include."""
    return path.name.endswith(("_test.cc", "_test.h", "_testing.h")) or path.name.startswith("testing_")


def includes(path: Path) -> list[tuple[int, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    matches = ((number, re.match(r'\s*#\s*include\s+"([^"]+)"', line)) for number, line in enumerate(lines, 1))
    return [(number, match[1]) for number, match in matches if match]


def wrong_includes(root: Path) -> list[str]:
    """Includes that run the wrong way, leave the table, or are not spelt from src/."""
    findings = []
    for path in sources(root, "src", "apps"):
        where = path.relative_to(root)
        room = room_of(own_name(root, path))
        if room is None:
            findings.append(f"{where}:1: stands in no room; add its folder to FLOORS in tests/layering/rooms.py")
            continue
        for line, included in includes(path):
            target = room_of(included)
            if target is not None:
                if target not in allowed(room):
                    reach = "only apps/ names an adapter" if target.startswith("adapters/") else "it runs the wrong way"
                    findings.append(f'{where}:{line}: {room} includes "{included}" of {target}: {reach}')
                elif not (root / "src" / included).exists() and not (root / included).exists():
                    findings.append(f'{where}:{line}: "{included}" does not exist')
            elif (root / "tests" / included).exists() or included.split("/")[0] in OUTSIDE:
                if not is_test(path):
                    findings.append(f'{where}:{line}: "{included}" is for tests; what ships does not include it')
            elif room.startswith("apps/"):
                if not (path.parent / included).exists() and not (root / "apps" / included).exists():
                    findings.append(f'{where}:{line}: "{included}" is neither beside the file nor in a room')
            else:
                findings.append(f'{where}:{line}: "{included}" is in no room; spell includes from src/')
    return findings


def cmake_links(root: Path) -> dict[str, set[str]]:
    """Room -> the rooms its CMakeLists.txt names, tests' own dependencies left out."""
    links = {}
    targets = {"winnow_" + room.replace("/", "_"): room for floor in FLOORS for room in floor}
    for path in sorted((root / "src").rglob("CMakeLists.txt")):
        room = room_of(own_name(root, path.parent / "x"))
        for call in re.findall(r"winnow_room\(([^)]*)\)", path.read_text(encoding="utf-8")):
            shipped = re.sub(r"TEST_DEPS.*?(?=\b(?:DEPS|PRIVATE_DEPS|EXCLUDE)\b|$)", "", call, flags=re.S)
            named = {targets[word] for word in shipped.split() if word in targets}
            links.setdefault(room, set()).update(named)
    return links


def wrong_links(root: Path) -> list[str]:
    """CMake targets that link the wrong way, or include a room that they do not link."""
    links = cmake_links(root)
    findings = [
        f"src/{room}/CMakeLists.txt:1: winnow_{room.replace('/', '_')} links {other}: it runs the wrong way"
        for room, others in links.items()
        for other in sorted(others - allowed(room))
    ]

    def reachable(room: str) -> set[str]:
        seen, waiting = {room}, [room]
        while waiting:
            fresh = links.get(waiting.pop(), set()) - seen
            seen |= fresh
            waiting += fresh
        return seen

    for path in sources(root, "src"):
        room = room_of(own_name(root, path))
        if room not in links or is_test(path):
            continue
        reach = reachable(room)
        for line, included in includes(path):
            target = room_of(included)
            if target is not None and target in allowed(room) and target not in reach:
                findings.append(
                    f'{path.relative_to(root)}:{line}: includes "{included}", but src/{room}/CMakeLists.txt links no {target}'
                )
    return findings


def long_files(root: Path) -> list[str]:
    """Files that hold more than one idea, to judge by their length."""
    findings = []
    for path in sources(root, "src", "apps", *OUTSIDE):
        name, length = path.relative_to(root).as_posix(), len(path.read_text(encoding="utf-8").splitlines())
        if length > LONGEST_FILE and name not in LONGER_FOR_A_REASON:
            findings.append(
                f"{name}:{length}: {length} lines, above {LONGEST_FILE}: split it, or give the reason in LONGER_FOR_A_REASON"
            )
    return findings


def silent_headers(root: Path) -> list[str]:
    """Headers that do not open with what they are."""
    headers = (path for path in sources(root, "src", "apps") if path.suffix == ".h")
    return [
        f"{path.relative_to(root)}:1: a header opens with a comment that says what it is"
        for path in headers
        if not path.read_text(encoding="utf-8").startswith("//")
    ]
