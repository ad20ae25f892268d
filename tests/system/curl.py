"""What the README asks of curl, for machines without it: ``-s -S -i -H FIELD -d @FILE URL``."""

import argparse
import sys
from pathlib import Path

import httpx2

PROGRAM = '#!/bin/sh\nexec "{python}" "{script}" "$@"\n'


def put_in(folder: Path) -> Path:
    """Make the command in this folder; returns the folder, for the beginning of ``PATH``."""
    folder.mkdir(exist_ok=True)
    command = folder / "curl"
    command.write_text(PROGRAM.format(python=sys.executable, script=Path(__file__).absolute()))
    command.chmod(0o755)
    return folder


def main(words: list[str]) -> None:
    """Ask once and print the answer; any other option than these is an error, as with curl."""
    options = argparse.ArgumentParser(prog="curl")
    options.add_argument("-s", action="store_true")
    options.add_argument("-S", action="store_true")
    options.add_argument("-i", action="store_true", dest="with_head")
    options.add_argument("-H", action="append", default=[], dest="fields")
    options.add_argument("-d", dest="data")
    options.add_argument("url")
    asked = options.parse_args(words)
    fields = [tuple(it.split(": ", 1)) for it in asked.fields]
    body = Path(asked.data.removeprefix("@")).read_bytes() if asked.data else None
    answer = httpx2.request("POST" if body else "GET", asked.url, headers=fields, content=body)
    if asked.with_head:
        head = [f"{name}: {value}" for name, value in answer.headers.multi_items()]
        status = f"{answer.http_version} {answer.status_code} {answer.reason_phrase}"
        print("\r\n".join([status, *head, "\r\n"]), end="")
    print(answer.text, end="")


if __name__ == "__main__":
    main(sys.argv[1:])
