"""How long pages take with many people at once: ``python -m benchmarks.serve``.

Fills a PostgreSQL with a seeded territory, starts the server that ``ecluse serve`` starts, and
drives it over HTTP: one thread and one kept connection per user, each signed in under its own
account, opening the five main screens in turn. Between two pages a user thinks for
``--think`` seconds on average (exponential draws from the seed). Prints by screen the times seen
by the user (50 and 95 %, slowest), the statements and their time, what each worker weighs, how
long its index takes to build, and whether a list read just after a write shows it.

``python -m benchmarks.serve --people 50000 --offers 20000 --sessions 4000 --accounts 300`` for
the size of a region; ``--database`` takes an empty database instead of a private server.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import random
import re
import resource
import secrets
import socket
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import mean, quantiles
from typing import NamedTuple
from urllib.parse import urlencode

import psycopg
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import insert

from benchmarks import serve_server
from benchmarks.serve_world import SEED, Filler, Login, Size
from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.models import AccountSession
from portal.reference.load import load_starter
from portal.schema import upgrade
from portal.web.signin import token_hash
from tests.support.postgres import PostgresServer, find_programs

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
        # The server closes a connection that was idle for two seconds; like a browser, open
        # another one, whose cost is part of what is measured.
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


def report(seen: dict[str, list[Seen]], seconds: float) -> None:
    """A line per screen."""
    total = sum(map(len, seen.values()))
    print(f"{total} pages in {seconds:.0f} s: {total / seconds:.1f} a second")
    head = ("screen", "pages", "p50", "p95", "max", "errors", "SQL", "SQL ms", "world ms", "CPU ms")
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for name, answers in sorted(seen.items()):
        taken = sorted(answer.took for answer in answers)
        cuts = quantiles(taken, n=20, method="inclusive") if len(taken) > 1 else taken * 19
        cells = (
            name,
            len(taken),
            f"{cuts[9]:.0f}",
            f"{cuts[18]:.0f}",
            f"{taken[-1]:.0f}",
            sum(answer.status != 200 for answer in answers),
            f"{mean(a.statements for a in answers):.0f}",
            f"{mean(a.sql for a in answers):.1f}",
            f"{mean(a.world for a in answers):.1f}",
            f"{mean(a.cpu for a in answers):.0f}",
        )
        print("| " + " | ".join(map(str, cells)) + " |")


def weigh(pids: Sequence[int]) -> str:
    """What each worker holds in memory, in MB."""
    weights = []
    for pid in sorted(pids):
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+)", status)
        weights.append(f"{int(found[1]) / 1024:.0f} MB" if found else "unknown")
    return ", ".join(weights)


def warm(users: Sequence[User], workers: int) -> set[int]:
    """Ask until every worker has built its index; say how long each took."""
    pids: dict[int, Seen] = {}
    user, began = users[0], time.perf_counter()
    while len(pids) < workers and time.perf_counter() - began < 300:
        user.connection.close()
        found = user.ask(f"/personnes/{user.login.people[0]}/pistes")
        if found.status != 200:
            raise SystemExit(f"the first page answered {found.status}")
        pids.setdefault(found.pid, found)
    for pid, found in pids.items():
        print(f"worker {pid}: world ready in {found.world / 1000:.2f} s at its first page")
    return set(pids)


def after_write(users: Sequence[User]) -> None:
    """Answer a question of a person, then read the list: the answer must be counted at once."""
    for user in users:
        path = f"/personnes/{user.login.people[0]}/pistes"
        page = user.ask(path).body.decode()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        kind = re.search(r'name="kind"[^>]*value="([^"]+)"', page)
        code = re.search(r'name="code"[^>]*value="([^"]+)"', page)
        if token and kind and code:
            break
    else:
        print("after a write: nobody has a question left to answer")
        return
    answer = "2" if kind[1] == "skill" else "yes"
    form = {"csrf_token": token[1], "kind": kind[1], "code": code[1], "answer": answer}
    wrote = user.ask(f"/personnes/{user.login.people[0]}/questions", form)
    reads = []
    for _ in range(8):
        user.connection.close()
        reads.append(user.ask(path))
    asked = f'value="{code[1]}"'
    fresh = sum(asked not in found.body.decode() for found in reads)
    print(
        f"after a write (answered {wrote.status} in {wrote.took:.0f} ms): {fresh} of 8 lists read"
        f" on {len({found.pid for found in reads})} workers no longer ask it, the slowest in"
        f" {max(found.took for found in reads):.0f} ms"
    )


def sign_in(settings: Settings, logins: Sequence[Login], port: int) -> list[User]:
    """A session in the table and a signed cookie for each, as the sign-in form would leave."""
    database = Database(settings.database_url)
    app = create_app(settings, database)
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    users = []
    with database.transaction() as session:
        for login in logins:
            token = secrets.token_urlsafe(32)
            row = {
                "token_hash": token_hash(token),
                "account_id": login.account,
                "membership_id": login.membership,
                "expires_at": clock.now() + timedelta(hours=8),
            }
            session.execute(insert(AccountSession).values(**row))
            cookie = signer.dumps({"_user_id": token, "_fresh": True})
            users.append(User(login, str(cookie), port))
    database.dispose()
    return users


def fill(url: str, size: Size) -> list[Login]:
    """The schema, the starter set, then everybody."""
    began = time.perf_counter()
    database = Database(url)
    try:
        upgrade(database.engine)
        with database.transaction() as session:
            load_starter(session)
        address = database.engine.url.set(drivername="postgresql")
        plain = address.render_as_string(hide_password=False)
        with database.session() as session, psycopg.connect(plain) as connection:
            logins = Filler(connection, session, size).fill()
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("ANALYZE")
    finally:
        database.dispose()
    print(f"filled in {time.perf_counter() - began:.0f} s: {size}, seed {SEED}")
    return logins


@contextmanager
def served(settings: Settings, port: int, workers: int) -> Iterator[None]:
    """The server, in a process of its own, until the end of the block."""
    process = multiprocessing.get_context("spawn").Process(
        target=serve_server.run, args=(settings, port, workers)
    )
    process.start()
    try:
        _wait(port)
        yield
    finally:
        process.terminate()
        process.join(20)


def _wait(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    programs = find_programs()
    if programs is None:
        raise SystemExit("no PostgreSQL here: give --database")
    with PostgresServer.started(programs) as server:
        yield server.new_database()


def main() -> None:
    """Fill, serve, drive, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("people", 2000), ("offers", 1000), ("sessions", 300), ("accounts", 40)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--warm-up", type=float, default=10, help="seconds driven, not counted")
    parser.add_argument("--think", type=float, default=5, help="mean seconds between two pages")
    parser.add_argument("--database", help="URL of an empty database")
    given = parser.parse_args()
    size = Size(given.people, given.offers, given.sessions, given.accounts)
    with ExitStack() as stack:
        url = stack.enter_context(_database(given.database))
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ecluse-serve-")))
        settings = Settings(home, url, secrets.token_hex(32), secure_cookies=False)
        logins = [login for login in fill(url, size) if login.people and login.offers]
        random.Random(SEED).shuffle(logins)
        port = _free_port()
        users = sign_in(settings, logins[: given.users], port)
        stack.enter_context(served(settings, port, given.workers))
        pids = warm(users, given.workers)
        drive(users, given.warm_up, given.think)
        print(f"load average of the machine before the run: {os.getloadavg()[0]:.1f}")
        report(drive(users, given.seconds, given.think), given.seconds)
        print(f"workers: {weigh(sorted(pids))}")
        after_write(users)
        for user in users:
            user.connection.close()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"largest process: {peak / 1024:.0f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
