"""The register of unmet needs: who reads which counts, what a pilot does with them (I-34)."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    Account,
    DomainEvent,
    NeedEndReason,
    NeedState,
    Person,
    Role,
    UnmetNeed,
)
from portal.needs.counting import Axis, Fact, count_lines
from portal.needs.rules import NEED_MACHINE, Cell, shown_part
from portal.projects.rules import Range
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import AMIENS, ARRAS, LENS, Factory
from tests.support.projects import make_list, make_project, make_trade, quarter
from tests.support.queries import count_queries


def text_of(client: CheckingClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(response.get_data(as_text=True).split())


def table_of(client: CheckingClient, path: str) -> list[dict[str, str]]:
    text = client.get(path).get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


class Register:
    """Needs recorded by a référent of Pas-de-Calais for its own people."""

    def __init__(self, make: Factory) -> None:
        self.make = make
        self.trade = make.occupation()
        self.referent: Account = make.account(Role.REFERENT)

    def add(self, count: int = 1, *, place: Any = ARRAS, lack: str = "Niveler", **v: Any) -> None:
        for _ in range(count):
            person: Person = self.make.person(referent=self.referent, place=place)
            self.make.add(
                UnmetNeed(
                    person_id=person.id,
                    occupation_code=self.trade.code,
                    commune_code=person.commune_code,
                    blocking={"blockers": [{"label": lack, "reason": "no_session"}]},
                    recorded_by_id=self.referent.id,
                    recorded_on=clock.today(),
                    **v,
                )
            )


@pytest.fixture
def register(make: Factory) -> Register:
    return Register(make)


def signed(client: CheckingClient, session: Session, account: Account) -> CheckingClient:
    session.commit()
    return sign_in(client, session, account)


def test_needs_are_counted_by_trade_by_what_lacks_and_by_place(
    client: CheckingClient, session: Session, register: Register
) -> None:
    register.add(2)
    register.add(1, place=LENS, lack="Lire un plan")
    signed(client, session, register.referent)
    trades = text_of(client, "/besoins")
    assert "Constructeur de routes" in trades
    assert "3 personnes" in trades
    lacks = text_of(client, "/besoins?par=competence")
    assert "Lire un plan" in lacks
    assert "2 personnes" in lacks
    places = text_of(client, "/besoins?par=territoire&territoire=Lens")
    assert "1 personne" in places
    assert "Arras</th>" not in places
    fragment = client.get("/besoins?par=territoire", hx=True).get_data(as_text=True)
    assert fragment.strip().startswith('<div id="registre"')


def test_another_departement_is_another_register(
    client: CheckingClient, session: Session, register: Register
) -> None:
    register.add(1, place=AMIENS)
    signed(client, session, register.referent)
    assert "Aucun besoin pour ce choix" in text_of(client, "/besoins")


@pytest.mark.parametrize("role", [Role.PILOT_REGION, Role.PILOT_DEPARTEMENT, Role.HUB, Role.ADMIN])
def test_who_sees_nobody_reads_no_small_count_and_no_name(
    client: CheckingClient, session: Session, register: Register, role: Role
) -> None:
    register.add(3)
    register.add(6, place=LENS, state=NeedState.TAKEN_UP)
    signed(client, session, register.make.account(role))
    page = text_of(client, "/besoins?etat=ouverts")
    assert "moins de 5 personnes" in page
    assert "3 personnes" not in page
    assert "Arras" not in page  # the département is the smallest place told
    assert "7 à 10 personnes" in text_of(client, "/besoins?etat=tous")
    trade = text_of(client, "/besoins/metiers/F1702")
    assert "jamais montrés un par un" in trade
    assert "Amina" not in trade
    (small, large) = sorted(
        table_of(client, "/besoins/export.csv?etat=tous"), key=lambda row: row["état"]
    )
    assert (small["personnes"], large["personnes"]) == ("moins de 5", "6")


def test_people_are_named_only_to_the_structure_that_follows_them(
    client: CheckingClient, session: Session, register: Register
) -> None:
    register.add(1)
    other = register.make.account(Role.REFERENT)
    signed(client, session, register.referent)
    assert "Amina B." in text_of(client, "/besoins/metiers/F1702")
    sign_in(client, session, other)
    page = text_of(client, "/besoins/metiers/F1702")
    assert "Amina" not in page
    assert "une personne" in page


def test_a_gap_of_a_project_is_recorded_once(
    client: CheckingClient, session: Session, make: Factory, register: Register
) -> None:
    make_trade(make, make_list(make, make_project(make)), position=1)
    signed(client, session, register.referent)
    path = f"/besoins/nouveau?projet=canal&metier=F1702&trimestre={quarter()}"
    assert 'value="9"' in text_of(client, f"{path}&postes=9")
    given = {"jobs": "9", "place": "Marquion", "note": "=HYPERLINK(1)"}
    assert client.post(path, data=given).status_code == 303
    assert client.post(path, data=given).status_code == 303
    session.expire_all()
    need = session.scalars(select(UnmetNeed)).one()
    assert (need.jobs, need.quarter, need.commune_code) == (9, str(quarter()), "62559")
    page = text_of(client, "/besoins")
    assert "9 postes" in page
    assert client.post(path, data={**given, "jobs": "0"}).status_code == 422
    assert client.post(path, data={**given, "place": "Nullepart"}).status_code == 422
    assert client.get("/besoins/nouveau?projet=canal&metier=Z0000").status_code == 404


def test_a_pilot_takes_up_then_closes_the_needs_of_a_trade_with_a_reason(
    client: CheckingClient, session: Session, register: Register
) -> None:
    register.add(2)
    register.add(1, place=AMIENS)  # not of this département: it stays as it is
    signed(client, session, register.make.account(Role.PILOT_DEPARTEMENT))
    path = "/besoins/metiers/F1702"
    assert client.post(path, data={"move": "open-taken_up", "reason": ""}).status_code == 303
    states = Counter(session.scalars(select(UnmetNeed.state)))
    assert states == {NeedState.TAKEN_UP: 2, NeedState.OPEN: 1}
    assert client.post(path, data={"move": "taken_up-closed", "reason": ""}).status_code == 422
    assert client.post(path, data={"move": "closed-taken_up", "reason": ""}).status_code == 422
    closing = {"move": "taken_up-closed", "reason": "market"}
    assert client.post(path, data=closing).status_code == 303
    session.expire_all()
    closed = session.scalars(select(UnmetNeed).where(UnmetNeed.state == NeedState.CLOSED)).all()
    assert {row.end_reason for row in closed} == {NeedEndReason.MARKET}
    assert len(closed) == 2
    moved = select(DomainEvent).where(DomainEvent.name == "unmet_need_moved")
    assert len(session.scalars(moved).all()) == 4
    assert client.post(path, data={"move": "closed-open", "reason": ""}).status_code == 303
    session.expire_all()
    assert {row.end_reason for row in closed} == {None}


def test_advisers_record_needs_but_do_not_close_them(
    client: CheckingClient, session: Session, register: Register
) -> None:
    register.add(1)
    signed(client, session, register.referent)
    assert client.post("/besoins/metiers/F1702", data={"move": "open-closed"}).status_code == 403
    assert "Y répondre" not in text_of(client, "/besoins/metiers/F1702")


def test_the_export_neutralises_formulas(
    client: CheckingClient, session: Session, register: Register
) -> None:
    register.add(5, lack="=CMD()")
    signed(client, session, register.referent)
    (row,) = table_of(client, "/besoins/export.csv")
    assert row["ce qui manque le plus"] == "'=CMD()"
    assert row["personnes"] == "5"


@pytest.mark.parametrize("asked", ["par=x&etat=y&annee=deux", "annee=99999&territoire=x&metier=é"])
def test_a_strange_address_is_no_error(
    client: CheckingClient, session: Session, register: Register, asked: str
) -> None:
    signed(client, session, register.referent)
    text_of(client, f"/besoins?{asked}")


def test_the_register_asks_as_much_of_the_database_for_one_need_as_for_thirty(
    client: CheckingClient, session: Session, register: Register, database: Database
) -> None:
    register.add(1)
    signed(client, session, register.referent)
    paths = ("/besoins", "/besoins/metiers/F1702")
    for path in paths:
        text_of(client, path)
    with count_queries(database.engine) as one:
        for path in paths:
            text_of(client, path)
    register.add(20)
    session.commit()
    with count_queries(database.engine) as many:
        for path in paths:
            text_of(client, path)
    assert many.count <= one.count + 2


def test_a_closed_need_is_reopened_before_it_is_taken_up() -> None:
    assert not NEED_MACHINE.allows(NeedState.CLOSED, NeedState.TAKEN_UP)
    assert NEED_MACHINE.allows(NeedState.CLOSED, NeedState.OPEN)


cells = st.builds(
    Cell,
    st.sampled_from(["A", "B"]),
    st.sampled_from(["62", "59"]),
    st.sampled_from([NeedState.OPEN, NeedState.CLOSED]),
    st.just(date(2026, 1, 1).year),
)
facts = st.lists(
    st.builds(
        Fact,
        cells,
        st.just(True),
        st.just(1),
        st.sets(st.sampled_from(["x", "y"])).map(frozenset),
    ),
    max_size=60,
)


@given(facts)
def test_what_a_pilot_reads_holds_the_truth_and_never_a_small_count(rows: list[Fact]) -> None:
    for axis in Axis:
        true = {line.key: line.people.low for line in count_lines(rows, axis, masked=False)}
        for line in count_lines(rows, axis, masked=True):
            assert line.people.low <= true[line.key] <= line.people.high
            assert not line.people.exact or line.people.low == 0 or line.people.low >= 5


@given(st.integers(0, 60), st.integers(0, 60))
def test_those_without_a_thing_are_not_told_by_those_with_it(count: int, rest: int) -> None:
    shown = shown_part(count, count + rest, masked=True)
    assert shown.low <= count <= shown.high
    if 0 < rest < 5 and count:
        assert not shown.exact
    assert shown_part(count, count + rest, masked=False) == Range(count, count)
