"""Remembers what passed, and on what, so that a second run with nothing changed takes seconds.

The key of a check is a hash of everything that could change its outcome: contents of files, never their times. A check
whose key passed before is not run again; `./test --fresh` forgets all of it.
"""

import hashlib
import json
import os
from pathlib import Path

GENERATED = {"build", "data", "node_modules", "dist", ".git", ".cache", "__pycache__"}
COMPILED = {".cc", ".h"}  # below src/ and apps/ these reach a test only through its program


class Memory:
    """Keys that passed, with their counts, in one JSON file."""

    def __init__(self, path: Path):
        self.path = path
        try:
            self.passed: dict[str, dict] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.passed = {}

    def recall(self, name: str, key: str) -> dict | None:
        entry = self.passed.get(name)
        return entry if entry and entry["key"] == key else None

    def remember(self, name: str, key: str, **facts) -> None:
        self.passed[name] = {"key": key, **facts}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".tmp")
        temporary.write_text(json.dumps(self.passed, indent=1), encoding="utf-8")
        temporary.replace(self.path)

    def forget(self) -> None:
        self.passed = {}


def files_of(root: Path) -> list[Path]:
    """Every file of the checkout that somebody wrote."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in GENERATED)
        found += [Path(folder) / name for name in sorted(names)]
    return found


def hash_of(root: Path, paths: list[Path], *words: str) -> str:
    """One hash over names and contents, and over `words`: versions, options, command lines."""
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\0")
    for path in paths:
        digest.update(os.path.relpath(path, root).encode() + b"\0")
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError:
            digest.update(b"absent")
    return digest.hexdigest()


def installed_packages() -> str:
    """Changes when any package of the machine does."""
    return hash_of(Path("/"), [Path("/var/lib/dpkg/status")])


def not_compiled(root: Path, files: list[Path]) -> list[Path]:
    """What a test program may read at run time: all but the sources that are compiled into it."""
    compiled = (root / "src", root / "apps")
    return [path for path in files if path.suffix not in COMPILED or not any(top in path.parents for top in compiled)]
