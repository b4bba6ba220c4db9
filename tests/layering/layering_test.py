#!/usr/bin/env python3
"""The house keeps its order: every include and every CMake link runs towards the ground floor (rooms.py has the table).

The first half reads this checkout; the second breaks each rule in a made-up tree and expects it to be caught.
"""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import rooms  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


class ThisHouse(unittest.TestCase):
    def expect_none(self, findings: list[str]) -> None:
        self.assertFalse(findings, "\n" + "\n".join(findings))

    def test_every_include_runs_towards_the_ground_floor(self):
        self.expect_none(rooms.wrong_includes(ROOT))

    def test_every_cmake_link_runs_towards_the_ground_floor_and_none_is_missing(self):
        self.expect_none(rooms.wrong_links(ROOT))

    def test_no_file_is_longer_than_one_idea(self):
        self.expect_none(rooms.long_files(ROOT))

    def test_every_header_says_what_it_is(self):
        self.expect_none(rooms.silent_headers(ROOT))

    def test_the_table_of_rooms_has_no_empty_room(self):
        present = {rooms.room_of(rooms.own_name(ROOT, path)) for path in rooms.sources(ROOT, "src", "apps")}
        listed = {room for floor in rooms.FLOORS for room in floor}
        self.assertEqual(listed - present, set())


class ABrokenHouse(unittest.TestCase):
    """Each test writes a small tree with one thing wrong, and one beside it that is right."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("src/base/result.h", "// Values or errors.\n")
        self.write("src/domain/item.h", '// An item.\n#include "base/result.h"\n')
        self.write("src/adapters/embedded/store.h", "// The store.\n")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def expect_one(self, findings: list[str], *words: str) -> None:
        self.assertEqual(len(findings), 1, findings)
        for word in words:
            self.assertIn(word, findings[0])

    def test_a_right_tree_has_no_findings(self):
        self.write("apps/winnow/main.cc", '#include "adapters/embedded/store.h"\n#include "domain/item.h"\n')
        self.assertEqual(rooms.wrong_includes(self.root), [])

    def test_an_include_to_the_left_is_caught(self):
        self.write("src/base/clock.cc", '\n#include "domain/item.h"\n')
        self.expect_one(rooms.wrong_includes(self.root), "src/base/clock.cc:2", "wrong way")

    def test_an_include_of_a_room_on_the_same_floor_is_caught(self):
        self.write("src/math/dot.h", "// Products.\n")
        self.write("src/domain/user.cc", '#include "math/dot.h"\n')
        self.expect_one(rooms.wrong_includes(self.root), "src/domain/user.cc:1")

    def test_an_adapter_named_outside_apps_is_caught(self):
        self.write("src/server/server.cc", '#include "adapters/embedded/store.h"\n')
        self.expect_one(rooms.wrong_includes(self.root), "only apps/ names an adapter")

    def test_an_adapter_that_names_another_is_caught(self):
        self.write("src/adapters/files/import.cc", '#include "adapters/embedded/store.h"\n')
        self.expect_one(rooms.wrong_includes(self.root), "only apps/ names an adapter")

    def test_a_test_header_included_by_what_ships_is_caught(self):
        self.write("tests/conformance/catalog_suite.h", "// A suite.\n")
        self.write("src/adapters/embedded/catalog.cc", '#include "conformance/catalog_suite.h"\n')
        self.write("src/adapters/embedded/catalog_test.cc", '#include "conformance/catalog_suite.h"\n')
        self.expect_one(rooms.wrong_includes(self.root), "catalog.cc:1")

    def test_an_include_that_is_not_spelt_from_src_is_caught(self):
        self.write("src/domain/user.cc", '#include "item.h"\n')
        self.expect_one(rooms.wrong_includes(self.root), "spell includes from src/")

    def test_a_folder_that_is_no_room_is_caught(self):
        self.write("src/utils/strings.h", "// Things.\n")
        self.expect_one(rooms.wrong_includes(self.root), "src/utils/strings.h", "no room")

    def test_a_cmake_link_that_runs_the_wrong_way_is_caught(self):
        self.write("src/base/CMakeLists.txt", "winnow_room(base DEPS winnow_domain)\n")
        self.expect_one(rooms.wrong_links(self.root), "src/base/CMakeLists.txt", "wrong way")

    def test_an_include_without_its_cmake_link_is_caught(self):
        self.write("src/domain/CMakeLists.txt", "winnow_room(domain TEST_DEPS winnow_base)\n")
        self.expect_one(rooms.wrong_links(self.root), "src/domain/item.h:2", "links no base")

    def test_a_file_of_many_ideas_is_caught(self):
        self.write("src/base/everything.cc", "\n" * (rooms.LONGEST_FILE + 1))
        self.expect_one(rooms.long_files(self.root), "everything.cc")

    def test_a_silent_header_is_caught(self):
        self.write("src/base/quiet.h", "#pragma once\n")
        self.expect_one(rooms.silent_headers(self.root), "quiet.h")


if __name__ == "__main__":
    unittest.main()
