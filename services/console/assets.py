"""What browsers are given: built by ``make assets``, each file under a name of its own content."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response

TYPEFACES = "typefaces"
"""The folder of the letters that papers are printed in."""
FOLDER = Path(__file__).with_name("static")
MANIFEST = "manifest.json"
FOREVER = "public, max-age=31536000, immutable"
"""A name is never used for another content."""
SMALLER = (("br", ".br"), ("gzip", ".gz"))
"""Compressed copies, the smallest first, by their content coding (RFC 9110 section 8.4.1)."""


class AssetsMissing(Exception):
    """Nothing was built: run ``make assets``."""


@dataclass(frozen=True)
class Assets:
    """The built files, by the names that pages use."""

    folder: Path
    names: Mapping[str, str]

    @classmethod
    def built(cls, folder: Path = FOLDER) -> "Assets":
        """What was built; raises ``AssetsMissing``."""
        if not are_built(folder):
            raise AssetsMissing("run `make assets`")
        return cls(folder, orjson.loads((folder / MANIFEST).read_bytes()))

    def address(self, name: str) -> str:
        """Where a page finds a file; raises ``KeyError`` for one that was not built."""
        return f"/static/{self.names[name]}"

    def typeface(self, name: str) -> Path:
        """The file of a typeface: `regular`, `bold`, `italic` or `bold-italic`."""
        return self.folder / TYPEFACES / f"{name}.ttf"

    def response(self, file: str, headers: Headers) -> Response | None:
        """A built file, compressed if the browser takes that; ``None`` for any other name."""
        if file not in self.names.values():
            return None
        kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
        told = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
        for coding, end in SMALLER:
            if coding in _taken(headers):
                told |= {"Content-Encoding": coding}
                return FileResponse(self.folder / (file + end), media_type=kind, headers=told)
        return FileResponse(self.folder / file, media_type=kind, headers=told)


def are_built(folder: Path = FOLDER) -> bool:
    """Whether there is anything to give out."""
    return (folder / MANIFEST).is_file()


def _taken(headers: Headers) -> set[str]:
    """The content codings that a browser takes, but those it gives no weight."""
    asked = headers.get("accept-encoding", "").replace(" ", "").lower().split(",")
    return {each.partition(";")[0] for each in asked if not each.endswith((";q=0", ";q=0.0"))}
