"""What is to run: one program, how it is asked to stop, how it shows that it works."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

from deploy.local.account import Account


@dataclass(frozen=True)
class Program:
    """One program.

    ``name``: unique in its stack; names its log file. ``env``: the whole environment, nothing is
    inherited. ``before``: done before each start; raises ``OSError`` if it cannot start now.
    ``ready``: whether it can be used yet; asked often. ``is_alive``: whether it still does its
    work, asked every few seconds once it had time to begin; a ``False`` ends it. Each of these
    three answers within seconds, by time limits of its own. ``account``: whom to become (root
    only). ``port``: where it listens, if anywhere. ``stop_signal``: sent to the program itself,
    which may take ``grace`` seconds to end before its whole group is killed. ``orphan_signal``:
    sent to its group when its starter is gone.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path | None = None
    ready: Callable[[], bool] | None = None
    is_alive: Callable[[], bool] | None = None
    before: Callable[[], None] | None = None
    account: Account | None = None
    port: int | None = None
    stop_signal: Signals = SIGTERM
    orphan_signal: Signals = SIGKILL
    grace: float = 10.0
