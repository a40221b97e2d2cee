"""People of a Département: what a file brings and completes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from portal import clock
from portal.db import Database
from portal.models import (
    AssertionSource,
    ContactPreference,
    Credential,
    ImportKind,
    OrganisationKind,
    PastTrade,
    PersonStatus,
    Referral,
    Role,
    SkillAssertion,
    StatusCode,
    StatusSource,
)
from tests.portal.imports_people.support import bring, departement, only_person
from tests.support.factories import Factory
from tests.support.import_files import (
    HEADINGS,
    import_with,
    people_csv,
    person_row,
    reasons,
    told,
)
from tests.support.imports import figures, row_counts


def test_a_row_is_a_person_with_what_it_says(
    database: Database, owner: int, tmp_path: Path
) -> None:
    run = bring(database, tmp_path, owner, person_row())
    assert figures(run) == (1, 0, 0, 0)
    assert told(database, run) == []
    with database.session() as session:
        person = only_person(session)
        assert (person.full_name, person.external_ref) == ("Zélie Lemoine", "D-001")
        assert (person.birth_date, person.phone) == (date(1990, 3, 12), "0612345678")
        assert person.email == "zelie.lemoine@exemple.test"
        assert (person.commune_code, person.departement_code) == ("62041", "62")
        assert person.contact_preference is ContactPreference.SMS
        statuses = session.scalars(select(PersonStatus).order_by(PersonStatus.code)).all()
        assert [s.code for s in statuses] == [StatusCode.BRSA, StatusCode.DELD]
        assert {(s.start, s.source) for s in statuses} == {
            (date(2025, 2, 1), StatusSource.IMPORT_CAF)
        }
        trades = session.scalars(select(PastTrade.occupation_code).order_by(PastTrade.id)).all()
        assert trades == ["F1702", "F1703"]
        skill = session.scalars(select(SkillAssertion)).one()
        assert (skill.skill_code, skill.level) == ("tp.niveler", 1)
        assert skill.source is AssertionSource.DECLARED
        assert session.scalars(
            select(Credential.type_code).order_by(Credential.type_code)
        ).all() == ["permis_b", "permis_c"]


def test_the_same_file_twice_changes_nothing(any_database: Database, tmp_path: Path) -> None:
    owner = departement(any_database)
    rows = [person_row(), person_row(Identifiant="D-002", Nom="Petit", Téléphone="0611111111")]
    assert figures(bring(any_database, tmp_path, owner, *rows)) == (2, 0, 0, 0)
    before = row_counts(any_database)
    assert figures(bring(any_database, tmp_path, owner, *rows)) == (0, 0, 2, 0)
    assert row_counts(any_database) == {**before, "import_run": 2}


def test_someone_imported_is_followed_by_the_structure(
    database: Database, owner: int, tmp_path: Path
) -> None:
    bring(database, tmp_path, owner, person_row())
    with database.session() as session:
        referral = session.scalars(select(Referral)).one()
        assert (referral.organisation_id, referral.account_id) == (owner, None)


def test_a_referent_of_the_family_leads(database: Database, owner: int, tmp_path: Path) -> None:
    with database.transaction() as session:
        make = Factory(session)
        mds = make.organisation(OrganisationKind.MDS, parent_id=owner)
        referent = make.account(Role.REFERENT, mds, email="camille.referent@exemple.test")
        stranger = make.account(Role.REFERENT, email="autre.referent@exemple.test")
    rows = [
        {**person_row(), "Référent": referent.email},
        {**person_row(Identifiant="D-2", Nom="Petit", Téléphone=""), "Référent": stranger.email},
    ]
    data = people_csv(*rows, headings=(*HEADINGS, "Référent")).encode()
    run = bring(database, tmp_path, owner, data=data)
    assert "n’a pas de compte dans la structure" in reasons(database, run)
    with database.session() as session:
        found = {r.account_id: r.organisation_id for r in session.scalars(select(Referral))}
        assert found == {referent.id: mds.id, None: owner}


def test_what_was_corrected_here_stays_until_the_row_changes(
    database: Database, owner: int, tmp_path: Path
) -> None:
    bring(database, tmp_path, owner, person_row())
    with database.transaction() as session:
        only_person(session).phone = "0699999999"
    assert figures(bring(database, tmp_path, owner, person_row())) == (0, 0, 1, 0)
    changed = person_row(Courriel="zelie@exemple.test", Téléphone="")
    assert figures(bring(database, tmp_path, owner, changed)) == (0, 1, 0, 0)
    with database.session() as session:
        person = only_person(session)
        assert (person.email, person.phone) == ("zelie@exemple.test", "0699999999")


def test_a_known_fact_is_never_taken_away(database: Database, owner: int, tmp_path: Path) -> None:
    bring(database, tmp_path, owner, person_row())
    with database.transaction() as session:
        session.add(
            SkillAssertion(
                person_id=only_person(session).id,
                skill_code="tp.niveler",
                level=3,
                source=AssertionSource.OBSERVED,
                asserted_on=clock.today(),
            )
        )
    bring(database, tmp_path, owner, person_row(Métiers="", Compétences="Niveler un sol"))
    with database.session() as session:
        assert len(session.scalars(select(PastTrade)).all()) == 2
        assert set(session.scalars(select(SkillAssertion.level))) == {1, 3}


def test_someone_who_objected_is_not_brought_back(
    database: Database, owner: int, tmp_path: Path
) -> None:
    bring(database, tmp_path, owner, person_row())
    with database.transaction() as session:
        only_person(session).objected_at = clock.now()
    assert figures(bring(database, tmp_path, owner, person_row(Nom="Autre"))) == (0, 0, 1, 0)
    with database.session() as session:
        assert only_person(session).last_name == "Lemoine"


@pytest.mark.parametrize(
    ("cells", "field", "words"),
    [
        ({"Date_de_naissance": "31/02/1990"}, "Date de naissance", "n’est pas une date"),
        ({"Date_de_naissance": "01/01/2024"}, "Date de naissance", "n’est pas possible"),
        ({"Téléphone": "12"}, "Téléphone", "n’est pas complet"),
        ({"Courriel": "zelie"}, "Courriel", "n’est pas complète"),
        ({"Commune": "Nulle-Part"}, "Commune", "n’est pas connue ici"),
        ({"Statut": "Bizarre"}, "Statut", "n’est pas un statut connu"),
        ({"Début_statut": ""}, "Statut", "sans date de début"),
        ({"Source": "voisin"}, "Source", "n’est pas une source connue"),
        ({"Métiers": "truc"}, "Métiers", "métier à préciser"),
        ({"Compétences": "faire des trucs"}, "Compétences", "savoir-faire à préciser"),
        ({"Permis": "permis de construire"}, "Permis", "n’est pas un permis"),
        ({"Contact_préféré": "pigeon"}, "Contact préféré", "n’est pas un moyen de contact"),
    ],
)
def test_a_wrong_cell_is_left_empty_and_said(
    database: Database, owner: int, tmp_path: Path, cells: dict[str, str], field: str, words: str
) -> None:
    run = bring(database, tmp_path, owner, person_row(**cells))
    assert figures(run) == (1, 0, 0, 0)
    assert run.details["personnes"]["remarks"] == 1
    ((line, where, reason),) = told(database, run)
    assert (line, where) == (2, field)
    assert words in reason


@pytest.mark.parametrize("column", ["Identifiant", "Nom", "Prénom"])
def test_a_row_without_its_key_or_name_is_rejected_alone(
    database: Database, owner: int, tmp_path: Path, column: str
) -> None:
    rows = [person_row(**{column: ""}), person_row(Identifiant="D-2")]
    run = bring(database, tmp_path, owner, *rows)
    assert figures(run) == (1, 0, 0, 1)
    assert told(database, run)[0][:2] == (2, column)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_encodings_and_separators_are_recognised(
    database: Database, owner: int, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    data = people_csv(person_row(), delimiter=delimiter).encode(encoding)
    assert figures(bring(database, tmp_path, owner, data=data)) == (1, 0, 0, 0)
    with database.session() as session:
        assert only_person(session).first_name == "Zélie"


def test_a_workbook_is_read_as_it_shows(database: Database, owner: int, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*HEADINGS, None])
    values: list[object] = list(person_row(Identifiant="1042").values())
    values[0], values[3], values[4], values[6] = 1042, date(1990, 3, 12), 612345678, 62000
    sheet.append(values)
    sheet.append([None] * len(HEADINGS))
    path = tmp_path / "personnes.xlsx"
    book.save(path)
    run = import_with(database, ImportKind.PEOPLE, path, organisation_id=owner)
    assert figures(run) == (1, 0, 0, 0)
    with database.session() as session:
        person = only_person(session)
        assert (person.external_ref, person.phone) == ("1042", "0612345678")
        assert (person.birth_date, person.commune_code) == (date(1990, 3, 12), "62041")


def test_columns_chosen_on_screen_stand_over_their_headings(
    database: Database, owner: int, tmp_path: Path
) -> None:
    data = "A;B;C;D\n7;Lemoine;Zélie;secret\n".encode()
    columns = {"external_ref": "A", "last_name": "B", "first_name": "C"}
    run = bring(database, tmp_path, owner, data=data, columns=columns)
    assert figures(run) == (1, 0, 0, 0)
    with database.session() as session:
        assert "secret" not in str(vars(only_person(session)))


def test_yes_in_a_column_says_what_its_heading_names(
    database: Database, owner: int, tmp_path: Path
) -> None:
    data = "Identifiant;Nom;Prénom;Permis B\n1;Lemoine;Zélie;Oui\n2;Petit;Léo;Non\n".encode()
    columns = {
        "external_ref": "Identifiant",
        "last_name": "Nom",
        "first_name": "Prénom",
        "credentials": "Permis B",
    }
    run = bring(database, tmp_path, owner, data=data, columns=columns)
    assert told(database, run) == []
    with database.session() as session:
        assert session.scalars(select(Credential.type_code)).all() == ["permis_b"]
