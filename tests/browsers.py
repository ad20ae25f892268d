"""Which browser pages are tested with."""

import os
import shutil

DEBIANS = ("chromium-headless-shell", "chromium")
"""The variant that opens no windows spends a third less on the same pages."""


def program() -> str | None:
    """A Chromium of this machine: the one that CHROMIUM names, or Debian's."""
    here = (shutil.which(each) for each in DEBIANS)
    return os.environ.get("CHROMIUM") or next(filter(None, here), None)
