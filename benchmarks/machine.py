"""How fast the machine is at this very moment: ``python -m benchmarks.machine``.

A fixed piece of pure Python work of the kind that pages are made of: dictionaries, tuples, sorting,
text put together and taken apart. Nothing of it depends on a library or on the hour, so the
processor that it takes tells two machines apart, or two hours of a shared one: figures of two runs
are compared once each is divided by what this work took in its run.
"""

from __future__ import annotations

import time

_ROWS = 20_000
_TIMES = 5
#: What the work comes to, whatever the machine.
_SUM = 668_890


def work() -> int:
    """The fixed piece of work; gives :data:`_SUM`."""
    rows = [(number * 7919 % _ROWS, f"ligne {number}") for number in range(_ROWS)]
    named = {name: key for key, name in sorted(rows)}
    text = "\n".join(f"<li>{name.replace('ligne', 'rang')}</li>" for name in named)
    found = text.split("\n")
    return sum(len(line) for line in found) + sum(key % 2 for key in named.values()) * 30


def milliseconds() -> float:
    """The processor that the work takes now, the least of a few times, in milliseconds."""
    taken = []
    for _ in range(_TIMES):
        began = time.thread_time()
        found = work()
        taken.append(1000 * (time.thread_time() - began))
        if found != _SUM:
            raise AssertionError(f"the fixed work gave {found}")
    return min(taken)


def main() -> None:
    """Print it."""
    print(f"the fixed work takes {milliseconds():.1f} ms of processor")


if __name__ == "__main__":
    main()
