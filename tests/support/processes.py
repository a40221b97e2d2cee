"""Processes of their own that import nothing: they are forks of one where the portal is loaded.

Loading it takes more than a second, and the tests of what happens at once start a hundred.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from multiprocessing.connection import Connection
from typing import Self

#: Forks of a process that runs nothing else: no thread, no open database is inherited.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["portal.app", "portal.demo.load", "tests.support.cohort_people", "tests.support.inviting"]
)


def _run(module: str, arguments: tuple[str, ...], stdin: Connection, stdout: Connection) -> None:
    os.dup2(stdin.fileno(), 0)
    os.dup2(stdout.fileno(), 1)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


class Running:
    """``python -m MODULE ARGUMENT…``, with its input and its output; killed at the end."""

    def __init__(self, module: str, *arguments: object) -> None:
        read_here, stdout = FORKS.Pipe(duplex=False)
        stdin, written_here = FORKS.Pipe(duplex=False)
        told = (module, tuple(map(str, arguments)), stdin, stdout)
        self._process = FORKS.Process(target=_run, args=told, daemon=True)
        self._process.start()
        stdin.close()
        stdout.close()
        self.stdin = os.fdopen(os.dup(written_here.fileno()), "w")
        self.stdout = os.fdopen(os.dup(read_here.fileno()))
        read_here.close()
        written_here.close()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self.stdin.close()
        self.stdout.close()

    def line(self) -> str:
        """The next line it writes, without its end; empty when it has ended."""
        return self.stdout.readline().strip()

    def tell(self, line: str) -> None:
        """Write a line to it."""
        print(line, file=self.stdin, flush=True)

    def wait(self, seconds: float) -> int | None:
        """Its exit code, or None if it still runs after this time."""
        self._process.join(seconds)
        return self._process.exitcode
