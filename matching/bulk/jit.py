"""Loops compiled to machine code when numba is there (the ``fast`` extra), else plain Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

# What numba is told not to compile runs as plain Python, whose numbers do not wrap as those of the
# machine: digests would be wrong.
_LEFT_PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
COMPILED = find_spec("numba") is not None and not _LEFT_PLAIN
_HERE = Path(__file__).parent


def compiled(function: Function) -> Function:
    """The same function, compiled at its first call where it can be.

    Kept on disk for the next process when some folder can be written: it must not call itself
    (see :func:`compiled_for_now`). No fast-math: the same operations in the same order as NumPy,
    hence the same bits.
    """
    return _compiled(function)


def compiled_inside(function: Function) -> Function:
    """The same function, compiled for the loops of others: it makes no array.

    It then counts no reference to those it is given. A board and what goes with it are some forty
    arrays: counting them at each call, atomically, costs more than most of these functions do.
    """
    return _compiled(function, **_uncounted())


def _uncounted() -> dict[str, Any]:
    """The option of numba, meant for itself, that counts no reference; without it, only slower."""
    if not COMPILED:
        return {}
    from numba.core.options import DefaultOptions

    return {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}


def _compiled(function: Function, **options: Any) -> Function:
    if not COMPILED:
        return function
    import numba

    try:
        with _kept_in(numba.config):
            made = numba.njit(nogil=True, cache=True, **options)(function)
    except RuntimeError:  # no folder to keep it in
        return compiled_for_now(function, **options)
    return cast(Function, made)


def compiled_for_now(function: Function, **options: Any) -> Function:
    """The same function, compiled for this process alone.

    For what calls itself, and its callers: read back from disk, such a function crashes.
    """
    if not COMPILED:
        return function
    import numba

    return cast(Function, numba.njit(nogil=True, **options)(function))


@contextmanager
def _kept_in(config: Any) -> Iterator[None]:
    """Keep what is compiled in a folder of these very sources.

    numba looks at the file of a function, never at those of the functions it calls: after an
    upgrade that changes only the latter, it would run the loops of before.
    """
    given = config.CACHE_DIR
    config.CACHE_DIR = str(Path(given or _HERE / "__pycache__") / f"loops-{_digest()}")
    try:
        yield
    finally:
        config.CACHE_DIR = given


@cache
def _digest() -> str:
    """What the sources of this package are, all together."""
    sources = sorted(_HERE.glob("*.py"))
    return sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]
