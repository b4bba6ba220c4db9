"""Load on a server: wrk as fast as it goes, or requests at times of their own, whatever the server does meanwhile."""

import re
import shutil
import socket
import subprocess
import sys
import tempfile
from urllib.parse import quote

import harness

SERVER_CORE, LOAD_CORE = 0, 1

# wrk asks for each request; the users are read once, a line each, percent-encoded.
RECOMMEND = """
local users = {{}}
for line in io.lines("{users}") do users[#users + 1] = line end
math.randomseed(7)
request = function()
  return wrk.format("GET", "/api/v1/recommendations?count=20&user_id=" .. users[math.random(#users)])
end
"""

# Latencies in microseconds, and answers that were not 2xx, behind a mark that is found in wrk's output.
REPORT = """
done = function(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration, summary.errors.status,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
"""


def program(name):
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not path:
        sys.exit(f"error: {name} is missing\n  try: apt-get install {name}")
    return path


WATCH_CLOCK = """
import sys, time
end, last, lost, longest = time.perf_counter() + float(sys.argv[1]), time.perf_counter(), 0.0, 0.0
while last < end:
    now = time.perf_counter()
    if now - last > 1e-4:
        lost, longest = lost + now - last, max(longest, now - last)
    last = now
print(lost, longest)
"""


def standstill(cores, seconds=1):
    """What the machine takes from threads that only read the clock, one on each core: the share of their time that went
    in gaps of over 0.1 ms, and the longest gap. No server answers faster than its machine runs."""
    watches = [subprocess.Popen(["taskset", "-c", str(core), sys.executable, "-c", WATCH_CLOCK, str(seconds)],
                                stdout=subprocess.PIPE, text=True) for core in cores]
    gaps = [tuple(map(float, watch.communicate()[0].split())) for watch in watches]
    return {"share": sum(lost for lost, _ in gaps) / seconds / len(gaps), "longest_ms": 1e3 * max(gap for _, gap in gaps)}


def joined(cores):
    return ",".join(map(str, cores))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def load(server, path, script, options, cores=(LOAD_CORE,)):
    """One round of wrk on `cores`, of options.seconds over options.connections; its figures."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script + REPORT)
        lua.flush()
        before = server.cpu_seconds()
        out = subprocess.run(
            ["taskset", "-c", joined(cores), program("wrk"), "-t", "1", "-c", str(options.connections), "-d",
             f"{options.seconds}s", "-s", lua.name, f"http://127.0.0.1:{server.port}{path}"],
            capture_output=True, text=True, check=True).stdout
        cpu = server.cpu_seconds() - before
    count, duration_us, refused, p50, p99, p999 = map(int, re.search("RESULT (.*)", out).group(1).split())
    return {"requests_per_s": count / duration_us * 1e6, "p50_ms": p50 / 1e3, "p99_ms": p99 / 1e3, "p999_ms": p999 / 1e3,
            "cpu_us": cpu / max(count, 1) * 1e6, "not_2xx": refused}


def listed(client, path, name, wanted=2000):
    """Ids of items or users, percent-encoded."""
    ids, cursor = [], None
    while len(ids) < wanted:
        status, page = client.get(f"{path}?count=1000" + (f"&cursor={quote(cursor, safe='')}" if cursor else ""))
        if status != 200:
            sys.exit(f"error: {path} answers {status}: {page}")
        ids += [quote(entry["id"], safe="") for entry in page[name]]
        cursor = page["cursor"]
        if not cursor:
            break
    return ids


def users_of(client):
    """Users with a profile; without any, those whom the events of the popular data sets number from 1."""
    return listed(client, "/api/v1/users", "users") or [str(user) for user in range(1, 601)]


def paced(port, paths, rate, seconds, cores, arrivals, connections=32, seed=7):
    """Latencies in ms of requests for some of `paths`, `rate` a second, counted from when each was due.

    arrivals: "random" (Poisson) or "even". The load runs on `cores`, which the server may have too: it takes little.
    """
    load_program = harness.program("winnow_paced_load")
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("\n".join(paths))
        file.flush()
        done = subprocess.run(
            ["taskset", "-c", joined(cores), load_program, str(port), file.name, str(rate), str(seconds),
             str(connections), str(seed), arrivals], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return [float(line) / 1000 for line in done.stdout.splitlines()]
