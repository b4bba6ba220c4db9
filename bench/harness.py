"""What the benches share: the release binary, a server on a port of its own, CPU time and memory of a process.

Standard library only. Figures of speed are compared within one run only; every bench prints the machine it ran on.
"""

import functools
import http.client
import json
import os
import platform
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = Path(os.environ.get("WINNOW_BINARY", ROOT / "build" / "release" / "bin" / "winnow"))
BUILD = Path(os.environ.get("WINNOW_BENCH_BUILD", ROOT / "build" / "release"))
TICKS = os.sysconf("SC_CLK_TCK")


def clean_environment():
    """The environment without the BLAS settings of a person's shell, which distort figures."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "OMP_", "MKL_"))}


def require_binary():
    if not BINARY.exists():
        sys.exit(f"error: {BINARY.relative_to(ROOT)} is missing\n  try: ./demo --no-serve, or cmake --preset release && "
                 "cmake --build --preset release --target winnow")
    return BINARY


@functools.cache
def program(name, optional=False):
    """A program of the benches, built if it is missing or stale.

    None for an optional one where what it is made of was not found.
    """
    configured = (BUILD / "CMakeCache.txt").exists()
    for configure in (not configured, True):
        if configure:
            if not shutil.which("cmake"):
                sys.exit("error: cmake is missing\n  try: tools/install-dependencies build bench")
            done = subprocess.run(["cmake", "--preset", "release", "-B", BUILD], cwd=ROOT, capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"error: the build cannot be configured\n{done.stderr}  try: tools/install-dependencies build bench")
        done = subprocess.run(["cmake", "--build", BUILD, "--target", name], capture_output=True, text=True)
        if done.returncode == 0:
            return BUILD / "bin" / name
        if "unknown target" not in done.stdout + done.stderr:
            sys.exit(f"error: {name} does not build\n{done.stdout[-4000:]}{done.stderr}")
    if optional:
        return None
    sys.exit(f"error: {name} cannot be built here\n  try: tools/install-dependencies build bench trainer")


def find_data(name, given=None):
    """The folder of a data set: as given, or in data/ here or beside a sibling checkout; None when there is none."""
    places = [Path(given)] if given else [ROOT / "data" / name, ROOT.parent / "shared" / "data" / name]
    return next((p for p in places if p.is_dir()), None)


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    flags = next((line for line in open("/proc/cpuinfo") if line.startswith("flags")), "")
    simd = "AVX-512 VNNI" if "avx512_vnni" in flags else "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "SSE"
    if os.environ.get("WINNOW_CPU_LEVEL") == "avx2":
        simd = "AVX2"  # held to it
    return {"cpu": model, "simd": simd, "cores": os.cpu_count(), "system": platform.release()}


def run(arguments, **options):
    """Runs winnow; returns (wall seconds, CPU seconds, peak resident MiB, standard output)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen([str(a) for a in arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=clean_environment(), text=True, **options)
    out, err = process.communicate()
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, arguments))} ended with {process.returncode}\n{err or out}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1024, out


class Server:
    """`winnow serve` on a free port of the loopback interface, ended with the block."""

    def __init__(self, data, cpu=None, arguments=(), binary=BINARY):
        self.data, self.cpu, self.arguments, self.binary = data, cpu, arguments, binary

    def __enter__(self):
        pin = ["taskset", "-c", str(self.cpu)] if self.cpu is not None and shutil.which("taskset") else []
        start = time.perf_counter()
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            pin + [str(self.binary), "serve", "--data", str(self.data), "--port", "0", "--json", *map(str, self.arguments)],
            stdout=subprocess.PIPE, stderr=self.log, env=clean_environment(), text=True)
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            sys.exit(f"error: the server did not start\n{self.log.read()}")
        self.port = json.loads(line)["port"]
        client = self.client()
        while client.get("/health/ready")[0] != 200:
            time.sleep(0.002)
        self.start_ms = (time.perf_counter() - start) * 1000
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()

    def client(self):
        return Client(self.port)

    def cpu_seconds(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_mb(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


class Client:
    """One kept-alive connection."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def request(self, method, path, body=None):
        data = None if body is None else json.dumps(body)
        self.connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
        response = self.connection.getresponse()
        raw = response.read()
        return response.status, json.loads(raw) if raw[:1] in b"{[" and raw else raw

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body):
        return self.request("POST", path, body)


def quantile(values, q):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def write_json(path, result):
    if path:
        Path(path).write_text(json.dumps(result, indent=1) + "\n")
        print(f"\nwritten to {path}")
