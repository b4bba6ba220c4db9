"""A real `winnow serve` for tests: over a small made-up service, in a temporary folder, on a free port, ended by pid."""

import contextlib
import json
import signal
import subprocess
import tempfile


@contextlib.contextmanager
def serving(binary):
    """Yields the address, such as "http://127.0.0.1:40123"."""
    with tempfile.TemporaryDirectory(prefix="winnow-http-") as folder:
        make = [binary, "simulate", "--data", folder, "--users", "60", "--items", "120", "--events", "4000", "--json"]
        subprocess.run(make, check=True, capture_output=True)
        subprocess.run([binary, "train", "--data", folder, "--json"], capture_output=True)  # a gate may refuse: fine
        command = [binary, "serve", "--data", folder, "--port", "0", "--json"]
        with tempfile.TemporaryFile("w+") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log,
                                                                   text=True) as server:
            try:
                line = server.stdout.readline()
                if not line:
                    log.seek(0)
                    raise SystemExit("the server did not start:\n" + log.read())
                yield json.loads(line)["url"]
                if server.poll() is not None:
                    log.seek(0)
                    raise SystemExit(f"the server ended by itself with {server.returncode}:\n" + log.read())
            finally:
                server.send_signal(signal.SIGTERM)
                try:
                    server.wait(30)
                except subprocess.TimeoutExpired:
                    server.kill()
                    raise
        if server.returncode != 0:
            raise SystemExit(f"the server ended with {server.returncode}")
