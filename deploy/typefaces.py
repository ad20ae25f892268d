"""The typefaces of official papers: put together of the parts that their package has them in.

Tinos is as wide as the typeface that Decree 30/2020/NĐ-CP asks for, and free (OFL 1.1). Its package
has a file for each script, as browsers want it; a paper has one typeface, or its text cannot be
copied out of it word by word. ``python -m deploy.typefaces FOLDER`` follows ``build.mjs``.
"""

import io
import sys
from pathlib import Path

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont

CUTS = {
    "regular": "400-normal",
    "bold": "700-normal",
    "italic": "400-italic",
    "bold-italic": "700-italic",
}
SCRIPTS = ("latin", "latin-ext", "vietnamese")
SHAPING = ["GSUB", "GPOS", "GDEF"]
"""Tables that no paper needs, because its letters are composed."""


def build(folder: Path) -> None:
    """One file for each cut in place of its parts."""
    for name, cut in CUTS.items():
        parts = [folder / f"tinos-{script}-{cut}.woff" for script in SCRIPTS]
        merged = Merger(Options(drop_tables=SHAPING)).merge([_unpacked(each) for each in parts])
        merged.save(folder / f"{name}.ttf")
        for part in parts:
            part.unlink()


def _unpacked(part: Path) -> io.BytesIO:
    font = TTFont(part)
    font.flavor = None
    plain = io.BytesIO()
    font.save(plain)
    plain.seek(0)
    return plain


if __name__ == "__main__":
    build(Path(sys.argv[1]))
