"""The users of ``benchmarks/serve.py``: a connection each, the five main screens, what they see."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import mean, quantiles
from typing import NamedTuple
from urllib.parse import urlencode

from benchmarks.serve_world import SEED, Login

_TOLD = ("Sql", "Sql-Ms", "World-Ms", "Cpu-Ms", "Pid")


class Seen(NamedTuple):
    """One answer: milliseconds for the user, then what its headers say, and the body."""

    status: int
    took: float
    statements: int
    sql: float
    world: float
    cpu: float
    pid: int
    body: bytes


@dataclass
class User:
    """A signed-in professional on a connection of their own."""

    login: Login
    cookie: str
    port: int
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        """Open the connection; the first request connects it."""
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, path: str, form: dict[str, str] | None = None) -> Seen:
        """One request, from its first byte sent to its last byte read."""
        headers = {"Cookie": f"ecluse={self.cookie}"}
        body = urlencode(form) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        method = "GET" if body is None else "POST"
        began = time.perf_counter()
        try:
            answer, content = self._exchange(method, path, body, headers)
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return Seen(0, 1000 * (time.perf_counter() - began), 0, 0.0, 0.0, 0.0, 0, b"")
        took = 1000 * (time.perf_counter() - began)
        renewed = re.search(r"ecluse=([^;]+)", answer.headers.get("Set-Cookie", ""))
        self.cookie = renewed[1] if renewed else self.cookie
        told = [float(answer.headers.get(f"X-{name}", 0)) for name in _TOLD]
        sql, world, cpu = told[1:4]
        return Seen(answer.status, took, int(told[0]), sql, world, cpu, int(told[4]), content)

    def _exchange(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        # A connection left idle may have been closed: like a browser, open another one, whose
        # cost is part of what is measured.
        for attempt in (1, 2):
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                return answer, answer.read()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.connection.close()
                if attempt == 2:
                    raise
        raise AssertionError("two attempts either answer or raise")


def screens_of(user: User, rng: random.Random) -> dict[str, str]:
    """The five main screens, as this user would open them now."""
    login = user.login
    return {
        f"my day ({login.role})": "/",
        "offers": "/offres/",
        "an offer and its people": f"/offres/{rng.choice(login.offers)}",
        "portfolio": "/personnes",
        "leads of a person": f"/personnes/{rng.choice(login.people)}/pistes",
    }


def drive(users: Sequence[User], seconds: float, think: float) -> dict[str, list[Seen]]:
    """Everybody at once for that long; what was seen of each screen."""
    seen: dict[str, list[Seen]] = defaultdict(list)
    until = time.perf_counter() + seconds
    lock = threading.Lock()

    def live(user: User, number: int) -> None:
        rng = random.Random(SEED + number)
        time.sleep(rng.random() * think)
        while time.perf_counter() < until:
            for name, path in rng.sample(sorted(screens_of(user, rng).items()), 5):
                found = user.ask(path)
                with lock:
                    seen[name].append(found)
                time.sleep(rng.expovariate(1 / think) if think else 0)
                if time.perf_counter() > until:
                    break

    threads = [threading.Thread(target=live, args=(u, n)) for n, u in enumerate(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def report(seen: dict[str, list[Seen]], seconds: float) -> float:
    """A line per screen, then all pages together; the milliseconds that 95 % of them took."""
    everything = [answer for answers in seen.values() for answer in answers]
    print(f"{len(everything)} pages in {seconds:.0f} s: {len(everything) / seconds:.1f} a second")
    head = ("screen", "pages", "p50", "p95", "max", "errors", "SQL", "SQL ms", "world ms", "CPU ms")
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for name, answers in [*sorted(seen.items()), ("all", everything)]:
        print("| " + " | ".join(map(str, _cells(name, answers))) + " |")
    return max(_cuts(answers)[18] for answers in [*seen.values(), everything])


def _cuts(answers: Sequence[Seen]) -> list[float]:
    taken = sorted(answer.took for answer in answers)
    return quantiles(taken, n=20, method="inclusive") if len(taken) > 1 else taken * 19


def _cells(name: str, answers: Sequence[Seen]) -> tuple[object, ...]:
    cuts = _cuts(answers)
    return (
        name,
        len(answers),
        f"{cuts[9]:.0f}",
        f"{cuts[18]:.0f}",
        f"{max(answer.took for answer in answers):.0f}",
        sum(answer.status != 200 for answer in answers),
        f"{mean(a.statements for a in answers):.0f}",
        f"{mean(a.sql for a in answers):.1f}",
        f"{mean(a.world for a in answers):.1f}",
        f"{mean(a.cpu for a in answers):.0f}",
    )
