"""Processor time of everything that has a part in a case, by part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Usage:
    """Seconds by part: workers, relays, servers, whoever hands the cases in."""

    parts: Mapping[str, float]

    def __sub__(self, before: "Usage") -> "Usage":
        return Usage({part: spent - before.parts[part] for part, spent in self.parts.items()})

    @property
    def total(self) -> float:
        """All parts."""
        return sum(self.parts.values())

    def of(self, *parts: str) -> float:
        """Some parts; one that the contestant does not have has used nothing."""
        return sum(self.parts.get(part, 0.0) for part in parts)

    def per(self, jobs: int) -> str:
        """Microseconds a job, for people."""
        return ", ".join(f"{part} {spent * 1e6 / jobs:.0f}" for part, spent in self.parts.items())


def used_by(pid: int) -> float:
    """Seconds that a process has used, with those it waited for."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def used_by_tree(pid: int) -> float:
    """Seconds that a server and all its processes have used, ended ones included."""
    return used_by(pid) + sum(_used(child) for child in _children(pid))


def _children(pid: int) -> Iterable[psutil.Process]:
    children: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    return children


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        # It ended since it was listed, and its parent has taken over what it used.
        return 0.0
    return float(times.user + times.system)
