"""Offers of France Travail: the three shapes of the file, what is kept, what is assumed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    Commune,
    Confidentiality,
    ContractKind,
    Establishment,
    ImportKind,
    ImportRun,
    JobOffer,
    OfferState,
    Organisation,
    OrganisationKind,
    RequirementKind,
)
from portal.offers.freshness import expire_stale_offers
from tests.support.factories import Factory
from tests.support.import_files import (
    build_reference,
    import_with,
    json_lines,
    offer,
    reasons,
    told,
)
from tests.support.imports import figures, import_file, row_counts


@pytest.fixture
def known(database: Database) -> Database:
    """A database with a small reference."""
    build_reference(database)
    return database


def bring(
    database: Database, folder: Path, *offers: Any, text: str | None = None, **options: Any
) -> ImportRun:
    path = folder / "offres.jsonl"
    path.write_text(json_lines(*offers) if text is None else text, encoding="utf-8")
    return import_with(database, ImportKind.OFFERS, path, **options)


def only_offer(session: Session) -> JobOffer:
    return session.scalars(select(JobOffer)).one()


def test_an_offer_and_what_it_asks(known: Database, tmp_path: Path) -> None:
    run = bring(known, tmp_path, offer())
    assert figures(run) == (1, 0, 0, 0)
    with known.session() as session:
        found = only_offer(session)
        assert (found.external_ref, found.occupation_code) == ("100ABC", "F1702")
        assert (found.commune_code, found.departement_code) == ("62041", "62")
        assert (found.contract, found.duration_months) == (ContractKind.CDD, 6)
        assert (found.weekly_hours, found.posts) == (37.5, 2)
        assert found.pay_text == "Mensuel de 1900 Euros"
        assert found.state is OfferState.OPEN
        assert found.confidentiality is Confidentiality.PUBLIC
        assert found.organisation.kind is OrganisationKind.FRANCE_TRAVAIL
        assert found.establishment is not None
        assert found.establishment.name == "Routes d’essai"
        asked = [(row.kind, row.skill_code or row.credential_code) for row in found.requirements]
        assert asked == [
            (RequirementKind.DAY_ONE, "permis_b"),
            (RequirementKind.DAY_ONE, "tp.niveler"),
        ]
    assert told(known, run) == [
        (
            1,
            "competences",
            "« Chose inconnue » (999999) n’est pas dans le ROME importé : "
            "l’exigence est laissée de côté.",
        )
    ]


def test_what_is_assumed_counts_from_the_import(known: Database, tmp_path: Path) -> None:
    bring(known, tmp_path, offer(dateActualisation="2022-11-01T07:21:13.000Z"))
    with known.session() as session:
        found = only_offer(session)
        assert found.start_wanted == clock.today() + timedelta(days=7)
        assert found.start_latest == clock.today() + timedelta(days=45)
        assert found.fresh_until == clock.today() + timedelta(days=30)


def test_the_same_file_twice_changes_nothing(any_database: Database, tmp_path: Path) -> None:
    build_reference(any_database)
    offers = [offer(), offer(id="2", entreprise={}), offer(id="3", lieuTravail={"libelle": "62"})]
    assert figures(bring(any_database, tmp_path, *offers)) == (2, 0, 0, 1)
    before = row_counts(any_database)
    assert figures(bring(any_database, tmp_path, *offers)) == (0, 0, 2, 1)
    after = row_counts(any_database)
    assert after["job_offer"] == before["job_offer"] == 2
    assert after["offer_requirement"] == before["offer_requirement"]
    assert after["establishment"] == before["establishment"] == 1


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"resultats": [offer(), offer(id="2")], "filtresPossibles": []}),
        json.dumps({"filtresPossibles": [{"a": 1}], "resultats": [offer(), offer(id="2")]}),
        json.dumps([offer(), offer(id="2")], indent=1),
        json_lines(offer(), offer(id="2")),
    ],
    ids=["answer of the API", "answer, other order", "list", "JSON Lines"],
)
def test_every_shape_of_the_file_is_read(known: Database, tmp_path: Path, text: str) -> None:
    assert figures(bring(known, tmp_path, text=text)) == (2, 0, 0, 0)


def test_an_import_renews_what_the_file_confirms(known: Database, tmp_path: Path) -> None:
    bring(known, tmp_path, offer(), offer(id="2"))
    with clock.frozen_at(clock.now() + timedelta(days=40)):
        with known.transaction() as session:
            expire_stale_offers(session, clock.today())
        assert figures(bring(known, tmp_path, offer())) == (0, 0, 1, 0)
        with known.session() as session:
            states = {o.external_ref: o.state for o in session.scalars(select(JobOffer))}
            assert states == {"100ABC": OfferState.OPEN, "2": OfferState.TO_CONFIRM}
            renewed = session.scalars(select(JobOffer).filter_by(external_ref="100ABC")).one()
            assert renewed.start_wanted == clock.today() + timedelta(days=7)


def test_what_was_corrected_here_stays_until_the_file_changes(
    known: Database, tmp_path: Path
) -> None:
    bring(known, tmp_path, offer())
    with known.transaction() as session:
        only_offer(session).title = "Constructeur de routes, équipe de Lens"
    assert figures(bring(known, tmp_path, offer())) == (0, 0, 1, 0)
    with known.session() as session:
        assert only_offer(session).title == "Constructeur de routes, équipe de Lens"
    assert figures(bring(known, tmp_path, offer(nombrePostes=3))) == (0, 1, 0, 0)
    with known.session() as session:
        found = only_offer(session)
        assert (found.posts, found.title) == (3, "Constructeur de routes (H/F)")


def test_an_offer_that_an_adviser_took_over_is_left_alone(known: Database, tmp_path: Path) -> None:
    bring(known, tmp_path, offer())
    with known.transaction() as session:
        only_offer(session).adviser_id = Factory(session).account().id
    assert figures(bring(known, tmp_path, offer(nombrePostes=3))) == (0, 0, 1, 0)
    with known.session() as session:
        assert only_offer(session).posts == 2


def test_the_structure_that_imports_keeps_the_offers(known: Database, tmp_path: Path) -> None:
    with known.transaction() as session:
        platform = Factory(session).organisation()
    bring(known, tmp_path, offer(), organisation_id=platform.id)
    with known.session() as session:
        assert only_offer(session).organisation_id == platform.id
        assert session.scalars(select(Organisation.kind)).all() == [OrganisationKind.PLATFORM]


def test_a_requirement_dropped_by_the_file_goes(known: Database, tmp_path: Path) -> None:
    bring(known, tmp_path, offer())
    bring(known, tmp_path, offer(permis=[], competences=offer()["competences"][:1]))
    with known.session() as session:
        rows = only_offer(session).requirements
        assert [row.skill_code for row in rows] == ["tp.niveler"]


def test_a_siret_is_the_key_of_an_employer(known: Database, tmp_path: Path) -> None:
    firm = {"nom": "Routes", "siret": "30059912300183"}
    bring(known, tmp_path, offer(entreprise=firm), offer(id="2", entreprise={**firm, "nom": "R."}))
    with known.session() as session:
        assert session.scalars(select(Establishment.siret)).all() == ["30059912300183"]


@pytest.mark.parametrize(
    ("changes", "contract"),
    [
        ({"typeContrat": "CDI"}, ContractKind.CDI),
        ({"typeContrat": "MIS"}, ContractKind.CTT),
        ({"typeContrat": "SAI"}, ContractKind.SEASONAL),
        ({"typeContrat": "CDD", "natureContrat": "Contrat apprentissage"}, ContractKind.ALTERNANCE),
        ({"typeContrat": "CDD", "natureContrat": "Contrat d’insertion"}, ContractKind.CDDI),
        ({"typeContrat": "XXX"}, None),
    ],
)
def test_contracts(
    known: Database, tmp_path: Path, changes: dict[str, str], contract: ContractKind | None
) -> None:
    bring(known, tmp_path, offer(**changes))
    with known.session() as session:
        assert only_offer(session).contract is contract


@pytest.mark.parametrize(
    ("label", "months"),
    [
        ("Mission intérimaire - 99 Jour(s)", 4),
        ("CDD - 19 Jour(s)", 1),
        ("Intérim - 18 Mois", 18),
        ("CDI", None),
    ],
)
def test_durations(known: Database, tmp_path: Path, label: str, months: int | None) -> None:
    bring(known, tmp_path, offer(typeContratLibelle=label))
    with known.session() as session:
        assert only_offer(session).duration_months == months


def test_an_old_code_is_told_apart_by_the_job_title(known: Database, tmp_path: Path) -> None:
    bring(known, tmp_path, offer(romeCode="F1799", appellationlibelle="Maçon / Maçonne"))
    with known.session() as session:
        assert only_offer(session).occupation_code == "F1703"


def test_an_arrondissement_is_its_commune(known: Database, tmp_path: Path) -> None:
    with known.transaction() as session:
        session.add(Commune(code="75056", name="Paris", search_name="paris", departement_code="75"))
    bring(known, tmp_path, offer(lieuTravail={"libelle": "75 - PARIS 19", "commune": "75119"}))
    with known.session() as session:
        assert only_offer(session).commune_code == "75056"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"romeCode": "Z9999"}, "romeCode", "n’est pas un code ROME"),
        ({"romeCode": None}, "romeCode", "n’a pas de code ROME"),
        ({"romeCode": "A1101"}, "romeCode", "importez d’abord le ROME"),
        ({"lieuTravail": {"libelle": "62 - Pas-de-Calais"}}, "lieuTravail", "pas une commune"),
        ({"lieuTravail": None}, "lieuTravail", "sans lieu"),
        ({"intitule": ""}, "intitule", "pas d’intitulé"),
        ({"id": ""}, "id", "pas d’identifiant"),
        ({"typeContrat": "LIB"}, "typeContrat", "pas un contrat de travail"),
    ],
)
def test_an_offer_nobody_could_be_sent_to_is_rejected_alone(
    known: Database, tmp_path: Path, changes: dict[str, Any], field: str, words: str
) -> None:
    run = bring(known, tmp_path, offer(id="bonne"), offer(**changes))
    assert figures(run) == (1, 0, 0, 1)
    rejected = [row for row in told(known, run) if row[1] == field]
    assert words in rejected[0][2]


def test_an_element_that_is_not_an_offer_is_rejected_alone(known: Database, tmp_path: Path) -> None:
    run = bring(known, tmp_path, offer(), 3, None, ["x"])
    assert figures(run) == (1, 0, 0, 3)
    assert "n’est pas une offre" in reasons(known, run)


def test_contacts_are_not_kept(known: Database, tmp_path: Path) -> None:
    contact = {"nom": "Agence - Mme Ginette Secret", "courriel": "ginette@exemple.test"}
    bring(known, tmp_path, offer(contact=contact, agence=contact))
    with known.session() as session:
        rows = [only_offer(session), *session.scalars(select(Establishment))]
        assert "Ginette" not in " ".join(str(vars(row)) for row in rows)


@pytest.fixture
def rome(whole_rome: Database, shared_data: Path) -> Database:
    """A database with the whole ROME and the communes of France."""
    import_file(whole_rome, ImportKind.COMMUNES, shared_data / "geo" / "communes.csv")
    with whole_rome.transaction() as session:
        Factory(session).credential_type()
    return whole_rome


def test_the_152_real_offers(rome: Database, shared_data: Path) -> None:
    path = shared_data / "offers" / "france_travail_hdf.jsonl"
    first = import_file(rome, ImportKind.OFFERS, path)
    # Nine say « 59 - Nord » for all place.
    assert (first.read, *figures(first)) == (152, 143, 0, 0, 9)
    rejected = [row for row in told(rome, first) if row[1] == "lieuTravail"]
    assert {reason for _, _, reason in rejected} == {
        "Le lieu de travail (« 59 - Nord ») n’est pas une commune connue ici."
    }
    assert figures(import_file(rome, ImportKind.OFFERS, path)) == (0, 0, 143, 9)
    with rome.session() as session:
        offers = session.scalars(select(JobOffer)).all()
        asked = [row for found in offers for row in found.requirements]
        assert sum(row.credential_code == "permis_b" for row in asked) == 12
        assert sum(row.skill_code is not None for row in asked) == 121
