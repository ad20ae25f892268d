"""What the ``nhipcau`` command shows: lines, and tables of ids."""

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

console = Console()
_WIDEST = 10_000


def show(table: Table) -> None:
    """Print a table as wide as its longest cells, whatever the terminal's width.

    An id that was cut off names no row, and output that is kept in a file has no width.
    """
    room = console.options.update(max_width=_WIDEST)
    table.width = Measurement.get(console, room, table).maximum
    console.print(table, crop=False)
