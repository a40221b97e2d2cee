"""The folder of a run: its parts and no others, and nobody else at work in it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matching.cluster.errors import ClusterError

_LOCK = ".verrou"
_TAKEN = "un autre calcul s’en sert en ce moment. Attendez sa fin, ou donnez un autre dossier."
_OTHERS = (
    "ce dossier tient les tranches d’un autre calcul (autres données, autres options ou autre"
    " version d’Écluse). Donnez un autre dossier, ou videz celui-ci."
)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """The folder, made if need be, for this process alone, until the block or the process ends.

    Raises ``ClusterError`` when it is another's, and ``OSError``.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / _LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ClusterError(f"{folder}\u00a0: {_TAKEN}") from None
        yield


def cleared(folder: Path, run: str, *, own: bool) -> None:
    """Refuse a folder with the parts of another run than this one, or remove them (``own``).

    Drafts are those of runs killed while they wrote, and are removed: nobody else is at work here
    (see ``alone_in``). Raises ``ClusterError``.
    """
    for draft in folder.glob(".*.parquet.*.part"):
        draft.unlink()
    others = [path for path in folder.glob("*.parquet") if not path.name.startswith(f"{run}-")]
    if others and not own:
        raise ClusterError(f"{folder}\u00a0: {_OTHERS}")
    for path in others:
        path.unlink()
