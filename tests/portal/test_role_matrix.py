"""Every endpoint, called by every role: the answers are those of ``role_matrix.csv``.

``ok`` is a page, a redirection of the portal or a form sent back with errors (422); ``sign-in``
a redirection to the sign-in form, ``door`` to the entrance of employers; anything else is the
status itself. A page that names somebody and leaves no line in the access log is wrong for
everybody (INV-17). A second test calls the same endpoints with rows of another département:
nobody may reach them.
"""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import werkzeug
from flask import Flask, Response, g

from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.models import Role
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.databases import SqliteSlot, in_one_file
from tests.support.factories import Factory
from tests.support.samples import SECRET_KEY, Rows, arguments, build_rows, is_shared_by_all

MATRIX = Path(__file__).with_name("role_matrix.csv")
ANONYMOUS = "anonymous"
WHO = [ANONYMOUS, *(role.value for role in Role)]
CLOSED = {"403", "404", "sign-in", "door"}
Call = tuple[str, str]
OWN_LINK = ("doorstep.link", "GET")


@dataclass
class Stage:
    """A portal whose database goes back to the same rows before each call."""

    app: Flask
    slot: SqliteSlot
    own: Rows
    foreign: Rows
    cookies: dict[str, str]
    left: object = None
    logged: bool = False

    def restore(self) -> None:
        """Put the rows back as they were, unless nothing was written since."""
        if self.left is None or self._written() != self.left:
            self.slot.fill()
            self.left = self._written()

    def _written(self) -> object:
        """What a write changes: the file, or the journal of what it does not hold yet."""
        journal = Path(f"{self.slot.path}-wal")
        held = self.slot.path.stat()
        return held.st_ino, held.st_mtime_ns, journal.exists() and journal.stat().st_size

    def outcome(self, who: str, call: Call, rows: Rows) -> str:
        """What one call answers to one role."""
        path = self.path(call, rows)
        if call[1] != "GET":
            self.restore()
        try:
            with self.client(who).open(path, method=call[1]) as response:
                if self.names_somebody(call, response) and not self.logged:
                    return "names somebody, and the access log does not know"
                if response.status_code in {301, 302, 303}:
                    signed_out = response.location.startswith("/compte/connexion")
                    at_the_door = response.location.startswith("/entreprise/entrer")
                    return "sign-in" if signed_out else "door" if at_the_door else "ok"
                return (
                    "ok" if response.status_code in {200, 204, 422} else str(response.status_code)
                )
        except Exception as error:  # a defect of one page must not hide the other answers
            return f"{type(error).__name__}: {error}"[:120]

    def names_somebody(self, call: Call, response: werkzeug.Response) -> bool:
        """Whether a page names the person of the rows; that of their own link is theirs."""
        person, kind = self.own.person, response.mimetype or ""
        if response.status_code != 200 or not kind.startswith("text/") or call == OWN_LINK:
            return False
        page = response.get_data(as_text=True)
        return any(name in page for name in (person.short_name, person.full_name))

    def note_reads(self, response: Response) -> Response:
        """Keep whether the answer is about to leave a line in the access log."""
        self.logged = bool(g.get("access_entries"))
        return response

    def client(self, who: str) -> CheckingClient:
        """A fresh browser, signed in under a role."""
        client = client_for(self.app)
        if who != ANONYMOUS:
            client.set_cookie("ecluse", self.cookies[who])
        return client

    def path(self, call: Call, rows: Rows) -> str:
        """The address of an endpoint, its parameters filled with the rows given."""
        rule = next(r for r in self.app.url_map.iter_rules(call[0]) if call[1] in (r.methods or ()))
        adapter = self.app.url_map.bind("localhost")
        values = arguments(call[0], set(rule.arguments), rows)
        return adapter.build(call[0], values, method=call[1])

    def unfilled(self) -> dict[Call, str]:
        """Endpoints whose parameters nothing fills, with what to do."""
        found = {}
        for call in self.calls():
            try:
                self.path(call, self.own)
            except LookupError as error:
                found[call] = str(error)
        return found

    def calls(self) -> list[Call]:
        """Every (endpoint, method) of the portal."""
        return sorted(
            {
                (rule.endpoint, method)
                for rule in self.app.url_map.iter_rules()
                for method in rule.methods or ()
                if method not in {"HEAD", "OPTIONS"}
            }
        )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, _migrated_sqlite: Path) -> Stage:
    home = tmp_path_factory.mktemp("matrix")
    template = home / "template.sqlite3"
    shutil.copy(_migrated_sqlite, template)
    slot = SqliteSlot(home / "ecluse.sqlite3", template)
    settings = Settings(
        home=home,
        database_url=slot.url,
        secret_key=SECRET_KEY,
        testing=True,
        secure_cookies=False,
    )
    app = create_app(settings, slot.database())
    app.config["WTF_CSRF_ENABLED"] = False
    filled = Database(f"sqlite:///{template}")
    with filled.session() as session:
        make = Factory(session)
        own, foreign = build_rows(make, "62"), build_rows(make, "59")
        session.commit()
        cookies = {}
        for role in Role:
            client = sign_in(client_for(app), session, own.accounts[role])
            cookie = client.get_cookie("ecluse")
            assert cookie is not None
            cookies[role.value] = cookie.value
    in_one_file(filled)
    stage = Stage(app, slot, own, foreign, cookies)
    app.after_request(stage.note_reads)
    return stage


@pytest.fixture(scope="module")
def expected() -> dict[Call, dict[str, str]]:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = {(row.pop("endpoint"), row.pop("method")): row for row in rows}
    assert len(table) == len(rows), "an endpoint has two lines"
    return table


def test_every_endpoint_has_its_line(stage: Stage, expected: dict[Call, dict[str, str]]) -> None:
    stage.restore()
    unfilled = stage.unfilled()
    assert not unfilled, "\n".join(sorted(set(unfilled.values())))
    missing = [call for call in stage.calls() if call not in expected]
    gone = [call for call in expected if call not in stage.calls()]
    proposals = [
        ",".join([*call, *(stage.outcome(who, call, stage.own) for who in WHO)]) for call in missing
    ]
    assert not missing, (
        f"add these lines to {MATRIX.name}, once you have checked that each answer is"
        " what domain reference §4.8 says:\n" + "\n".join(proposals)
    )
    assert not gone, f"{MATRIX.name} names endpoints that are no more: {gone}"


@pytest.mark.parametrize("who", WHO)
def test_each_role_reaches_what_it_should_and_nothing_else(
    stage: Stage, expected: dict[Call, dict[str, str]], who: str
) -> None:
    stage.restore()
    known = [call for call in stage.calls() if call in expected]
    found = {call: stage.outcome(who, call, stage.own) for call in known}
    wrong = [
        f"{endpoint} {method}: {found[endpoint, method]}, not {expected[endpoint, method][who]}"
        for endpoint, method in known
        if found[endpoint, method] != expected[endpoint, method][who]
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", WHO)
def test_rows_of_another_departement_are_out_of_reach(stage: Stage, who: str) -> None:
    """T-SEC-03, for every endpoint whose address names a row."""
    stage.restore()
    unfilled = stage.unfilled()  # named by the first test
    reached = [
        call
        for call in stage.calls()
        if not is_shared_by_all(call[0])
        and call not in unfilled
        and next(stage.app.url_map.iter_rules(call[0])).arguments
        and stage.outcome(who, call, stage.foreign) not in CLOSED
    ]
    assert not reached, f"{who} reaches rows of another département: {reached}"
