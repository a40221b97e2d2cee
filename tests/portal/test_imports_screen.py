"""The Imports screen: preview, import, report, cancel, links to confirm."""

from __future__ import annotations

import csv
import io
import re
import stat
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.config import Settings
from portal.db import Database
from portal.imports.uploads import KEPT, purge_uploads
from portal.jobs import worker
from portal.models import (
    Account,
    Commune,
    DomainEvent,
    ImportKind,
    ImportRejection,
    ImportRun,
    Job,
    JobKind,
    JobState,
    LinkState,
    Role,
    Skill,
    SkillLink,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory
from tests.support.queries import count_queries

GOOD = "code_insee,nom,population\n62041,Arras,42600\n59122,Cambrai,32000\n"
MIXED = GOOD + "XX,=cmd|calc,1\n62001,Ablain,beaucoup\n"


@pytest.fixture
def admin(make: Factory, session: Session) -> Account:
    """An administrator of a structure."""
    account = make.account(Role.ADMIN)
    session.commit()
    return account


@pytest.fixture
def screen(client: CheckingClient, session: Session, admin: Account) -> CheckingClient:
    """The browser of the administrator."""
    return sign_in(client, session, admin)


def drop(
    screen: CheckingClient, text: str = GOOD, name: str = "communes.csv", kind: str = "communes"
) -> TestResponse:
    """Send a file with the form."""
    return screen.post(
        "/imports/",
        data={"kind": kind, "file": (io.BytesIO(text.encode()), name)},
        content_type="multipart/form-data",
    )


def do_jobs(database: Database, settings: Settings) -> None:
    """What the worker would do."""
    while worker.run_next(database, settings):
        pass


def body(response: TestResponse) -> str:
    return response.get_data(as_text=True)


def uploads(settings: Settings) -> list[Path]:
    return sorted(settings.uploads.glob("*")) if settings.uploads.is_dir() else []


def test_from_the_file_to_the_report(
    screen: CheckingClient, database: Database, settings: Settings, session: Session
) -> None:
    sent = drop(screen, MIXED)
    assert sent.status_code == 302
    assert "En attente de son tour" in body(screen.get(sent.location))
    do_jobs(database, settings)
    preview = body(screen.get(sent.location))
    assert "rien n’est encore écrit" in preview
    assert "n’est pas un code INSEE" in preview
    assert session.scalars(select(Commune)).all() == []
    done = screen.post(f"{sent.location}/importer")
    assert done.status_code == 302
    do_jobs(database, settings)
    assert "C’est importé." in body(screen.get(done.location))
    assert set(session.scalars(select(Commune.code))) == {"62041", "59122"}
    assert uploads(settings) == []
    history = body(screen.get("/imports/"))
    assert "communes.csv" in history


def test_the_rejected_rows_are_a_safe_csv(
    screen: CheckingClient, session: Session, admin: Account
) -> None:
    run = ImportRun(kind=ImportKind.COMMUNES, file_name="f", sha256="0" * 64, account_id=admin.id)
    run.rejections = [ImportRejection(line=n, field="=1+1", reason="non") for n in (3, 2)]
    session.add(run)
    session.commit()
    response = screen.get(f"/imports/rapports/{run.public_id}/rejets.csv")
    assert response.mimetype == "text/csv"
    assert "attachment" in response.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(body(response).lstrip("\ufeff")), delimiter=";"))
    assert rows == [["ligne", "champ", "motif"], ["2", "'=1+1", "non"], ["3", "'=1+1", "non"]]


def test_a_refused_file_says_why_and_is_deleted(
    screen: CheckingClient, database: Database, settings: Settings
) -> None:
    sent = drop(screen, "a;b\n1;2\n")
    do_jobs(database, settings)
    page = body(screen.get(sent.location))
    assert "colonnes attendues" in page
    assert "Importer</button>" not in page
    assert uploads(settings) == []
    assert "refusé" in body(screen.get("/imports/"))


def test_a_preview_that_brings_nothing_cannot_be_imported(
    screen: CheckingClient, database: Database, settings: Settings
) -> None:
    first = drop(screen)
    do_jobs(database, settings)
    screen.post(f"{first.location}/importer")
    do_jobs(database, settings)
    again = drop(screen)
    do_jobs(database, settings)
    assert "il n’y a rien à écrire" in body(screen.get(again.location))


@pytest.mark.parametrize(
    ("name", "kind", "text", "words"),
    [
        ("communes.exe", "communes", GOOD, "extension"),
        ("communes.csv", "rome", GOOD, "extension"),
        ("communes.csv", "communes", "", "vide"),
        ("communes.csv", "autre", GOOD, "Choisissez dans la liste"),
        ("", "communes", "", "Choisissez un fichier"),
    ],
)
def test_a_wrong_choice_is_told_on_the_form(
    screen: CheckingClient, settings: Settings, name: str, kind: str, text: str, words: str
) -> None:
    response = drop(screen, text, name, kind)
    assert response.status_code == 422
    assert words in body(response)
    assert uploads(settings) == []


def test_a_stored_file_has_a_random_name_and_is_private(
    screen: CheckingClient, settings: Settings
) -> None:
    drop(screen, name="../../etc/<b>passwd</b>.csv")
    stored = [path for path in uploads(settings) if path.suffix == ".bin"]
    assert re.fullmatch(r"[0-9a-f]{32}\.bin", stored[0].name)
    assert stat.S_IMODE(stored[0].stat().st_mode) == 0o600
    page = body(screen.get("/imports/"))
    assert "&lt;b&gt;" not in page  # the last part of the path only
    assert "b&gt;.csv" in page


def test_a_file_that_nobody_imports_is_deleted(screen: CheckingClient, settings: Settings) -> None:
    import os

    drop(screen)
    for path in uploads(settings):
        old = path.stat().st_mtime - KEPT.total_seconds() - 60
        os.utime(path, (old, old))
    purge_uploads(settings)
    assert uploads(settings) == []


def test_a_waiting_import_can_be_cancelled(
    screen: CheckingClient, database: Database, settings: Settings, session: Session
) -> None:
    sent = drop(screen)
    assert screen.post(f"{sent.location}/annuler").status_code == 302
    do_jobs(database, settings)
    assert "Annulé" in body(screen.get(sent.location))
    assert session.scalars(select(ImportRun)).all() == []


def test_the_progress_fragment_is_the_same_as_in_the_page(
    screen: CheckingClient, database: Database, settings: Settings
) -> None:
    sent = drop(screen, MIXED)
    for _ in range(2):
        fragment = body(screen.get(sent.location, hx=True))
        assert "<html" not in fragment
        assert fragment.strip() in body(screen.get(sent.location))
        do_jobs(database, settings)


def test_progress_asks_again_only_while_there_is_some(
    screen: CheckingClient, database: Database, settings: Settings
) -> None:
    sent = drop(screen)
    assert 'hx-trigger="every 1s"' in body(screen.get(sent.location))
    assert "Actualiser" in body(screen.get(sent.location))
    do_jobs(database, settings)
    assert "every 1s" not in body(screen.get(sent.location))


def test_imports_are_for_administrators(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    adviser = make.account(Role.ADVISER)
    session.commit()
    sign_in(client, session, adviser)
    for path in ("/imports/", "/imports/liens", "/imports/travaux/x", "/imports/rapports/x"):
        assert client.get(path).status_code == 403
    assert drop(client).status_code == 403


def test_another_structure_sees_neither_the_job_nor_the_people(
    screen: CheckingClient, make: Factory, session: Session
) -> None:
    other = make.account(Role.ADMIN)
    job = Job(kind=JobKind.IMPORT, account_id=other.id, arguments={"kind": "people"})
    session.add(job)
    runs = {
        kind: ImportRun(kind=kind, file_name="leur", sha256="0" * 64, account_id=other.id)
        for kind in (ImportKind.PEOPLE, ImportKind.COMMUNES)
    }
    session.add_all(runs.values())
    session.commit()
    assert screen.get(f"/imports/travaux/{job.public_id}").status_code == 404
    assert screen.post(f"/imports/travaux/{job.public_id}/annuler").status_code == 404
    for kind, status in ((ImportKind.PEOPLE, 404), (ImportKind.COMMUNES, 200)):
        address = f"/imports/rapports/{runs[kind].public_id}"
        assert screen.get(address).status_code == status
        assert screen.get(f"{address}/rejets.csv").status_code == status


def test_the_history_asks_as_many_questions_whatever_its_length(
    screen: CheckingClient, session: Session, admin: Account, database: Database
) -> None:
    counts = []
    for number in (1, 15):
        session.add_all(
            ImportRun(kind=ImportKind.ROME, file_name="f", sha256="0" * 64, account_id=admin.id)
            for _ in range(number)
        )
        session.commit()
        with count_queries(database.engine) as counted:
            screen.get("/imports/")
        counts.append(counted.count)
    assert counts[0] == counts[1]


@pytest.fixture
def links(make: Factory, session: Session) -> list[SkillLink]:
    """Two proposed links."""
    found = [
        make.add(
            SkillLink(
                skill_code=make.skill(f"tp.{n}").code,
                target_code=make.skill(f"10{n}", label=f"Du ROME {n}").code,
                score=score,
            )
        )
        for n, score in ((1, 100.0), (2, 70.0))
    ]
    session.commit()
    return found


def test_a_confirmed_link_makes_the_two_skills_one(
    screen: CheckingClient, session: Session, links: list[SkillLink], admin: Account
) -> None:
    page = body(screen.get("/imports/liens"))
    assert "Mêmes mots" in page
    shown = re.sub(r"<[^>]+>", " ", page.partition("<main")[2])
    assert "70" not in shown  # never a score
    chosen = {"links": [links[0].public_id], "decision": "confirmed"}
    assert screen.post("/imports/liens", data=chosen).status_code == 302
    session.expire_all()
    assert session.get_one(Skill, "tp.1").same_as_code == "101"
    assert session.get_one(Skill, "tp.2").same_as_code is None
    link = session.get_one(SkillLink, links[0].id)
    assert (link.state, link.decided_by_id) == (LinkState.CONFIRMED, admin.id)
    event = session.scalars(select(DomainEvent).filter_by(subject_kind="skill_link")).one()
    assert (event.from_state, event.to_state) == ("proposed", "confirmed")


def test_a_confirmed_link_can_be_undone(
    screen: CheckingClient, session: Session, links: list[SkillLink]
) -> None:
    ids = [link.public_id for link in links]
    for decision in ("confirmed", "refused"):
        data = {"links": ids, "decision": decision}
        screen.post("/imports/liens?etat=proposed", data=data)
    session.expire_all()
    assert session.get_one(Skill, "tp.1").same_as_code is None
    assert set(session.scalars(select(SkillLink.state))) == {LinkState.REFUSED}
    assert "Aucun lien ici" in body(screen.get("/imports/liens"))
    assert "Du ROME 1" in body(screen.get("/imports/liens?etat=refused"))


def test_a_link_to_a_retired_skill_cannot_be_confirmed(
    screen: CheckingClient, session: Session, links: list[SkillLink]
) -> None:
    session.get_one(Skill, "101").retired = True
    session.commit()
    chosen = {"links": [link.public_id for link in links], "decision": "confirmed"}
    response = screen.post("/imports/liens", data=chosen)
    assert response.status_code == 422
    assert "n’est plus en vigueur" in body(response)
    session.expire_all()
    assert set(session.scalars(select(SkillLink.state))) == {LinkState.PROPOSED}


@pytest.mark.parametrize("data", [{}, {"decision": "confirmed"}, {"links": ["x"]}])
def test_deciding_without_choosing_is_told(
    screen: CheckingClient, links: list[SkillLink], data: dict[str, object]
) -> None:
    response = screen.post("/imports/liens", data=data)
    assert response.status_code == 422
    assert "Cochez au moins un lien" in body(response)


def test_an_import_asks_for_fresh_suggestions(
    screen: CheckingClient,
    database: Database,
    settings: Settings,
    session: Session,
    tmp_path: Path,
) -> None:
    from tests.support.rome import MiniRome

    data = MiniRome().zip(tmp_path / "rome.zip").read_bytes()
    sent = screen.post(
        "/imports/",
        data={"kind": "rome", "file": (io.BytesIO(data), "rome.zip")},
        content_type="multipart/form-data",
    )
    do_jobs(database, settings)
    screen.post(f"{sent.location}/importer")
    do_jobs(database, settings)
    states = session.execute(select(Job.kind, Job.state)).all()
    assert (JobKind.SUGGEST, JobState.DONE) in states
