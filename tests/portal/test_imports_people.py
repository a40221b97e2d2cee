"""People of a Département: what a file brings, completes, asks, and may never carry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.imports.base import RefusedFileError
from portal.imports.people_nir import is_nir_heading, nir_in
from portal.imports.report import neutralise
from portal.models import (
    AssertionSource,
    ContactPreference,
    Credential,
    DuplicateCandidate,
    ImportKind,
    ImportRun,
    OrganisationKind,
    PastTrade,
    Person,
    PersonStatus,
    Referral,
    Role,
    SkillAssertion,
    StatusCode,
    StatusSource,
)
from tests.support.factories import Factory
from tests.support.import_files import (
    HEADINGS,
    build_reference,
    import_with,
    people_csv,
    person_row,
    reasons,
    told,
)
from tests.support.imports import figures, row_counts


def with_key(body: str) -> str:
    """A number of the right shape with its key."""
    digits = body.replace(" ", "")
    return f"{digits}{97 - int(digits) % 97:02}"


@pytest.fixture
def owner(database: Database) -> int:
    """A Département that imports, in a database with a small reference."""
    return departement(database)


def departement(database: Database) -> int:
    build_reference(database)
    with database.transaction() as session:
        identity: int = Factory(session).organisation(OrganisationKind.DEPARTEMENT).id
    return identity


def bring(
    database: Database,
    folder: Path,
    owner: int,
    *rows: Mapping[str, str],
    data: bytes | None = None,
    **options: object,
) -> ImportRun:
    path = folder / "personnes.csv"
    path.write_bytes(people_csv(*rows).encode() if data is None else data)
    return import_with(database, ImportKind.PEOPLE, path, organisation_id=owner, **options)


def only_person(session: Session) -> Person:
    return session.scalars(select(Person)).one()


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


def test_a_look_alike_is_asked_not_created(any_database: Database, tmp_path: Path) -> None:
    owner = departement(any_database)
    bring(any_database, tmp_path, owner, person_row())
    again = person_row(Identifiant="AUTRE-9", Nom="LEMOINE", Téléphone="")
    run = bring(any_database, tmp_path, owner, again)
    assert run.details["personnes"] == {"read": 1, "rejected": 1}
    assert run.details["ressemblances à décider"] == {"created": 1}
    assert "Ressemblances à décider" in reasons(any_database, run)
    second = bring(any_database, tmp_path, owner, again)
    assert figures(second) == (0, 0, 1, 1)
    with any_database.session() as session:
        assert len(session.scalars(select(Person)).all()) == 1
        candidate = session.scalars(select(DuplicateCandidate)).one()
        assert candidate.person_id == only_person(session).id
        assert candidate.external_ref == "AUTRE-9"


def test_the_same_phone_under_swapped_names_is_asked(
    database: Database, owner: int, tmp_path: Path
) -> None:
    bring(database, tmp_path, owner, person_row())
    swapped = person_row(Identifiant="X", Nom="Zélie", Prénom="Lemoine", Date_de_naissance="")
    assert bring(database, tmp_path, owner, swapped).rejected == 1


def test_a_homonym_born_another_day_is_someone_else(
    database: Database, owner: int, tmp_path: Path
) -> None:
    other = person_row(Identifiant="D-2", Date_de_naissance="01/01/1980", Téléphone="")
    assert figures(bring(database, tmp_path, owner, person_row(), other)) == (2, 0, 0, 0)


def test_two_rows_of_one_file_that_look_alike_are_asked(
    database: Database, owner: int, tmp_path: Path
) -> None:
    run = bring(database, tmp_path, owner, person_row(), person_row(Identifiant="D-2"))
    assert run.details["personnes"] == {"read": 2, "created": 1, "rejected": 1}
    with database.session() as session:
        candidate = session.scalars(select(DuplicateCandidate)).one()
        assert candidate.external_ref == "D-2"


def test_people_of_another_family_are_not_compared(
    database: Database, owner: int, tmp_path: Path
) -> None:
    with database.transaction() as session:
        elsewhere = Factory(session).organisation(OrganisationKind.DEPARTEMENT).id
    bring(database, tmp_path, elsewhere, person_row())
    assert figures(bring(database, tmp_path, owner, person_row())) == (1, 0, 0, 0)


def test_a_person_of_a_service_below_is_compared(
    database: Database, owner: int, tmp_path: Path
) -> None:
    with database.transaction() as session:
        make = Factory(session)
        mds = make.organisation(OrganisationKind.MDS, parent_id=owner)
        make.person(
            owner=mds, first_name="Zélie", last_name="Lemoine", birth_date=date(1990, 3, 12)
        )
    assert bring(database, tmp_path, owner, person_row()).rejected == 1


# Social security numbers


@pytest.mark.parametrize(
    "heading",
    ["NIR", "N° Sécurité sociale", "Numéro de sécu", "NIRPP", "numero_ss", "N° INSEE", "NSS"],
)
def test_a_heading_that_announces_a_nir_refuses_the_file(
    database: Database, owner: int, tmp_path: Path, heading: str
) -> None:
    assert is_nir_heading(heading)
    data = f"Identifiant;Nom;Prénom;{heading}\n1;Lemoine;Zélie;\n".encode()
    refused(database, tmp_path, owner, data)


@pytest.mark.parametrize(
    "heading", ["Code INSEE", "Commune INSEE", "Secours", "Finir", "Numéro INSEE commune"]
)
def test_other_headings_are_not_mistaken_for_it(heading: str) -> None:
    assert not is_nir_heading(heading)


def test_one_number_with_its_key_refuses_the_file(
    database: Database, owner: int, tmp_path: Path
) -> None:
    number = with_key("2900362041123")
    rows = [f"{n};Nom{n};Prénom;" for n in range(50)]
    rows[30] = f"30;Lemoine;Zélie;voir {number[:1]} {number[1:3]} {number[3:]}"
    data = ("Identifiant;Nom;Prénom;Note\n" + "\n".join(rows) + "\n").encode()
    message = refused(database, tmp_path, owner, data)
    assert "« Note »" in message
    assert number[3:] not in message


def test_three_numbers_without_key_refuse_the_file(
    database: Database, owner: int, tmp_path: Path
) -> None:
    rows = "\n".join(f"290036204112{n};Nom;Prénom{n}" for n in range(3))
    refused(database, tmp_path, owner, f"Identifiant;Nom;Prénom\n{rows}\n".encode())


def test_a_short_file_with_one_in_each_row_is_refused(
    database: Database, owner: int, tmp_path: Path
) -> None:
    data = "Identifiant;Nom;Prénom;Réf\n1;Lemoine;Zélie;2900362041123\n".encode()
    refused(database, tmp_path, owner, data)


def test_a_lone_number_that_looks_so_is_not_stored(
    database: Database, owner: int, tmp_path: Path
) -> None:
    rows = [person_row(Identifiant="2900362041123", Nom="Seule")]
    rows += [person_row(Identifiant=f"D-{n}", Nom=f"Nom {'abc'[n]}") for n in range(3)]
    run = bring(database, tmp_path, owner, *rows)
    assert figures(run) == (3, 0, 0, 1)
    assert "ressemble à un numéro de sécurité sociale" in reasons(database, run)
    assert "2900362041123" not in reasons(database, run)


def refused(database: Database, folder: Path, owner: int, data: bytes) -> str:
    before = row_counts(database)
    with pytest.raises(RefusedFileError, match="sécurité sociale") as caught:
        bring(database, folder, owner, data=data)
    assert row_counts(database) == before
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (with_key("2900362041123"), "sure"),
        (with_key("1851278006084"), "sure"),
        ("2 90 03 62 041 123", "doubtful"),
        ("2900362041123" + "00", None),
        ("290032A041123", "doubtful"),
        ("0612345678", None),
        ("30059912300183", None),
        ("9999999999999", None),
        ("2901362041123", None),
        ("réf 12-2024-000123", None),
    ],
)
def test_what_looks_like_a_nir(text: str, found: str | None) -> None:
    assert nir_in(text) == found


def test_a_corsican_number_has_its_own_key() -> None:
    key = 97 - int("2900319041123") % 97
    assert nir_in(f"290032A041123{key:02}") == "sure"


# Reports


def test_a_formula_in_a_cell_is_harmless_in_the_report(
    database: Database, owner: int, tmp_path: Path
) -> None:
    """T-SEC-08."""
    row = person_row(Métiers='=HYPERLINK("http://exemple.test")')
    run = bring(database, tmp_path, owner, row)
    assert reasons(database, run)
    assert all(neutralise(reason)[:1] not in "=+-@" for _, _, reason in told(database, run))


def test_the_report_repeats_no_long_number(database: Database, owner: int, tmp_path: Path) -> None:
    run = bring(database, tmp_path, owner, person_row(Métiers="maçon 06 12 34 56 78"))
    assert "06 12 34" not in reasons(database, run)


def test_a_file_needs_an_owner(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "personnes.csv"
    path.write_text(people_csv(person_row()))
    with pytest.raises(RefusedFileError, match="appartient à une structure"):
        import_with(database, ImportKind.PEOPLE, path)


def test_status_dates_are_brought_up_to_date(
    database: Database, owner: int, tmp_path: Path
) -> None:
    bring(database, tmp_path, owner, person_row(Statut="RSA"))
    yesterday = clock.today() - timedelta(days=1)
    row = {**person_row(Statut="RSA"), "Fin statut": yesterday.isoformat()}
    data = people_csv(row, headings=(*HEADINGS, "Fin statut")).encode()
    assert figures(bring(database, tmp_path, owner, data=data)) == (0, 1, 0, 0)
    with database.session() as session:
        status = session.scalars(select(PersonStatus)).one()
        assert status.end == yesterday
