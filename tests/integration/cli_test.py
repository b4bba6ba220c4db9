"""The winnow binary as its users meet it: help, exit codes, errors, and a store from import to answer.

    cli_test.py PATH/TO/winnow
"""

import csv
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
import urllib.request
from pathlib import Path

WINNOW = Path(sys.argv.pop(1)).resolve()
SECONDS = 120  # for anything to happen


def winnow(*arguments, data=None, env=None, stdin=""):
    words = [str(WINNOW), *map(str, arguments)]
    if data is not None:
        words += ["--data", str(data)]
    clean = {name: value for name, value in os.environ.items() if name not in ("WINNOW_DATA", "NO_COLOR")}
    return subprocess.run(words, capture_output=True, text=True, input=stdin, timeout=SECONDS, env=clean | (env or {}))


def write_tiny_data(folder):
    """Two tastes: odd users like odd items, even users even ones."""
    with open(folder / "items.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["item_id", "title", "categories"])
        for item in range(40):
            rows.writerow([f"i{item}", f"Item number {item}", "odd" if item % 2 else "even"])
    now = int(time.time() * 1000)
    with open(folder / "events.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user_id", "item_id", "action", "timestamp"])
        for user in range(60):
            for step in range(12):
                item = 2 * ((user * 7 + step * 3) % 20) + user % 2
                rows.writerow([f"u{user}", f"i{item}", "like", now - (60 - user) * 60_000 - (12 - step) * 3_600_000])


class Store(unittest.TestCase):
    """Tests with a folder of their own."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="winnow-cli-")
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)
        self.data = self.root / "store"

    def run_ok(self, *arguments):
        done = winnow(*arguments, data=self.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def import_tiny(self):
        write_tiny_data(self.root)
        return self.run_ok("import", self.root / "items.csv", self.root / "events.csv", "--json")

    def assert_fails(self, done, code, *words):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertTrue(done.stderr.startswith("error: "), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)


class Help(unittest.TestCase):
    def commands(self):
        text = winnow("--help").stdout
        return re.findall(r"^  (\w+)  ", text.split("Commands\n")[1].split("\n\n")[0], re.M)

    def test_every_command_is_listed_and_explains_itself_with_examples(self):
        commands = self.commands()
        self.assertGreaterEqual(set(commands), {"import", "train", "evaluate", "recommend", "similar", "serve", "status",
                                                "simulate", "dump", "restore", "doctor", "rollback", "config"})
        for command in commands:
            with self.subTest(command):
                done = winnow(command, "--help")
                self.assertEqual(done.returncode, 0)
                self.assertIn("Usage", done.stdout)
                self.assertIn("Examples", done.stdout)
                self.assertNotIn("\x1b", done.stdout)
                self.assertEqual(done.stdout, winnow("help", command).stdout)

    def test_no_command_is_wrong_use_and_shows_the_help(self):
        done = winnow()
        self.assertEqual(done.returncode, 2)
        self.assertIn("Commands", done.stdout)

    def test_the_version_is_told(self):
        self.assertRegex(winnow("--version").stdout, r"^winnow \d+\.\d+\.\d+\n$")
        self.assertIn("version", json.loads(winnow("--version", "--json").stdout))

    def test_completion_scripts_are_understood_by_their_shells(self):
        for shell in ("bash", "zsh", "fish"):
            script = winnow("completion", shell).stdout
            self.assertIn("recommend", script)
            if subprocess.run(["which", shell], capture_output=True).returncode == 0:
                checked = subprocess.run([shell, "-n"], input=script, text=True, capture_output=True)
                self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_bash_completes_commands_flags_and_choices(self):
        script = winnow("completion", "bash").stdout

        def complete(*words):
            line = " ".join(f"'{word}'" for word in words)
            asked = f"{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _winnow; echo \"${{COMPREPLY[@]}}\""
            return subprocess.run(["bash", "-c", asked], capture_output=True, text=True).stdout.split()

        self.assertEqual(complete("winnow", "recom"), ["recommend"])
        self.assertEqual(complete("winnow", "recommend", "--cou"), ["--count", "--country"])
        self.assertEqual(complete("winnow", "import", "--kind", "us"), ["users"])
        self.assertEqual(complete("winnow", "completion", "f"), ["fish"])


class WrongUse(Store):
    def test_unknown_words_name_the_nearest_known_one(self):
        self.assert_fails(winnow("improt"), 2, 'did you mean "import"?')
        self.assert_fails(winnow("recommend", "--usr", "1"), 2, "did you mean --user?", "winnow help recommend")
        self.assert_fails(winnow("evaluate", "--protocol", "sequences"), 2, 'did you mean "sequence"?')

    def test_missing_and_bad_values_are_named(self):
        self.assert_fails(winnow("import"), 2, "needs PATH")
        self.assert_fails(winnow("recommend", "--count", "0"), 2, "--count", "from 1 to 500")
        self.assert_fails(winnow("recommend", "--count"), 2, "--count N")
        self.assert_fails(winnow("status", "now"), 2, "does not expect")
        self.assert_fails(winnow("evaluate", "--protocol", "time-split", "ml-100k"), 2, '"ml-100k" stands alone', "--input PATH")
        split = ["evaluate", "--protocol", "time-split"]
        self.assert_fails(winnow(*split, "--compare", "popular", "popular"), 2, "--compare names popular twice")
        self.assert_fails(winnow(*split, "--segments"), 2, "--segments is about rankers", "funnel")
        self.assert_fails(winnow(*split, "--json", self.root / "nosuch" / "x.json"), 3, "--json", "there is no folder")
        self.assert_fails(winnow(*split, "--k", "0"), 2, "--k is '0'")
        self.assert_fails(winnow(*split, "--test-from", "3", "--input", self.root), 2, "--test-from is '3'")

    def test_errors_are_json_too(self):
        done = winnow("status", "--json", data=self.data)
        self.assertEqual(done.returncode, 3)
        error = json.loads(done.stdout)["error"]
        self.assertEqual(error["code"], "not_found")
        self.assertIn("winnow import", error["message"])

    def test_a_store_that_is_not_there_is_not_found(self):
        for command in (["status"], ["recommend"], ["similar", "1"], ["train"], ["dump", self.root / "d"], ["rollback"], ["rebuild"]):
            with self.subTest(command):
                self.assert_fails(winnow(*command, data=self.data), 3, str(self.data))
                self.assertFalse(self.data.exists(), "asking makes no store")

    def test_a_missing_file_is_not_found(self):
        self.assert_fails(winnow("import", self.root / "nothing.csv", data=self.data), 3, "nothing.csv")

    def test_settings_are_checked(self):
        settings = self.root / "settings.toml"

        def config(text):
            settings.write_text(text)
            return winnow("config", "--config", settings)

        self.assert_fails(config("[als]\ndmis = 64\n"), 2, f"{settings}:2", "did you mean als.dims?")
        self.assert_fails(config("[als]\ndims = 'many'\n"), 2, "als.dims", "a multiple of 16")
        self.assert_fails(config("[server]\nport = 70000\n"), 2, "server.port", "65535")
        self.assert_fails(config("[als\n"), 2, "not valid TOML")
        self.assert_fails(winnow("config", "--config", self.root / "none.toml"), 3, "none.toml")
        self.assertIn("dims = 32", config("[als]\ndims = 32\n").stdout)

    def test_printed_settings_read_back(self):
        settings = self.root / "all.toml"
        settings.write_text(winnow("config", "--defaults").stdout)
        self.assertEqual(winnow("config", "--json", "--config", settings).stdout, winnow("config", "--defaults", "--json").stdout)

    def test_the_settings_of_a_store_lie_in_it(self):
        self.data.mkdir()
        (self.data / "winnow.toml").write_text("[als]\ndims = 48\n")
        self.assertEqual(json.loads(self.run_ok("config", "--json").stdout)["als"]["dims"], 48)
        (self.data / "winnow.toml").write_text("[store]\ndata = 'elsewhere'\n")
        self.assert_fails(winnow("config", data=self.data), 2, "store.data", "--config")

    def test_keys_are_made_and_hashed(self):
        made = json.loads(winnow("key", "new", "--name", "shop", "--json").stdout)
        hashed = json.loads(winnow("key", "hash", "--json", stdin=made["key"] + "\n").stdout)
        self.assertEqual(made["sha256"], hashed["sha256"])
        self.assert_fails(winnow("key", "hash"), 2, "stdin")


class FromImportToAnswer(Store):
    def test_what_did_not_rank_is_told_in_json_mode_too(self):
        self.import_tiny()
        (self.root / "own.toml").write_text('[ranking]\nonnx = "nowhere.onnx"\n')
        for mode in ([], ["--json"]):
            told = self.run_ok("recommend", "--user", "u1", "--config", self.root / "own.toml", *mode).stderr
            self.assertEqual(told.count("ranking.onnx is not used"), 1, told)

    def test_a_tiny_store_learns_two_tastes(self):
        report = json.loads(self.import_tiny().stdout)
        self.assertEqual((report["items"], report["events"], report["rejected"]), (40, 720, 0))
        again = json.loads(self.run_ok("import", self.root / "events.csv", "--json").stdout)
        self.assertEqual((again["events"], again["duplicates"]), (0, 720))

        status = json.loads(self.run_ok("status", "--json").stdout)
        self.assertEqual((status["items"], status["events"], status["model_version"]), (40, 720, None))

        trained = winnow("train", "--json", data=self.data)
        self.assertEqual(trained.returncode, 0, trained.stderr)
        version = json.loads(trained.stdout)["version"]
        status = json.loads(self.run_ok("status", "--json").stdout)
        self.assertEqual(status["model_version"], version)
        self.assertEqual([model["stage"] for model in status["models"]], ["live"])

        answer = json.loads(self.run_ok("recommend", "--user", "u1", "--count", "5", "--json").stdout)
        self.assertEqual(answer["level"], "full")
        self.assertEqual(answer["model_version"], version)
        odd = [item for item in answer["items"] if int(item["item_id"][1:]) % 2]
        self.assertGreaterEqual(len(odd), 4, answer)
        page = json.loads(self.run_ok("recommend", "--user", "u1", "--count", "5", "--cursor", answer["cursor"], "--json").stdout)
        self.assertFalse({i["item_id"] for i in answer["items"]} & {i["item_id"] for i in page["items"]})

        near = json.loads(self.run_ok("similar", "i3", "--count", "3", "--json").stdout)
        self.assertTrue(all(int(item["item_id"][1:]) % 2 for item in near["items"]), near)
        self.assert_fails(winnow("similar", "i999", data=self.data), 3, "i999")
        self.assert_fails(winnow("recommend", "--user", "x" * 300, data=self.data), 2, "--user")

        text = self.run_ok("recommend", "--user", "u1").stdout
        self.assertIn("Item number", text)
        self.assertNotIn("\x1b", text)

        self.assert_fails(winnow("rollback", data=self.data), 4)
        second = json.loads(self.run_ok("train", "--json").stdout)["version"]
        self.assertNotEqual(second, version)
        self.assertEqual(json.loads(self.run_ok("rollback", "--json").stdout), {"live": version, "was": second})
        self.assertEqual(json.loads(self.run_ok("rollback", second, "--json").stdout)["live"], second)
        self.assertEqual(winnow("doctor", data=self.data).returncode, 0)

    def test_rejected_rows_are_kept_with_their_line_and_reason(self):
        events = self.root / "events.csv"
        events.write_text("user_id,item_id,action,timestamp\nu1,i1,like,1700000000000\nu1,i1,lick,1700000000000\nu1,,like,1700000000000\n")
        report = json.loads(self.run_ok("import", events, "--json").stdout)
        self.assertEqual((report["events"], report["rejected"]), (1, 2))
        rows = [json.loads(line) for line in Path(report["rejects_file"]).read_text().splitlines()]
        self.assertEqual([row["line"] for row in rows], [3, 4])
        self.assertIn("like", json.dumps(rows[0]))

    def test_gzip_jsonl_and_a_named_column_are_imported(self):
        with gzip.open(self.root / "log.jsonl.gz", "wt") as file:
            file.write('{"who":"u1","item_id":"i1","timestamp":1700000000}\n')
        report = json.loads(self.run_ok("import", self.root / "log.jsonl.gz", "--kind", "events", "--map", "who=user_id",
                                        "--action", "view", "--json").stdout)
        self.assertEqual(report["events"], 1)

    def test_a_dump_is_restored_to_the_same_counts(self):
        self.import_tiny()
        self.run_ok("dump", self.root / "dump")
        other = self.root / "other"
        done = winnow("restore", self.root / "dump", "--json", data=other)
        self.assertEqual(done.returncode, 0, done.stderr)
        ours, theirs = (json.loads(winnow("status", "--json", data=folder).stdout) for folder in (self.data, other))
        self.assertEqual({name: ours[name] for name in ("items", "events")}, {name: theirs[name] for name in ("items", "events")})
        self.assert_fails(winnow("restore", self.root / "dump", data=other), 4)
        self.assert_fails(winnow("dump", self.root / "dump", data=self.data), 4)

    def test_a_training_set_is_written_with_and_without_impressions(self):
        self.import_tiny()
        out = self.root / "set.ranking"
        report = json.loads(self.run_ok("training-set", "--out", out, "--json").stdout)
        self.assertTrue(report["implicit"])
        self.assertEqual(report["events"], 60 * 12)
        self.assertEqual(report["heads"]["like"]["positive"], report["groups"])
        self.assertGreater(out.stat().st_size, report["rows"] * report["features"])
        now = int(time.time() * 1000)
        lines = []
        for answer in range(30):
            event = {"user_id": f"u{answer}", "recommendation_id": f"r{answer}", "timestamp": now - answer * 60_000}
            lines += [event | {"item_id": f"i{item}", "action": "impression"} for item in range(5)]
            lines.append(event | {"item_id": "i2", "action": "click"})
        (self.root / "shown.jsonl").write_text("\n".join(map(json.dumps, lines)))
        self.run_ok("import", self.root / "shown.jsonl", "--kind", "events")
        report = json.loads(self.run_ok("training-set", "--out", out, "--json").stdout)
        self.assertFalse(report["implicit"])
        self.assertEqual(report["groups"], 30)
        self.assertEqual(report["rows_seen"], 150)
        self.assertEqual(report["heads"]["click"]["positive"], 30)
        self.assert_fails(winnow("training-set", data=self.data), 2, "--out")
        self.assert_fails(winnow("training-set", "--out", ".", data=self.data), 2, "--out", "folder")
        self.assert_fails(winnow("training-set", "--out", self.root / "nosuch" / "x", data=self.data), 3, "--out", "nosuch")
        self.assert_fails(winnow("training-set", "--out", out, "--window", "1e300", data=self.data), 2, "--window", "36500")
        self.assert_fails(winnow("evaluate", "--set", self.root / "shown.jsonl", data=self.data), 5, "shown.jsonl")
        upper = self.root / "set.PARQUET"
        if winnow("training-set", "--out", upper, data=self.data).returncode == 0:  # this build has Parquet
            self.assertEqual(upper.read_bytes()[:4], b"PAR1")
        else:
            self.assertFalse(upper.exists())

    def test_rebuilding_gives_the_same_answer(self):
        self.import_tiny()
        before = json.loads(self.run_ok("recommend", "--user", "u2", "--json").stdout)["items"]
        self.run_ok("rebuild")
        after = json.loads(self.run_ok("recommend", "--user", "u2", "--json").stdout)["items"]
        self.assertEqual(before, after)

    def test_a_damaged_store_is_corrupt_and_doctor_says_so(self):
        self.import_tiny()
        for file in (self.data / "log").rglob("*"):
            if file.is_file() and file.name not in ("LOCK",) and file.stat().st_size > 0:
                file.write_bytes(b"\x00garbage" * 64)
        self.assert_fails(winnow("status", data=self.data), 5)
        doctor = winnow("doctor", "--json", data=self.data)
        self.assertEqual(doctor.returncode, 7)
        faults = [check for check in json.loads(doctor.stdout)["checks"] if check["state"] == "fault"]
        self.assertTrue(faults and all(check["remedy"] for check in faults), faults)

    def test_a_simulated_service_is_the_same_for_the_same_seed(self):
        self.run_ok("simulate", "--users", "50", "--items", "60", "--events", "2000", "--days", "10")
        status = json.loads(self.run_ok("status", "--json").stdout)
        self.assertEqual((status["items"], status["profiles"], status["events"]), (60, 50, 2000))

    def test_a_time_split_is_evaluated_from_files_and_from_the_store(self):
        self.import_tiny()
        out = self.root / "report.json"
        for where in (["--input", self.data], ["--input", self.root / "events.csv"], []):
            done = self.run_ok("evaluate", "--protocol", "time-split", "--test-from", "user:0.8", "--models", "popular,blend",
                               "--k", "5,10", "--seed", "3", "--json", out, *where)
            tuned = "evaluating: tune popular_decayed.half_life_days"
            self.assertEqual(done.stderr.count(tuned), 1, done.stderr)
            report = json.loads(out.read_text())
            self.assertEqual((report["protocol"], report["seed"]), ("time-split", 3))
            names = [model["name"] for model in report["models"]]
            self.assertIn("popular", names)
            self.assertIn("blend", names)
            for model in report["models"]:
                metric = model["metrics"]["recall@10"]
                self.assertTrue(0 <= metric["low"] <= metric["value"] <= metric["high"] <= 1, metric)
                self.assertGreaterEqual(set(model), {"parameters", "users", "items", "events", "train_cpu_s", "wall_s", "peak_rss_mb"})

    def test_a_store_with_nothing_to_test_on_is_named(self):
        one = self.root / "one.csv"
        one.write_text(f"user_id,item_id,action,timestamp\nu,i,like,{int(time.time() * 1000)}\n")
        self.run_ok("import", one)
        self.assert_fails(winnow("evaluate", "--protocol", "time-split", data=self.data), 2, f"{self.data}: ", "nothing to test on")

    def test_fixed_splits_are_evaluated(self):
        folder = self.root / "split"
        folder.mkdir()
        train = [f"{u} " + " ".join(str(2 * ((u + k) % 10) + u % 2) for k in range(5)) for u in range(30)]
        test = [f"{u} {2 * ((u + 5) % 10) + u % 2}" for u in range(30)]
        (folder / "train.txt").write_text("\n".join(train) + "\n")
        (folder / "test.txt").write_text("\n".join(test) + "\n")
        (self.root / "sequences.txt").write_text("\n".join(f"{a} {b.split()[1]}" for a, b in zip(train, test)) + "\n")
        out = self.root / "out.json"
        for protocol, path in (("user-items", folder), ("sequence", self.root / "sequences.txt")):
            self.run_ok("evaluate", "--protocol", protocol, "--input", path, "--models", "popular,item_to_item,als", "--k", "10",
                        "--json", out)
            self.assertEqual([m["name"] for m in json.loads(out.read_text())["models"]], ["popular", "item_to_item", "als"])
        (folder / "train.txt").write_text("")
        failed = winnow("evaluate", "--protocol", "user-items", "--input", folder, "--models", "als")
        self.assertIn(failed.returncode, (2, 4), failed.stderr)


class Serving(Store):
    def start(self, *flags):
        server = subprocess.Popen([str(WINNOW), "serve", "--port", "0", "--json", "--data", str(self.data), *flags],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(server.stderr.close)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(lambda: server.poll() is None and server.kill())
        line = server.stdout.readline()
        self.assertTrue(line, "no first line: " + (server.stderr.read() if server.poll() is not None else ""))
        return server, json.loads(line)

    def get(self, url):
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            return answer.read()

    def until(self, holds, what):
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if value := holds():
                return value
            time.sleep(0.02)  # between two looks
        self.fail(f"not within {SECONDS} s: {what}")

    def test_it_says_where_it_is_works_beside_other_commands_and_stops_gracefully(self):
        self.import_tiny()
        server, where = self.start()
        self.assertEqual(where["pid"], server.pid)
        self.assertIn(str(where["port"]), where["url"])
        self.assertEqual(json.loads(self.get(where["url"] + "/health/ready"))["status"], "ready")
        self.assertIn(b"<!doctype html>", self.get(where["url"] + "/").lower())

        self.assert_fails(winnow("import", self.root / "events.csv", data=self.data), 4, "in use")
        self.assertEqual(json.loads(self.run_ok("status", "--json").stdout)["events"], 720)
        self.assertEqual(len(json.loads(self.run_ok("recommend", "--user", "u1", "--json").stdout)["items"]), 10)

        version = json.loads(self.run_ok("train", "--json").stdout)["version"]
        answer = self.until(lambda: (a := json.loads(self.get(where["url"] + "/api/v1/recommendations?user_id=u1")))["model_version"]
                            == version and a, "the server serves the new version")
        self.assertEqual(answer["level"], "full")

        server.send_signal(signal.SIGHUP)
        self.assertEqual(json.loads(self.get(where["url"] + "/health/ready"))["status"], "ready")
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(SECONDS), 0)

    def test_heap_and_code_lie_in_huge_pages_unless_the_environment_says_otherwise(self):
        def code_from_file(process):
            maps = (process / "maps").read_text().splitlines()
            return [line for line in maps if " r-xp " in line and str(WINNOW) in line]

        server, _ = self.start()
        process = Path(f"/proc/{server.pid}")
        self.assertIn("GLIBC_TUNABLES=glibc.malloc.hugetlb=1", (process / "environ").read_text().split("\0"))
        self.assertEqual((process / "comm").read_text().strip(), WINNOW.name)
        self.assertEqual(code_from_file(process), [])
        server.terminate()
        self.assertEqual(server.wait(SECONDS), 0)

        with unittest.mock.patch.dict(os.environ, GLIBC_TUNABLES="glibc.malloc.hugetlb=0"):
            server, _ = self.start()
        process = Path(f"/proc/{server.pid}")
        self.assertIn("GLIBC_TUNABLES=glibc.malloc.hugetlb=0", (process / "environ").read_text().split("\0"))
        self.assertNotEqual(code_from_file(process), [])

    def test_without_keys_it_binds_to_the_loopback_only_and_with_keys_it_asks_for_one(self):
        self.import_tiny()
        self.assert_fails(winnow("serve", "--host", "0.0.0.0", "--port", "0", data=self.data), 2, "key")
        made = json.loads(winnow("key", "new", "--json").stdout)
        (self.data / "winnow.toml").write_text(
            f"[[server.keys]]\nname = 'test'\nsha256 = '{made['sha256']}'\nrights = ['read']\n")
        server, where = self.start()
        self.assertEqual(where["keys"], 1)
        url = where["url"] + "/api/v1/trending"
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.get(url)
        self.assertEqual(refused.exception.code, 401)
        refused.exception.close()
        self.get(urllib.request.Request(url, headers={"Authorization": "Bearer " + made["key"]}))
        server.terminate()
        self.assertEqual(server.wait(SECONDS), 0)

    def test_a_version_that_cannot_serve_gives_way_at_the_start_and_is_told_on_stderr(self):
        self.import_tiny()
        versions = [json.loads(self.run_ok("train", "--json").stdout)["version"] for _ in range(2)]
        with open(self.data / "models" / versions[1] / "blend.bin", "ab") as file:
            file.write(b"more")
        server, where = self.start()
        stats = json.loads(self.get(where["url"] + "/api/v1/stats"))
        self.assertEqual(stats["model"]["version"], versions[0])
        self.assertIn("blend.bin", stats["model_error"])
        server.send_signal(signal.SIGTERM)
        told = server.communicate(timeout=SECONDS)[1]
        self.assertEqual(told.count("blend.bin"), 1, told)
        self.assertIn(f"{versions[0]} serves in its place", told)
        self.assertIn("blend.bin", winnow("recommend", data=self.data).stderr)

    def test_a_scheduled_training_runs_in_a_process_of_its_own(self):
        self.import_tiny()
        (self.data / "winnow.toml").write_text("[train]\nschedule_hours = 1\n")
        server, where = self.start()
        stats = self.until(lambda: (s := json.loads(self.get(where["url"] + "/api/v1/stats")))["model"] and s, "a model is live")
        self.assertEqual(stats["models"][0]["stage"], "live")
        server.send_signal(signal.SIGINT)
        self.assertEqual(server.wait(SECONDS), 0)

    def test_a_taken_port_is_a_conflict(self):
        self.import_tiny()
        server, where = self.start()
        other = self.root / "other"
        self.assert_fails(winnow("serve", "--port", where["port"], data=other), 4, str(where["port"]))
        server.terminate()
        self.assertEqual(server.wait(SECONDS), 0)


class Interrupting(Store):
    def test_an_interrupted_import_says_so_and_goes_on(self):
        rows = self.root / "events.csv"
        with open(rows, "w") as file:
            file.write("user_id,item_id,action,timestamp\n")
            for row in range(400_000):
                file.write(f"u{row % 997},i{row % 313},view,{1_700_000_000_000 + row}\n")
        importing = subprocess.Popen([str(WINNOW), "import", str(rows), "--data", str(self.data), "--json"],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + SECONDS
        while not (self.data / "log").exists() and time.monotonic() < deadline:
            time.sleep(0.005)  # between two looks
        importing.send_signal(signal.SIGINT)
        out, err = importing.communicate(timeout=SECONDS)
        self.assertIn(importing.returncode, (0, 130), err)
        first = json.loads(out)
        second = json.loads(self.run_ok("import", rows, "--json").stdout)
        self.assertEqual(first["events"] + second["events"], 400_000)
        self.assertEqual(json.loads(self.run_ok("status", "--json").stdout)["events"], 400_000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
