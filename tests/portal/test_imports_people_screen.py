"""The screens of the people import: choose columns, preview, import, decide of look-alikes."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.config import Settings
from portal.db import Database
from portal.jobs import worker
from portal.models import (
    Account,
    DomainEvent,
    DuplicateCandidate,
    DuplicateState,
    ImportRun,
    Job,
    OrganisationKind,
    PastTrade,
    Person,
    Role,
)
from portal.models.journal import AccessLog
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory
from tests.support.import_files import HEADINGS, build_reference, people_csv, person_row
from tests.support.queries import count_queries

GOOD = people_csv(person_row())


@pytest.fixture
def admin(database: Database, make: Factory, session: Session) -> Account:
    """An administrator of a Département, in a database with a small reference."""
    build_reference(database)
    account = make.account(Role.ADMIN, make.organisation(OrganisationKind.DEPARTEMENT))
    session.commit()
    return account


@pytest.fixture
def screen(client: CheckingClient, session: Session, admin: Account) -> CheckingClient:
    """The browser of the administrator."""
    return sign_in(client, session, admin)


def drop(screen: CheckingClient, text: str = GOOD, name: str = "personnes.csv") -> TestResponse:
    """Send a file; the page of its columns, or the refusal."""
    response = screen.post(
        "/imports/",
        data={"kind": "people", "file": (io.BytesIO(text.encode()), name)},
        content_type="multipart/form-data",
    )
    return screen.get(response.location)


def choices(response: TestResponse) -> dict[str, str]:
    """What the form would send: the selects as they are filled."""
    found = {}
    for name, inside in re.findall(
        r'<select[^>]*name="(column_\d+)"[^>]*>(.*?)</select>', body(response), re.DOTALL
    ):
        selected = re.search(r'<option selected value="([^"]*)"', inside)
        found[name] = selected[1] if selected else ""
    return found


def body(response: TestResponse) -> str:
    return response.get_data(as_text=True)


def bring(
    screen: CheckingClient, database: Database, settings: Settings, text: str = GOOD
) -> TestResponse:
    """From the file to the report, by the screens."""
    page = drop(screen, text)
    job = screen.post(page.request.path, data=choices(page)).location
    do_jobs(database, settings)
    done = screen.post(f"{job}/importer")
    do_jobs(database, settings)
    return screen.get(done.location)


def do_jobs(database: Database, settings: Settings) -> None:
    while worker.run_next(database, settings):
        pass


def kept_files(settings: Settings) -> list[Path]:
    return list(settings.uploads.glob("*")) if settings.uploads.is_dir() else []


def test_columns_are_guessed_and_shown_with_their_first_values(screen: CheckingClient) -> None:
    page = drop(screen)
    assert page.status_code == 200
    assert list(choices(page).values())[:4] == [
        "external_ref",
        "last_name",
        "first_name",
        "birth_date",
    ]
    assert "Lemoine" in body(page)
    assert "Ne pas importer" in body(page)


def test_the_whole_way_without_a_script(
    screen: CheckingClient, database: Database, settings: Settings, session: Session
) -> None:
    report = bring(screen, database, settings)
    assert "Nouvelles" in body(report)
    assert session.scalars(select(Person.external_ref)).all() == ["D-001"]
    runs = session.scalars(select(ImportRun).order_by(ImportRun.id)).all()
    assert [run.dry_run for run in runs] == [True, False]
    assert [(run.read, run.created) for run in runs] == [(1, 1), (1, 1)]
    assert kept_files(settings) == []


def test_columns_chosen_are_remembered_for_the_structure(
    screen: CheckingClient, database: Database, settings: Settings, session: Session
) -> None:
    text = "Clé;Famille;Petit nom;Note\n1;Lemoine;Zélie;x\n"
    page = drop(screen, text)
    assert set(choices(page).values()) == {""}
    chosen = {"column_0": "external_ref", "column_1": "last_name", "column_2": "first_name"}
    assert screen.post(page.request.path, data=chosen).status_code == 302
    again = choices(drop(screen, text))
    assert again == {**chosen, "column_3": ""}
    stored = session.scalars(select(Job)).one().arguments
    assert "Lemoine" not in str(stored)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"column_0": "external_ref"}, "Dites quelle colonne est"),
        (
            {
                "column_0": "external_ref",
                "column_1": "last_name",
                "column_2": "first_name",
                "column_3": "first_name",
            },
            "Deux colonnes disent la même chose",
        ),
        ({"column_0": "inconnu"}, "Choisissez dans la liste"),
    ],
)
def test_a_choice_that_cannot_serve_is_sent_back(
    screen: CheckingClient, session: Session, chosen: dict[str, str], words: str
) -> None:
    page = drop(screen)
    blank = dict.fromkeys(choices(page), "")
    response = screen.post(page.request.path, data={**blank, **chosen})
    assert response.status_code == 422
    assert words in body(response)
    assert session.scalars(select(Job)).all() == []


def test_a_file_with_social_security_numbers_is_refused_and_deleted(
    screen: CheckingClient, settings: Settings, session: Session
) -> None:
    number = f"2900362041123{97 - 2900362041123 % 97:02}"
    page = drop(screen, f"Identifiant;Nom;Prénom;Suivi\n1;Lemoine;Zélie;{number}\n")
    assert page.status_code == 422
    assert "numéros de sécurité sociale" in body(page)
    assert number not in body(page)
    assert "«\u00a0Suivi\u00a0»" in body(page)
    assert kept_files(settings) == []
    assert session.scalars(select(Job)).all() == []


def test_the_file_of_another_structure_is_not_there(
    screen: CheckingClient, client: CheckingClient, make: Factory, session: Session
) -> None:
    path = drop(screen).request.path
    stranger = make.account(Role.ADMIN)
    other = sign_in(client, session, stranger)
    assert other.get(path).status_code == 404
    assert other.post(path, data={}).status_code == 404
    assert other.get("/imports/personnes/../../etc").status_code == 404


def alike(screen: CheckingClient, database: Database, settings: Settings) -> str:
    """The known person, then a row that looks like them; the page that asks."""
    bring(screen, database, settings, people_csv(person_row(Courriel="", Métiers="F1702")))
    bring(
        screen,
        database,
        settings,
        people_csv(person_row(Identifiant="AUTRE-9", Téléphone="0644444444", Métiers="F1703")),
    )
    return body(screen.get("/imports/ressemblances"))


def decide(screen: CheckingClient, page: str, answer: str) -> TestResponse:
    path = re.search(r'action="(/imports/ressemblances/[^"]+)"', page)
    assert path is not None
    return screen.post(path[1], data={answer: "1"}, follow_redirects=True)


def test_a_look_alike_is_shown_beside_the_known_person_and_logged(
    screen: CheckingClient,
    database: Database,
    settings: Settings,
    session: Session,
) -> None:
    page = alike(screen, database, settings)
    assert "AUTRE-9" in page
    assert "D-001" in page
    known = session.scalars(select(Person)).one()
    logged = session.scalars(select(AccessLog).where(AccessLog.person_id == known.id)).all()
    assert [entry.context for entry in logged] == ["ressemblances"]
    assert "1 ligne ressemble" in body(screen.get("/imports/"))


def test_the_same_person_is_completed_and_never_overwritten(
    screen: CheckingClient, database: Database, settings: Settings, session: Session
) -> None:
    page = alike(screen, database, settings)
    assert "Rien à décider" in body(decide(screen, page, "same"))
    known = session.scalars(select(Person)).one()
    assert (known.external_ref, known.phone) == ("D-001", "0612345678")
    assert known.email == "zelie.lemoine@exemple.test"
    trades = session.scalars(select(PastTrade.occupation_code)).all()
    assert sorted(trades) == ["F1702", "F1703"]
    candidate = session.scalars(select(DuplicateCandidate)).one()
    assert (candidate.state, candidate.row) == (DuplicateState.SAME, {})
    names = session.scalars(select(DomainEvent.name)).all()
    assert {"duplicate_decided", "duplicate_same"} <= set(names)


def test_once_the_same_the_next_file_does_not_ask_again(
    screen: CheckingClient, database: Database, settings: Settings, session: Session
) -> None:
    decide(screen, alike(screen, database, settings), "same")
    row = person_row(Identifiant="AUTRE-9", Téléphone="0644444444", Métiers="F1703")
    bring_preview(screen, database, settings, people_csv(row))
    run = session.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()
    assert run is not None
    assert (run.created, run.changed, run.unchanged, run.rejected) == (0, 0, 1, 0)


def bring_preview(
    screen: CheckingClient, database: Database, settings: Settings, text: str
) -> None:
    page = drop(screen, text)
    screen.post(page.request.path, data=choices(page))
    do_jobs(database, settings)


def test_two_people_get_two_files(
    screen: CheckingClient, database: Database, settings: Settings, session: Session
) -> None:
    decide(screen, alike(screen, database, settings), "different")
    people = {p.external_ref: p.phone for p in session.scalars(select(Person))}
    assert people == {"D-001": "0612345678", "AUTRE-9": "0644444444"}


def test_a_decision_is_taken_once(
    screen: CheckingClient, database: Database, settings: Settings, session: Session
) -> None:
    page = alike(screen, database, settings)
    decide(screen, page, "same")
    assert "Impossible de passer" in body(decide(screen, page, "different"))
    assert len(session.scalars(select(Person)).all()) == 1


def test_no_answer_decides_nothing(
    screen: CheckingClient, database: Database, settings: Settings, session: Session
) -> None:
    page = alike(screen, database, settings)
    assert "Choisissez une des deux" in body(decide(screen, page, "rien"))
    assert session.scalars(select(DuplicateCandidate.state)).all() == [DuplicateState.TO_DECIDE]


def test_another_structure_sees_and_decides_nothing(
    screen: CheckingClient,
    client: CheckingClient,
    database: Database,
    settings: Settings,
    make: Factory,
    session: Session,
) -> None:
    page = alike(screen, database, settings)
    other = sign_in(client, session, make.account(Role.ADMIN))
    assert "Rien à décider" in body(other.get("/imports/ressemblances"))
    assert decide(other, page, "same").status_code == 404


def test_the_list_asks_as_much_for_one_row_as_for_many(
    screen: CheckingClient,
    database: Database,
    settings: Settings,
) -> None:
    alike(screen, database, settings)
    with count_queries(database.engine) as one:
        screen.get("/imports/ressemblances")
    rows = [
        person_row(Identifiant=f"X-{n}", Prénom=f"Zélie{'abcdefgh'[n]}", Téléphone="")
        for n in range(8)
    ]
    bring(screen, database, settings, people_csv(*rows))
    bring(
        screen,
        database,
        settings,
        people_csv(*({**row, "Identifiant": f"Y-{n}"} for n, row in enumerate(rows))),
    )
    with count_queries(database.engine) as many:
        assert "Y-7" in body(screen.get("/imports/ressemblances"))
    assert many.count == one.count


def test_headings_of_the_sample_are_all_guessed(screen: CheckingClient) -> None:
    guessed = choices(drop(screen))
    assert len(guessed) == len(HEADINGS)
    assert "" not in guessed.values()
