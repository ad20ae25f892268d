"""``python -m deploy.demo.canaries``: does standard input hold anything that names a person?

For an installation in containers, whose logs and broker the demonstration itself cannot read.
Says nothing and exits 0 when there is none; a word that is found is never repeated.
"""

import sys

from deploy.demo import cases
from deploy.stack.leaks import holds


def main() -> None:
    """Exit 1 if a name, number or address of the demonstration's cases appears."""
    secrets = [word for case in cases.load() for word in case.secrets]
    if holds(sys.stdin.buffer.read(), secrets):
        sys.exit("A name or a number stands in the logs or in the broker's files (I6).")


if __name__ == "__main__":
    main()
