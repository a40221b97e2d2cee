"""Loops compiled to machine code when numba is there (the ``fast`` extra), else plain Python."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

COMPILED = find_spec("numba") is not None


def compiled(function: Function) -> Function:
    """The same function, compiled at its first call where it can be.

    Kept on disk for the next process when some folder can be written. No fast-math: the same
    operations in the same order as NumPy, hence the same bits. What is on disk does not know that a
    function it calls has changed in another file: whoever edits the loops removes ``*.nbi`` there.
    """
    if not COMPILED:
        return function
    import numba

    try:
        made = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder to keep it in
        made = numba.njit(nogil=True)(function)
    return cast(Function, made)
