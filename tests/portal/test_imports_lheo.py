"""Training catalogues: three versions, nothing invented, nothing lost, nobody named."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    FactOrigin,
    ImportKind,
    ImportRun,
    InfoMeeting,
    Organisation,
    OrganisationKind,
    ProgramOccupation,
    RecruitmentState,
    SessionCredential,
    SessionPrerequisite,
    SessionSkill,
    TrainingAction,
    TrainingProgram,
    TrainingSession,
)
from tests.support.import_files import (
    MEETING,
    SIRET,
    build_reference,
    day,
    import_with,
    lheo,
    lheo_1_3,
    reasons,
    session_xml,
    told,
)
from tests.support.imports import figures, row_counts


@pytest.fixture
def known(database: Database) -> Database:
    """A database with a small reference."""
    build_reference(database)
    return database


def bring(database: Database, folder: Path, text: str, name: str = "catalogue.xml") -> ImportRun:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return import_with(database, ImportKind.CATALOGUE, path)


def only_session(session: Session) -> TrainingSession:
    return session.scalars(select(TrainingSession)).one()


@pytest.mark.parametrize("version", ["2.2", "2.3"])
def test_a_formation_its_action_and_its_session(
    known: Database, tmp_path: Path, version: str
) -> None:
    run = bring(known, tmp_path, lheo(session_xml(), version=version))
    assert figures(run) == (4, 0, 0, 0)
    with known.session() as session:
        program = session.scalars(select(TrainingProgram)).one()
        assert (program.title, program.formacodes, program.exit_level) == (
            "Ouvrier routier",
            "22254",
            3,
        )
        action = session.scalars(select(TrainingAction)).one()
        assert (action.organiser_name, action.organiser_siret) == ("Centre d’essai", SIRET)
        assert (action.hours_center, action.public_text) == (400, "Tout public")
        assert action.contact_phone == "03 21 00 00 00"
        found = only_session(session)
        assert found.start == clock.today() + timedelta(days=30)
        assert (found.commune_code, found.remote) == ("62041", False)
        assert (found.seats, found.seats_left) == (None, None)
        assert found.recruitment is RecruitmentState.OPEN
        centre = session.scalars(select(Organisation)).one()
        assert (centre.kind, centre.departement_code) == (OrganisationKind.TRAINING, "62")


def test_the_same_file_twice_changes_nothing(any_database: Database, tmp_path: Path) -> None:
    """T-INT-01."""
    build_reference(any_database)
    text = lheo(
        session_xml(inside=MEETING.format(on=day(10))),
        session_xml("S2"),
        conditions="Permis B exigé.",
        title="Ouvrier routier, avec AIPR opérateur",
    )
    assert figures(bring(any_database, tmp_path, text)) == (5, 0, 0, 0)
    before = row_counts(any_database)
    assert figures(bring(any_database, tmp_path, text)) == (0, 0, 5, 0)
    assert row_counts(any_database) == {**before, "import_run": 2}


def test_an_information_meeting_keeps_its_32_seats(known: Database, tmp_path: Path) -> None:
    """T-INT-02."""
    bring(known, tmp_path, lheo(session_xml(inside=MEETING.format(on=day(10)))))
    with known.session() as session:
        meeting = session.scalars(select(InfoMeeting)).one()
        assert meeting.capacity == 32
        assert (meeting.start_hour, meeting.end_hour) == ("09:00", "11:30")
        assert meeting.place == "Maison des projets, 62860, Marquion"


def test_a_meeting_of_version_2_3_is_under_recruitment(known: Database, tmp_path: Path) -> None:
    inside = (
        f"<recrutement><modalite-recrutement>1</modalite-recrutement><nb-places>12</nb-places>"
        f"<periode><debut>{day(9)}</debut><fin>{day(9)}</fin></periode>"
        "<heure-debut>14h00</heure-debut></recrutement>"
    )
    bring(known, tmp_path, lheo(session_xml(inside=inside)))
    with known.session() as session:
        meeting = session.scalars(select(InfoMeeting)).one()
        assert (meeting.capacity, meeting.start_hour) == (12, "14:00")


def test_a_meeting_that_changes_is_changed_not_added(known: Database, tmp_path: Path) -> None:
    text = lheo(session_xml(inside=MEETING.format(on=day(10))))
    bring(known, tmp_path, text)
    run = bring(known, tmp_path, text.replace("<nb-places>32", "<nb-places>20"))
    assert figures(run) == (0, 1, 3, 0)
    with known.session() as session:
        assert session.scalars(select(InfoMeeting.capacity)).all() == [20]


def test_a_meeting_of_the_action_stands_for_its_sessions(known: Database, tmp_path: Path) -> None:
    text = lheo(session_xml(), session_xml("S2"))
    bring(known, tmp_path, text.replace("<session ", f"{MEETING.format(on=day(5))}<session ", 1))
    with known.session() as session:
        assert session.scalars(select(InfoMeeting.capacity)).all() == [32, 32]


def test_version_1_3_has_the_same_content_elsewhere(any_database: Database, tmp_path: Path) -> None:
    build_reference(any_database)
    assert figures(bring(any_database, tmp_path, lheo_1_3())) == (4, 0, 0, 0)
    assert figures(bring(any_database, tmp_path, lheo_1_3())) == (0, 0, 4, 0)
    with any_database.session() as session:
        program = session.scalars(select(TrainingProgram)).one()
        assert (program.title, program.formacodes) == ("Ouvrier routier", "22254")
        assert (program.exit_level, program.certifying) == (3, True)
        codes = session.scalars(select(ProgramOccupation.rome_code)).all()
        assert sorted(codes) == ["42122", "F1702"]
        action = session.scalars(select(TrainingAction)).one()
        assert (action.organiser_siret, action.hours_center) == (SIRET, 320)
        assert (action.place_name, action.prerequisites_text) == ("Lycée d’essai", "Permis B exigé")
        found = only_session(session)
        assert found.commune_code == "62041"
        assert {row.skill_code for row in found.skills} == {"tp.niveler", "tp.enrobes"}
        assert [row.credential_code for row in found.prerequisites] == ["permis_b"]


def test_no_contact_is_named(known: Database, tmp_path: Path) -> None:
    bring(known, tmp_path, lheo(session_xml()))
    with known.session() as session:
        rows = [
            *session.scalars(select(TrainingProgram)),
            *session.scalars(select(TrainingAction)),
            *session.scalars(select(Organisation)),
        ]
        kept = " ".join(str(vars(row)) for row in rows)
    assert "Centre d’essai" in kept
    assert "Dupuis" not in kept
    assert "Ginette" not in kept


def test_skills_are_those_of_the_occupation_and_said_deduced(
    known: Database, tmp_path: Path
) -> None:
    bring(known, tmp_path, lheo(session_xml()))
    with known.session() as session:
        skills = session.scalars(select(SessionSkill).order_by(SessionSkill.skill_code)).all()
        assert [(s.skill_code, s.level) for s in skills] == [("tp.enrobes", 2), ("tp.niveler", 2)]
        assert {s.origin for s in skills} == {FactOrigin.DEDUCED_OCCUPATION}


def test_a_certification_says_so_of_its_skills(known: Database, tmp_path: Path) -> None:
    rncp = "<certification><code-RNCP>37199</code-RNCP></certification>"
    bring(known, tmp_path, lheo(session_xml(), certification=rncp, hours=None))
    with known.session() as session:
        assert session.scalars(select(TrainingProgram.rncp_code)).one() == "RNCP37199"
        origins = set(session.scalars(select(SessionSkill.origin)))
        assert origins == {FactOrigin.DEDUCED_CERTIFICATION}


def test_three_days_do_not_teach_a_trade(known: Database, tmp_path: Path) -> None:
    text = lheo(session_xml(start=30, end=32), title="CACES R482 catégorie A", hours=21)
    bring(known, tmp_path, text)
    with known.session() as session:
        assert session.scalars(select(SessionSkill)).all() == []
        delivered = session.scalars(select(SessionCredential)).one()
        assert delivered.credential_code == "caces_r482_a"
        assert delivered.origin is FactOrigin.DEDUCED_CERTIFICATION


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ("Permis B exigé. Savoir lire.", ["permis_b"]),
        ("Permis B souhaité", []),
        ("Sans permis B", []),
        ("Être titulaire du permis B ; le permis C serait un plus", ["permis_b"]),
        ("Aucun", []),
    ],
)
def test_prerequisites_are_read_from_their_words(
    known: Database, tmp_path: Path, conditions: str, expected: list[str]
) -> None:
    bring(known, tmp_path, lheo(session_xml(), conditions=conditions))
    with known.session() as session:
        found = session.scalars(select(SessionPrerequisite.credential_code)).all()
        assert list(found) == expected
        text = session.scalars(select(TrainingAction.prerequisites_text)).one()
        assert text == conditions


def test_what_was_entered_or_corrected_stays(known: Database, tmp_path: Path) -> None:
    text = lheo(session_xml(), title="Ouvrier routier, AIPR opérateur")
    bring(known, tmp_path, text)
    with known.transaction() as session:
        found = only_session(session)
        found.seats_left = 3
        entered = next(s for s in found.skills if s.skill_code == "tp.niveler")
        entered.level, entered.origin = 3, FactOrigin.ENTERED
    assert figures(bring(known, tmp_path, text)) == (0, 0, 4, 0)
    with known.transaction() as session:
        found = only_session(session)
        found.corrected = True
        found.credentials.clear()
    changed = text.replace("<etat-recrutement>1", "<etat-recrutement>2")
    assert figures(bring(known, tmp_path, changed)) == (0, 1, 3, 0)
    with known.session() as session:
        found = only_session(session)
        assert found.recruitment is RecruitmentState.CLOSED
        assert found.seats_left == 3
        assert found.credentials == []
        levels = {s.skill_code: s.level for s in found.skills}
        assert levels == {"tp.niveler": 3, "tp.enrobes": 2}


def test_old_and_unknown_rome_codes_are_kept(known: Database, tmp_path: Path) -> None:
    bring(known, tmp_path, lheo(session_xml(), title="Maçon", romes=["F1799", "23221"]))
    with known.session() as session:
        links = session.execute(
            select(ProgramOccupation.rome_code, ProgramOccupation.occupation_code).order_by(
                ProgramOccupation.rome_code
            )
        ).all()
        assert [tuple(link) for link in links] == [("23221", None), ("F1799", "F1703")]


@pytest.mark.parametrize(("start", "end"), [("00000000", day(9)), (day(9), "99999999")])
def test_a_session_without_its_dates_is_rejected_alone(
    known: Database, tmp_path: Path, start: str, end: str
) -> None:
    text = lheo(session_xml(), session_xml("S2"))
    head, _, tail = text.rpartition(f"<debut>{day(30)}</debut><fin>{day(120)}</fin>")
    run = bring(known, tmp_path, f"{head}<debut>{start}</debut><fin>{end}</fin>{tail}")
    assert figures(run) == (4, 0, 0, 1)
    assert "n’a pas de date de" in reasons(known, run)


def test_a_session_that_ends_before_it_starts_is_rejected(known: Database, tmp_path: Path) -> None:
    run = bring(known, tmp_path, lheo(session_xml(start=40, end=30)))
    assert run.rejected == 1
    assert "finit avant" in reasons(known, run)


def test_a_session_in_an_unknown_commune_is_kept_and_said(known: Database, tmp_path: Path) -> None:
    text = lheo(session_xml()).replace("62041", "13055").replace("62000", "13001")
    run = bring(known, tmp_path, text.replace(">Arras<", ">Marseille<"))
    assert figures(run) == (4, 0, 0, 0)
    assert run.details["sessions"]["remarks"] == 1
    assert "sans lieu" in reasons(known, run)
    with known.session() as session:
        assert only_session(session).commune_code is None


def test_a_remote_course_needs_no_place(known: Database, tmp_path: Path) -> None:
    text = lheo(session_xml()).replace(
        "<lieu-de-formation>",
        "<modalites-enseignement>1</modalites-enseignement><lieu-de-formation>",
    )
    bring(known, tmp_path, text.replace("62041", "99999").replace("62000", ""))
    with known.session() as session:
        assert only_session(session).remote


def test_a_wrong_siret_keeps_the_name_without_a_structure(known: Database, tmp_path: Path) -> None:
    run = bring(known, tmp_path, lheo(session_xml(), siret="11111111111111"))
    assert "n’est pas un SIRET" in reasons(known, run)
    with known.session() as session:
        action = session.scalars(select(TrainingAction)).one()
        assert (action.organiser_name, action.organiser_siret) == ("Centre d’essai", None)
        assert action.organisation_id is None
        assert session.scalars(select(Organisation)).all() == []


def test_without_numbers_the_keys_are_stable(known: Database, tmp_path: Path) -> None:
    text = lheo(session_xml(""), numero="").replace("<action numero='A1'>", "<action>")
    assert figures(bring(known, tmp_path, text)) == (4, 0, 0, 0)
    changed = text.replace("Terrassement", "Pavage, terrassement")
    assert figures(bring(known, tmp_path, changed)) == (0, 1, 3, 0)


def test_a_session_that_vanished_is_kept_and_reported(known: Database, tmp_path: Path) -> None:
    bring(known, tmp_path, lheo(session_xml(), session_xml("S2")))
    run = bring(known, tmp_path, lheo(session_xml()))
    assert figures(run) == (0, 0, 4, 0)
    assert run.details["sessions"]["absent"] == 1
    assert "« S2 »" in reasons(known, run)
    with known.session() as session:
        assert len(session.scalars(select(TrainingSession)).all()) == 2


def test_a_file_of_another_formation_says_nothing_of_the_first(
    known: Database, tmp_path: Path
) -> None:
    bring(known, tmp_path, lheo(session_xml()))
    run = bring(known, tmp_path, lheo(session_xml(), numero="F2"))
    assert told(known, run) == []


def test_a_confirmed_session_is_dated_without_being_changed(
    known: Database, tmp_path: Path
) -> None:
    bring(known, tmp_path, lheo(session_xml(start=200, end=300)))
    with clock.frozen_at(clock.now() + timedelta(days=2)):
        text = lheo(session_xml(start=198, end=298))
        assert figures(bring(known, tmp_path, text)) == (0, 0, 4, 0)
    with known.session() as session:
        found = only_session(session)
        assert found.last_confirmed_at - found.first_seen_at >= timedelta(days=2)


def test_a_formation_without_a_title_does_not_stop_the_others(
    known: Database, tmp_path: Path
) -> None:
    good = lheo(session_xml(), numero="F2")
    start = good.index("<formation"), good.index("</offres>")
    bad = good[start[0] : start[1]].replace("Ouvrier routier", " ").replace("F2", "F1")
    run = bring(known, tmp_path, good.replace("<offres>", f"<offres>{bad}"))
    assert figures(run) == (4, 0, 0, 1)
    assert "pas d’intitulé" in reasons(known, run)


def test_html_in_texts_becomes_plain_text(known: Database, tmp_path: Path) -> None:
    html = "&lt;p&gt;Poser &lt;b&gt;des&lt;/b&gt; bordures.&lt;/p&gt;&lt;p&gt;R&amp;amp;D&lt;/p&gt;"
    bring(known, tmp_path, lheo(session_xml(), objective=html))
    with known.session() as session:
        objective = session.scalars(select(TrainingProgram.objective)).one()
        assert objective == "Poser des bordures.\nR&D"


def test_an_archive_of_several_files(known: Database, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", lheo(session_xml(), version="2.2"))
        archive.writestr("b.xml", lheo(session_xml(), numero="F2"))
    run = import_with(known, ImportKind.CATALOGUE, path)
    assert figures(run) == (7, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "title", "start"),
    [
        ("exemple-bts-onisep.xml", "BTS négociation et relation client", "2015-09-01"),
        ("exemple-conseiller.xml", "Titre professionnel conseiller(ère) en insertion pro", "2008"),
        ("exemple-conseiller-insertion.xml", "Titre professionnel conseiller(ère)", "2008-04-14"),
        ("exemple-photographe.xml", "CAP photographe", "2004-06-21"),
        ("intercarif-data-test.xml", "Développeur web", "2017-10-30"),
        ("intercarif-data-test-old.xml", "Développeur web", "2017-10-30"),
    ],
)
def test_the_real_samples_of_1_3_and_2_2(
    database: Database, shared_data: Path, name: str, title: str, start: str
) -> None:
    path = shared_data / "lheo" / name
    first = import_with(database, ImportKind.CATALOGUE, path)
    assert (first.changed, first.rejected) == (0, 0)
    assert first.created >= 3
    second = import_with(database, ImportKind.CATALOGUE, path)
    assert figures(second) == (0, 0, first.created, 0)
    with database.session() as session:
        assert session.scalars(select(TrainingProgram.title)).one().startswith(title)
        assert only_session(session).start.isoformat().startswith(start)
