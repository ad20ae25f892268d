"""Processes that tests look at while they end."""

import psutil


def is_gone(process: psutil.Process) -> bool:
    """Whether it has ended, also where nobody has asked how; it may end while it is looked at."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
