"""Who does the shards: processes of this machine, or the workers of a Dask scheduler.

A crew is given packed jobs, the longest first, and gives each answer as soon as it is there. A
worker that is lost costs what it was doing, which others do again.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from matching.cluster import fingerprint
from matching.cluster.errors import AGAIN, ClusterError, OtherEngineError
from matching.cluster.job import Common, answer, unpack

if TYPE_CHECKING:
    from distributed import Client

_SECONDS_TO_CONNECT = 20
_RETRIES = 2
# Jobs sent ahead for each thread of the workers, so that none waits for the next.
_AHEAD = 2
# Without a single worker for so long, the run stops: parts done are kept, and somebody is told.
_SECONDS_ALONE = 120
_SECONDS_BETWEEN_LOOKS = 5
_NOBODY_LEFT = f"Il n’y a plus aucun agent\u00a0: démarrez-en un. {AGAIN}"


class Packed(NamedTuple):
    """A job ready to be sent, with the name of its part."""

    name: str
    data: bytes


class Crew(Protocol):
    """What answers jobs."""

    def results(self, jobs: Iterable[Packed], common: bytes) -> Iterator[tuple[str, bytes]]:
        """Each name with its part, as they come. Raises ``ClusterError``."""
        ...


class Processes:
    """So many processes of this machine."""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def results(self, jobs: Iterable[Packed], common: bytes) -> Iterator[tuple[str, bytes]]:
        """See ``Crew``."""
        context = multiprocessing.get_context("spawn")
        waiting: dict[Future[bytes], str] = {}
        left = iter(jobs)
        with ProcessPoolExecutor(self._workers, context, _prepare, (common,)) as pool:
            try:
                while True:
                    for job in islice(left, _AHEAD * self._workers - len(waiting)):
                        waiting[pool.submit(_answer, job.data)] = job.name
                    if not waiting:
                        return
                    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield waiting.pop(future), future.result()
            except BrokenProcessPool as error:
                raise ClusterError(f"Un des processus s’est arrêté. {AGAIN}") from error
            finally:
                pool.shutdown(cancel_futures=True)


# What a process of this machine was given at its start; never written to in the main one.
_given: list[Common] = []


def _prepare(common: bytes) -> None:
    Thread(target=_leave_with_the_main_process, daemon=True).start()
    _given[:] = [unpack(common)]


def _leave_with_the_main_process() -> None:
    """A main process killed at once tells its workers nothing: they would wait for ever."""
    main = multiprocessing.parent_process()
    assert main is not None
    main.join()
    os._exit(1)


def _answer(data: bytes) -> bytes:
    return answer(data, _given[0])


class Tls(NamedTuple):
    """Files in PEM form; what is None is read from Dask's own settings."""

    authority: str | None = None
    certificate: str | None = None
    key: str | None = None


class Cluster:
    """The workers of a Dask scheduler, ``tcp://host:port`` or ``tls://host:port``."""

    def __init__(self, address: str, tls: Tls | None = None) -> None:
        self._address, self._tls = address, tls or Tls()

    def results(self, jobs: Iterable[Packed], common: bytes) -> Iterator[tuple[str, bytes]]:
        """See ``Crew``."""
        import dask

        # Records travel with their task on purpose: a lost worker takes nothing away.
        quiet = {"distributed.admin.large-graph-warning-threshold": "64GB"}
        with (
            dask.config.set(quiet),
            self._connected() as client,
            client.as_current(),
            _told_in_french(),
        ):
            check_engine(client)
            yield from _shared(client, jobs, common)

    def _connected(self) -> Client:
        from distributed import Client
        from distributed.security import Security

        files = {
            "tls_ca_file": self._tls.authority,
            "tls_client_cert": self._tls.certificate,
            "tls_client_key": self._tls.key,
        }
        given = {name: path for name, path in files.items() if path is not None}
        encrypted = self._address.startswith("tls://")
        security = Security(require_encryption=encrypted or None, **given)
        try:
            return Client(
                self._address, security=security, timeout=_SECONDS_TO_CONNECT, set_as_default=False
            )
        except (OSError, ValueError, TypeError) as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ClusterError(
                f"{self._address}\u00a0: aucun ordonnanceur ne répond ({why})."
                " Vérifiez l’adresse, le pare-feu et les certificats."
            ) from error


@contextmanager
def _told_in_french() -> Iterator[None]:
    from distributed import KilledWorker

    try:
        yield
    except KilledWorker as error:
        why = "Une tranche a perdu quatre agents de suite (mémoire trop petite\u00a0?)."
        raise ClusterError(f"{why} {AGAIN}") from error
    except MemoryError as error:
        why = "Un agent n’a pas assez de mémoire\u00a0: donnez-lui-en plus, ou baissez --shard."
        raise ClusterError(why) from error
    except OtherEngineError as error:
        raise ClusterError(_other("un agent", str(error))) from error
    except (CancelledError, OSError) as error:
        raise ClusterError(f"L’ordonnanceur ne répond plus. {AGAIN}") from error


def _shared(client: Client, jobs: Iterable[Packed], common: bytes) -> Iterator[tuple[str, bytes]]:
    run = secrets.token_hex(4)
    held: Any = client.submit(unpack, common, key=f"common-{run}", retries=_RETRIES)
    left = iter(jobs)
    names: dict[Any, str] = {}
    while True:
        room = _AHEAD * max(1, sum(client.nthreads().values())) - len(names)
        for job in islice(left, max(0, room)):
            key = f"{job.name}-{run}"
            names[client.submit(answer, job.data, held, key=key, retries=_RETRIES)] = job.name
        if not names:
            return
        for future in _finished(client, list(names)):
            # What is held here is kept by the workers: the part is on disk after this.
            yield names.pop(future), _brought(client, future)


def _finished(client: Client, futures: list[Any]) -> set[Any]:
    """Some that are done, or failed; waits as long as somebody is at work."""
    from distributed import wait

    deserted = 0
    while True:
        try:
            done: set[Any] = wait(futures, _SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED).done
            return done
        except TimeoutError:
            deserted = 0 if client.nthreads() else deserted + _SECONDS_BETWEEN_LOOKS
        if deserted >= _SECONDS_ALONE:
            raise ClusterError(_NOBODY_LEFT)


def _brought(client: Client, future: Any) -> bytes:
    """What a future that is done holds; done again by others when its worker was lost since."""
    while True:
        try:
            found: bytes = future.result(timeout=_SECONDS_ALONE)
            return found
        except TimeoutError:
            if not client.nthreads():
                raise ClusterError(_NOBODY_LEFT) from None


def check_engine(client: Client) -> None:
    """Refuse workers that are absent, or whose engine is not this one."""
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
    except TimeoutError as error:
        raise ClusterError("L’ordonnanceur n’a aucun agent\u00a0: démarrez-en un.") from error
    found = client.run(fingerprint.engine, on_error="return")
    for worker, theirs in sorted(found.items()):
        if isinstance(theirs, BaseException):
            raise ClusterError(
                f"L’agent {worker} n’a pas Écluse avec «\u00a0cluster\u00a0» ({theirs})\u00a0:"
                " installez-y la même version."
            )
        if theirs != fingerprint.engine():
            raise ClusterError(_other(f"l’agent {worker}", theirs))


def _other(who: str, theirs: str) -> str:
    return (
        f"Moteurs différents\u00a0: {who} a {theirs}, ici {fingerprint.engine()}."
        " Installez partout la même version d’Écluse, de Python, de NumPy et de numba."
    )
