"""``make client``: make a Python client of the APIs of a running exchange, and its wheel.

The code is generated from the five OpenAPI documents as they are published, one package for each
service. What generates it is installed apart, from a lock of its own.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from shared.contracts import Queue

LOCK = Path(__file__).parent / "client.lock"
NAME = "nhipcau_client"
PROJECT = f"""\
[build-system]
requires = ["flit_core>=3.12,<4"]
build-backend = "flit_core.buildapi"

[project]
name = "{NAME}"
version = "1"
description = "A client of the APIs of Nhịp Cầu, generated from their descriptions"
requires-python = ">=3.11"
dependencies = ["attrs>=22.2", "httpx>=0.23.1,<0.29"]
"""
PATIENCE = 60.0
"""Seconds for a document."""
PIP = ["-m", "pip", "--quiet", "--disable-pip-version-check"]


def workshop() -> Path:
    """The Python that generates, builds and runs a client; made anew when its lock changes."""
    made_of = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    folder = Path(sys.prefix) / "client"
    mark = folder / f".made-of-{made_of}"
    python = folder / "bin" / "python"
    if not mark.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        options: list[str | Path] = ["--require-hashes", "--only-binary", ":all:", "-r", LOCK]
        subprocess.run([python, *PIP, "install", *options], check=True)
        mark.touch()
    return python


def make(base_url: str, folder: Path) -> Path:
    """Generate the client of the exchange at this address into a folder; returns its wheel.

    A client made there before is replaced. Whatever a document says that the generator does not
    understand is an error.
    """
    python = workshop()
    package = folder / NAME
    shutil.rmtree(package, ignore_errors=True)
    package.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (package / "__init__.py").write_text('"""The APIs of Nhịp Cầu, one package for each."""\n')
    with ThreadPoolExecutor() as at_once:
        list(at_once.map(lambda queue: _generate(python, base_url, queue, package), Queue))
    wheel: list[str | Path] = [
        *PIP,
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        folder,
        folder,
    ]
    subprocess.run([python, *wheel], check=True)
    (built,) = folder.glob(f"{NAME}-*.whl")
    return built


def _generate(python: Path, base_url: str, queue: Queue, package: Path) -> None:
    with TemporaryDirectory() as folder:
        document = _fetched(f"{base_url}/{queue.segment}/openapi.json", Path(folder))
        asked: list[str | Path] = ["--path", document, "--meta", "none"]
        subprocess.run(
            [
                *(python.parent / "openapi-python-client", "generate", "--fail-on-warning"),
                *(*asked, "--output-path", package / queue),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            env={"PATH": f"{python.parent}:/usr/bin:/bin"},
        )


def _fetched(address: str, folder: Path) -> Path:
    """The document, which an exchange that is busy describes slowly: the generator waits 5 s."""
    answer = httpx2.get(address, timeout=PATIENCE, trust_env=False).raise_for_status()
    document = folder / "openapi.json"
    document.write_bytes(answer.content)
    return document


def main() -> None:
    """Read where the exchange is and where the client is to lie."""
    options = argparse.ArgumentParser(description="Make a Python client of the APIs.")
    options.add_argument("--from", dest="base_url", required=True, help="the exchange's address")
    options.add_argument("--to", dest="folder", type=Path, required=True, help="a folder for it")
    asked = options.parse_args()
    sys.stdout.write(f"{make(asked.base_url, asked.folder)}\n")


if __name__ == "__main__":
    main()
