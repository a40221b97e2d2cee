"""Who a row is: look-alikes are asked, and what a file may never carry."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import clock
from portal.db import Database
from portal.imports.base import RefusedFileError
from portal.imports.people_nir import is_nir_heading, nir_in
from portal.imports.report import neutralise
from portal.models import (
    DuplicateCandidate,
    ImportKind,
    OrganisationKind,
    Person,
    PersonStatus,
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


def with_key(body: str) -> str:
    """A number of the right shape with its key."""
    digits = body.replace(" ", "")
    return f"{digits}{97 - int(digits) % 97:02}"


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
