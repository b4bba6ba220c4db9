#!/usr/bin/env python3
"""The documents are true in what can be checked without running anything: links lead somewhere, and the files and
scripts that they name in `code` are there."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"build", "data", "node_modules", ".git", "dist"}
FOLDERS = ("src", "apps", "tests", "tools", "docs", "cmake", "bench", "fuzz", "web")


def documents() -> list[Path]:
    found = (path for path in ROOT.rglob("*.md") if not NOT_OURS & set(path.relative_to(ROOT).parts))
    return sorted(found)


def prose(text: str) -> str:
    """The document without its fenced blocks, whose brackets are code."""
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


class Documents(unittest.TestCase):
    def test_every_relative_link_leads_to_a_file(self):
        broken = []
        for document in documents():
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose(document.read_text(encoding="utf-8"))):
                if "://" not in target and not target.startswith("mailto:") and not (document.parent / target).exists():
                    broken.append(f"{document.relative_to(ROOT)}: {target}")
        self.assertFalse(broken, "\n" + "\n".join(broken))

    def test_every_path_named_in_code_exists(self):
        missing = []
        for document in documents():
            for name in re.findall(r"`(?:\./)?([\w./-]+)`", prose(document.read_text(encoding="utf-8"))):
                if name.split("/")[0] in FOLDERS and "/" in name and not (ROOT / name).exists():
                    missing.append(f"{document.relative_to(ROOT)}: {name}")
        self.assertFalse(missing, "\n" + "\n".join(missing))

    def test_every_page_of_docs_is_listed_in_its_index(self):
        index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
        pages = {path.relative_to(ROOT / "docs").as_posix() for path in documents() if (ROOT / "docs") in path.parents}
        unlisted = sorted(page for page in pages - {"README.md"} if f"({page})" not in index)
        self.assertFalse(unlisted, f"add to docs/README.md: {unlisted}")


if __name__ == "__main__":
    unittest.main()
