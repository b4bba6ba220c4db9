#!/usr/bin/env python3
"""Schemathesis, a schema fuzzer, against a running server: with all its checks it must find nothing.

It is installed from PyPI into build/schemathesis-venv on the first run; where that cannot be, the test is skipped.

usage: schemathesis_test.py WINNOW_BINARY [EXAMPLES_PER_OPERATION]
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / "build" / "schemathesis-venv"
VERSION = "4.32.5"
SKIPPED = 77

sys.path.insert(0, str(Path(__file__).parent / "http"))
from winnow_server import serving  # noqa: E402


def fuzzer():
    program = ENVIRONMENT / "bin" / "st"
    try:
        if not program.exists():
            subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True, capture_output=True)
            install = [ENVIRONMENT / "bin" / "pip", "install", "-q", f"schemathesis=={VERSION}"]
            subprocess.run(install, check=True, capture_output=True, timeout=300)
    except (subprocess.SubprocessError, OSError) as error:
        print(f"skipped: schemathesis cannot be installed from PyPI ({error})")
        sys.exit(SKIPPED)
    return program


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    examples = sys.argv[2] if len(sys.argv) == 3 else "15"
    program = fuzzer()
    with serving(sys.argv[1]) as url, tempfile.TemporaryDirectory() as folder:
        command = [program, "run", f"{url}/openapi.json", "--max-examples", examples, "--phases", "coverage,fuzzing",
                   "--continue-on-failure", "--seed", "1"]
        sys.exit(subprocess.run(command, cwd=folder).returncode)


if __name__ == "__main__":
    main()
