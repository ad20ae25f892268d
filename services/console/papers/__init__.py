"""Official papers to print: the layout of Decree 30/2020/NĐ-CP, and what each of them says.

Facts in, a PDF out: nothing here asks an API, keeps anything, or writes a word of it anywhere.
"""

from services.console.papers.sheet import Unprintable
from services.console.papers.verification import COMPOSED, Facts, Signing, printed

__all__ = ["COMPOSED", "Facts", "Signing", "Unprintable", "printed"]
