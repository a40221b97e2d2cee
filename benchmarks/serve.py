"""How long pages take with many people at once: ``python -m benchmarks.serve``.

Fills a PostgreSQL with a seeded territory, starts the server that ``ecluse serve`` starts, and
drives it over HTTP: one thread and one kept connection per user, each signed in under its own
account, opening the five main screens in turn. Between two pages a user thinks for
``--think`` seconds on average (exponential draws from the seed). Prints by screen the times seen
by the user (50 and 95 %, slowest), the statements and their time, what each worker weighs, how
long its index takes to build, and whether a list read just after a write shows it. A fixed piece
of work is timed before and after (``benchmarks.machine``): what a page takes, told in that work, is
what to compare with another run, when the machine was slower or faster.

``--quick`` measures the size of a region (50,000 people, 20,000 offers, 4,000 sessions, 300
accounts) in less than two minutes on a machine that does nothing else; ``--goal 150`` ends with an
error when 95 % of the pages of a screen, or of all of them, take longer than that many
milliseconds. ``--database`` takes an empty database instead of a private server.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import re
import resource
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import mean

import psycopg
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import insert
from sqlalchemy.engine import make_url

from benchmarks import machine, serve_server
from benchmarks.serve_users import Seen, User, drive, report
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


_REGION = {"people": 50_000, "offers": 20_000, "sessions": 4_000, "accounts": 300}
_SMALL = {"people": 2_000, "offers": 1_000, "sessions": 300, "accounts": 40}


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in _SMALL.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--warm-up", type=float, default=10, help="seconds driven, not counted")
    parser.add_argument("--think", type=float, default=5, help="mean seconds between two pages")
    parser.add_argument("--database", help="URL of an empty database")
    parser.add_argument("--quick", action="store_true", help="the size of a region, 20 s of pages")
    parser.add_argument("--goal", type=float, help="fail when p95 is above that many milliseconds")
    if "--quick" in sys.argv:
        parser.set_defaults(**_REGION, seconds=20, warm_up=40)
    return parser.parse_args()


class DatabaseClock:
    """The processor taken by the connections of a private PostgreSQL, in seconds."""

    def __init__(self, url: str) -> None:
        self.address = make_url(url).set(drivername="postgresql")

    def seconds(self) -> float:
        """What all the connections open now took since they began."""
        plain = self.address.render_as_string(hide_password=False)
        with psycopg.connect(plain) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        return sum(_processor_of(pid) for (pid,) in rows)


def _processor_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(users: Sequence[User], given: argparse.Namespace, database: DatabaseClock) -> float:
    """Drive everybody, print what they saw; the worst p95 of a screen, in milliseconds."""
    drive(users, given.warm_up, given.think)
    print(f"load average of the machine before the run: {os.getloadavg()[0]:.1f}")
    before, speeds = database.seconds(), [machine.milliseconds()]
    seen = drive(users, given.seconds, given.think)
    speeds.append(machine.milliseconds())
    spent, answers = database.seconds() - before, [one for found in seen.values() for one in found]
    worst = report(seen, given.seconds)
    page, asked = mean(one.cpu for one in answers), 1000 * spent / len(answers)
    print(f"processor of the database: {asked:.0f} ms a page")
    print(
        "the fixed work of benchmarks/machine.py:"
        f" {speeds[0]:.1f} ms of processor before the run, {speeds[1]:.1f} ms after;"
        f" a page takes {(page + asked) / mean(speeds):.2f} times that"
    )
    return worst


def main() -> None:
    """Fill, serve, drive, print."""
    given = _read_arguments()
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
        worst = measure(users, given, DatabaseClock(url))
        print(f"workers: {weigh(sorted(pids))}")
        after_write(users)
        for user in users:
            user.connection.close()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"largest process: {peak / 1024:.0f} MB", file=sys.stderr)
    if given.goal is not None and worst > given.goal:
        raise SystemExit(f"goal missed: 95 % of a screen in {worst:.0f} ms, over {given.goal:.0f}")


if __name__ == "__main__":
    main()
