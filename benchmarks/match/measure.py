"""Processor time and memory of one piece of work, alone in a process of its own."""

from __future__ import annotations

import os
import pickle
import resource
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple


class Cost(NamedTuple):
    """Seconds of processor (all threads) and of clock, and the megabytes it added at its peak."""

    cpu: float
    wall: float
    memory: float
    result: Any


def measured(work: Callable[[], Any]) -> Cost:
    """Run ``work`` in a fork: what came before costs nothing, what it leaves is given back."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        with os.fdopen(write, "wb") as stream:
            try:
                pickle.dump(_run(work), stream)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        data = stream.read()
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit("a measure failed")
    return Cost(*pickle.loads(data))


def _run(work: Callable[[], Any]) -> tuple[float, float, float, Any]:
    before = _resident()
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return cpu, wall, max(0.0, peak() - before), result


def _resident() -> float:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak() -> float:
    """The most megabytes this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
