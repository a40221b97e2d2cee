"""Who read what, and what the portal says of its own rules."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from benchmarks import swap_world
from matching.sessions import HORIZON_DAYS
from matching.travel import PACES
from portal import clock
from portal.jobs.retention import load_delays
from portal.matchmaking import ENGINE_DATE, ENGINE_VERSION
from portal.models import AccessKind, AccessLog, Account, OrganisationKind, Person, Role
from portal.web.filters import date_short
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import CAMBRAI, Factory
from tests.support.queries import count_queries

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=clock.PARIS)
LOG = "/journal-acces/"
MINE = "/journal-acces/mes-acces"


def read(
    make: Factory,
    account: Account,
    person: Person | None,
    *,
    kind: AccessKind = AccessKind.FILE,
    at: datetime = NOON,
) -> AccessLog:
    """An entry of the log."""
    row: AccessLog = make.add(
        AccessLog(
            account_id=account.id,
            organisation_id=account.memberships[0].organisation_id,
            person_id=person.id if person else None,
            kind=kind,
            endpoint="people.show",
            context="fiche",
            at=at,
        )
    )
    return row


@pytest.fixture
def dpo(client: CheckingClient, make: Factory, session: Session) -> CheckingClient:
    """A signed-in data-protection officer of Pas-de-Calais."""
    return sign_in(client, session, make.account(Role.DPO, last_name="Veille"))


def page(client: CheckingClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_the_officer_reads_who_read_whom_without_the_person_s_name(
    dpo: CheckingClient, make: Factory, session: Session
) -> None:
    reader = make.account(Role.REFERENT, last_name="Lecteur")
    person = make.person(first_name="Amina", last_name="Secret")
    read(make, reader, person)
    session.commit()
    shown = page(dpo, LOG)
    assert "Camille Lecteur" in shown
    assert person.public_id in shown
    assert "fiche" in shown
    assert "Secret" not in shown
    assert "Amina" not in shown


def test_refusals_are_in_the_log_even_of_somebody_unknown(
    dpo: CheckingClient, make: Factory, session: Session
) -> None:
    read(make, make.account(Role.REFERENT), None, kind=AccessKind.REFUSED)
    session.commit()
    shown = page(dpo, LOG)
    assert "accès refusé" in shown
    assert "inconnue ou supprimée" in shown


def test_the_officer_of_a_departement_sees_its_readers_and_its_inhabitants_alone(
    dpo: CheckingClient, make: Factory, session: Session
) -> None:
    north = make.organisation(OrganisationKind.MDS, departement_code="59")
    outsider = make.account(Role.REFERENT, north, last_name="Dehors")
    insider = make.account(Role.REFERENT, last_name="Dedans")
    here, there = make.person(), make.person(place=CAMBRAI)
    read(make, outsider, here)
    read(make, insider, there)
    foreign = read(make, outsider, there)
    session.commit()
    shown = page(dpo, LOG)
    assert "1 à 2 sur 2" in shown
    foreign.context = None
    region = make.organisation(OrganisationKind.REGION, departement_code=None)
    everything = sign_in(dpo, session, make.account(Role.DPO, region))
    assert "1 à 3 sur 3" in page(everything, LOG)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", {"Aval", "Amont"}),
        ("lecteur=aval", {"Aval"}),
        ("lecteur=amont%40exemple.test", {"Amont"}),
        ("lecture=refused", {"Amont"}),
        ("du=2026-11-20", {"Aval"}),
        ("au=2026-11-19", {"Amont"}),
        ("du=2026-11-19&au=2026-11-20", {"Aval", "Amont"}),
        ("du=2026-11-21", set()),
        ("du=demain&lecture=tout&page=-3", {"Aval", "Amont"}),
        ("personne=nobody", set()),
    ],
)
def test_the_log_is_filtered_by_reader_kind_and_day(
    dpo: CheckingClient, make: Factory, session: Session, query: str, kept: set[str]
) -> None:
    aval = make.account(Role.REFERENT, last_name="Aval")
    amont = make.account(Role.REFERENT, last_name="Amont", email="amont@exemple.test")
    # 23:30 in Paris on the 19th, and half past midnight on the 20th: days are those of Paris.
    midnight = datetime(2026, 11, 20, 0, 0, tzinfo=clock.PARIS)
    read(make, aval, make.person(), at=midnight + timedelta(minutes=30))
    late = midnight - timedelta(minutes=30)
    read(make, amont, make.person(), kind=AccessKind.REFUSED, at=late)
    session.commit()
    shown = page(dpo, f"{LOG}?{query}")
    assert {name for name in ("Aval", "Amont") if f"Camille {name}" in shown} == kept


def test_the_log_is_filtered_by_person(
    dpo: CheckingClient, make: Factory, session: Session
) -> None:
    reader = make.account(Role.REFERENT)
    one, other = make.person(), make.person()
    read(make, reader, one)
    read(make, reader, other)
    session.commit()
    shown = page(dpo, f"{LOG}?personne={one.public_id}")
    assert "1 à 1 sur 1" in shown
    assert other.public_id not in shown


def test_everybody_reads_their_own_accesses_and_no_other(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    own, other = make.account(), make.account()
    mine, theirs = make.person(), make.person()
    read(make, own, mine)
    read(make, other, theirs)
    sign_in(client, session, own)
    shown = page(client, MINE)
    assert mine.public_id in shown
    assert theirs.public_id not in shown
    assert client.get(LOG).status_code == 403


def test_the_log_is_paged(dpo: CheckingClient, make: Factory, session: Session) -> None:
    reader, person = make.account(Role.REFERENT), make.person()
    for number in range(60):
        read(make, reader, person, at=NOON - timedelta(minutes=number))
    session.commit()
    assert "1 à 50 sur 60" in page(dpo, LOG)
    assert "51 à 60 sur 60" in page(dpo, f"{LOG}?page=2")
    assert "51 à 60 sur 60" in page(dpo, f"{LOG}?page=99")


@pytest.mark.parametrize("path", [LOG, MINE])
def test_the_log_is_the_same_as_a_page_and_as_a_fragment(
    dpo: CheckingClient, make: Factory, session: Session, path: str
) -> None:
    read(make, make.account(Role.REFERENT), make.person())
    session.commit()
    fragment = dpo.get(path, hx=True).get_data(as_text=True)
    assert "<html" not in fragment
    assert fragment.strip() in page(dpo, path)


def test_the_number_of_queries_does_not_grow_with_the_log(
    dpo: CheckingClient, make: Factory, session: Session, app: Flask
) -> None:
    engine = app.extensions["ecluse_database"].engine

    def statements() -> int:
        with count_queries(engine) as seen:
            page(dpo, LOG)
        return seen.count

    read(make, make.account(Role.REFERENT), make.person())
    session.commit()
    few = statements()
    for _ in range(15):
        read(make, make.account(Role.REFERENT), make.person())
    session.commit()
    assert statements() == few


# The public pages ----------------------------------------------------------------------------

PUBLIC = ["/comment-ca-marche", "/accessibilite", "/donnees-personnelles"]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_are_open_to_all_and_linked_from_every_page(
    client: CheckingClient, path: str
) -> None:
    assert f'href="{path}"' in page(client, "/compte/connexion")
    assert "<h1>" in page(client, path)


def test_how_long_things_are_kept_is_what_is_deleted(client: CheckingClient) -> None:
    kept = {row.what: row.kept.days for row in load_delays() if row.holds_on(clock.today())}
    shown = page(client, "/donnees-personnelles")
    assert {kept["access_log"]} == {kept["passes"], kept["received_sms"]}
    assert f"SMS reçus\u00a0: {kept['access_log']} jours" in shown
    assert f"{kept['visits']} jours après sa fin" in shown
    assert f"six chiffres\u00a0: {kept['codes']} jours" in shown


def test_the_rules_carry_their_version_and_the_engine_s_own_numbers(
    client: CheckingClient, app: Flask
) -> None:
    shown = page(client, "/comment-ca-marche")
    with app.test_request_context():
        day = date_short(ENGINE_DATE)
    assert f"version {ENGINE_VERSION}" in shown
    assert day in shown
    assert f"{HORIZON_DAYS} jours" in shown
    for pace in PACES.values():
        assert f"{pace.speed:g}".replace(".", ",") + " km/h" in shown


@pytest.mark.parametrize(
    "words",
    [
        "Prêt après une étape",
        "À vérifier d’abord",
        "Parcours plus long",
        "Écart",
        "L311-3-1",
        "L312-1-3",
        "l’âge, le sexe, le nom",
        "Contester et corriger",
    ],
)
def test_the_rules_say_what_the_law_asks(client: CheckingClient, words: str) -> None:
    assert words in page(client, "/comment-ca-marche")


def test_what_is_verified_is_said_with_the_number_of_the_swap_tests(
    client: CheckingClient,
) -> None:
    shown = page(client, "/comment-ca-marche")
    assert f"Sur {swap_world.PEOPLE} personnes inventées" in shown
    assert "un humain est alerté" in shown
    assert "docs/evaluation.md" in shown


def test_the_declaration_does_not_claim_an_audit(client: CheckingClient) -> None:
    assert "Aucun audit externe" in page(client, "/accessibilite")
