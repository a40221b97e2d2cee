"""Small good files of catalogues, offers and people, to be changed by each test."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.db import Database
from portal.imports.pipeline import run_import
from portal.imports.registry import make_importer
from portal.imports.source import Source
from portal.models import ImportKind, ImportRejection, ImportRun, SkillKind
from tests.support.factories import ARRAS, LENS, MARQUION, Factory

SIRET = "30059912300183"
LHEO = {
    "2.2": "http://www.lheo.org/2.2",
    "2.3": "http://lheo.gouv.fr/2.3",
    "1.3": "http://www.lheo.org/1.3.0",
}


def import_with(database: Database, kind: ImportKind, path: Path, **options: Any) -> ImportRun:
    """Import a file with the options of the screen; the report is the one that was kept."""
    run = run_import(database, make_importer(kind, options), Source.of(path))
    with database.session() as session:
        return session.get_one(ImportRun, run.id)


def told(database: Database, run: ImportRun) -> list[tuple[int | None, str | None, str]]:
    """(line, field, reason) of the report."""
    with database.session() as session:
        rows = session.scalars(
            select(ImportRejection)
            .where(ImportRejection.run_id == run.id)
            .order_by(ImportRejection.line, ImportRejection.id)
        )
        return [(row.line, row.field, row.reason) for row in rows]


def reasons(database: Database, run: ImportRun) -> str:
    """Every reason of the report."""
    return " / ".join(reason for _, _, reason in told(database, run))


def build_reference(database: Database) -> None:
    """Three communes, a trade with two core skills, an attitude, its old code, credentials."""
    with database.transaction() as session:
        make = Factory(session)
        for place in (ARRAS, MARQUION, LENS):
            make.commune(place)
        roads = make.occupation("F1702", "Constructeur / Constructrice de routes")
        roads.parent_code = "F1799"
        make.core_skill(roads, "tp.niveler", label="Niveler un sol")
        make.core_skill(roads, "tp.enrobes", label="Poser des enrobés")
        # No course teaches an attitude: it is never among what is deduced.
        make.core_skill(roads, "etre.ponctuel", label="Être ponctuel").kind = SkillKind.SOFT
        make.occupation("F1703", "Maçon / Maçonne").parent_code = "F1799"
        make.credential_type("permis_b", "Permis B (voiture)")
        make.credential_type("permis_c", "Permis C (poids lourd)")
        make.credential_type("caces_r482_a", "CACES R482 A")
        make.credential_type("aipr_operateur", "AIPR opérateur")


def day(offset: int) -> str:
    """A day from today, as LHEO writes it."""
    return (clock.today() + timedelta(days=offset)).strftime("%Y%m%d")


ADDRESS = (
    "<adresse><codepostal>62000</codepostal><ville>Arras</ville>"
    "<code-INSEE-commune>62041</code-INSEE-commune></adresse>"
)
MEETING = (
    "<info-collective><lieu-deroulement><adresse><ligne>Maison des projets</ligne>"
    "<codepostal>62860</codepostal><ville>Marquion</ville></adresse></lieu-deroulement>"
    "<nb-places>32</nb-places><periode><date-deroulement>{on}</date-deroulement>"
    "<heure-debut>9h</heure-debut><heure-fin>11h30</heure-fin></periode></info-collective>"
)


def session_xml(
    numero: str = "S1", start: int = 30, end: int = 120, state: str = "1", inside: str = ""
) -> str:
    """A session of 2.x."""
    number = f' numero="{numero}"' if numero else ""
    return (
        f"<session{number}><periode><debut>{day(start)}</debut><fin>{day(end)}</fin></periode>"
        f"<adresse-inscription>{ADDRESS}</adresse-inscription>"
        f"<etat-recrutement>{state}</etat-recrutement>{inside}</session>"
    )


def lheo(
    *sessions: str,
    version: str = "2.3",
    title: str = "Ouvrier routier",
    objective: str = "Construire et entretenir des routes.",
    romes: Iterable[str] = ("F1702",),
    numero: str = "F1",
    siret: str = SIRET,
    conditions: str = "Aucune",
    hours: int | None = 400,
    certification: str = "",
) -> str:
    """A catalogue of one formation and one action."""
    codes = "".join(f"<code-ROME>{code}</code-ROME>" for code in romes)
    number = f' numero="{numero}"' if numero else ""
    total = f"<nombre-heures-total>{hours}</nombre-heures-total>" if hours else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><lheo xmlns="{LHEO[version]}"><offres>'
        f"<formation{number}><domaine-formation><code-FORMACODE>22254</code-FORMACODE>{codes}"
        f"</domaine-formation><intitule-formation>{title}</intitule-formation>"
        f"<objectif-formation>{objective}</objectif-formation>"
        "<contenu-formation>Terrassement, enrobés.</contenu-formation>"
        "<certifiante>1</certifiante><contact-formation><coordonnees><civilite>Madame</civilite>"
        "<nom>Dupuis-Secret</nom><prenom>Ginette</prenom></coordonnees></contact-formation>"
        f"{certification}<code-niveau-sortie>13</code-niveau-sortie><action numero='A1'>"
        "<info-public-vise>Tout public</info-public-vise>"
        f"<conditions-specifiques>{conditions}</conditions-specifiques>"
        f"<lieu-de-formation><coordonnees><nom>Dupuis-Secret</nom>{ADDRESS}"
        "<telfixe><numtel>03 21 00 00 00</numtel></telfixe></coordonnees></lieu-de-formation>"
        f"{''.join(sessions)}{total}<organisme-formateur><SIRET-formateur><SIRET>{siret}</SIRET>"
        "</SIRET-formateur><raison-sociale-formateur>Centre d’essai</raison-sociale-formateur>"
        f"<contact-formateur><coordonnees><nom>Dupuis-Secret</nom>{ADDRESS}</coordonnees>"
        "</contact-formateur>"
        "</organisme-formateur></action></formation></offres></lheo>"
    )


def lheo_1_3(start: int = 30, end: int = 120) -> str:
    """A catalogue of version 1.3: no numbers, codes in lists, one action per offer."""
    return (
        f'<lheo xmlns="{LHEO["1.3"]}"><offres><offre-formation><action-formation>'
        "<domaine-formation><codes-FORMACODE><code-FORMACODE>22254</code-FORMACODE>"
        "</codes-FORMACODE><codes-ROME><code-ROME>F1702</code-ROME><code-ROME>42122</code-ROME>"
        "</codes-ROME></domaine-formation><intitule-action>Ouvrier routier</intitule-action>"
        "<objectif-formation>Construire des routes.</objectif-formation><diplomante>1</diplomante>"
        "<contact-offre><coordonnees><nom>Dupuis-Secret</nom></coordonnees></contact-offre>"
        "<code-niveau-sortie>4</code-niveau-sortie></action-formation><organisation-formation>"
        "<conditions-pedagogiques><conditions-specifiques>Permis B exigé</conditions-specifiques>"
        "</conditions-pedagogiques><modalites-acces><lieu-de-formation><coordonnees>"
        f"<ligne>Lycée d’essai</ligne>{ADDRESS}</coordonnees></lieu-de-formation><sessions>"
        f"<session><periode><debut>{day(start)}</debut><fin>{day(end)}</fin></periode></session>"
        "</sessions></modalites-acces><organisation-administrative>"
        "<nombre-heures-total>320</nombre-heures-total></organisation-administrative>"
        "</organisation-formation><organismes><organisme-formation-responsable>"
        f"<SIRET-organisme-formation><SIRET>{SIRET}</SIRET></SIRET-organisme-formation>"
        "<nom-organisme>Centre d’essai</nom-organisme></organisme-formation-responsable>"
        "</organismes></offre-formation></offres></lheo>"
    )


def offer(**values: Any) -> dict[str, Any]:
    """An offer of the API."""
    return {
        "id": "100ABC",
        "intitule": "Constructeur de routes (H/F)",
        "romeCode": "F1702",
        "appellationlibelle": "Constructeur / Constructrice de routes",
        "lieuTravail": {"libelle": "62 - ARRAS", "codePostal": "62000", "commune": "62041"},
        "entreprise": {"nom": "Routes d’essai"},
        "typeContrat": "CDD",
        "typeContratLibelle": "CDD - 6 Mois",
        "dureeTravailLibelle": "37H30 Horaires normaux",
        "salaire": {"libelle": "Mensuel de 1900 Euros"},
        "nombrePostes": 2,
        "competences": [
            {"code": "tp.niveler", "libelle": "Niveler un sol", "exigence": "E"},
            {"code": "999999", "libelle": "Chose inconnue", "exigence": "S"},
        ],
        "permis": [{"libelle": "B - Véhicule léger", "exigence": "E"}],
        **values,
    }


def json_lines(*values: Any) -> str:
    """One value a line."""
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


HEADINGS = (
    "Identifiant",
    "Nom",
    "Prénom",
    "Date de naissance",
    "Téléphone",
    "Courriel",
    "Code postal",
    "Commune",
    "Statut",
    "Début statut",
    "Source",
    "Métiers",
    "Compétences",
    "Permis",
    "Contact préféré",
)
ROW: Mapping[str, str] = {
    "Identifiant": "D-001",
    "Nom": "Lemoine",
    "Prénom": "Zélie",
    "Date de naissance": "12/03/1990",
    "Téléphone": "06 12 34 56 78",
    "Courriel": "Zelie.Lemoine@exemple.test",
    "Code postal": "62000",
    "Commune": "ARRAS",
    "Statut": "RSA ; DELD",
    "Début statut": "01/02/2025",
    "Source": "CAF",
    "Métiers": "Constructeur de routes ; F1703",
    "Compétences": "Niveler un sol (avec aide)",
    "Permis": "B, C",
    "Contact préféré": "SMS",
}


def person_row(**values: str) -> dict[str, str]:
    """A row, with some cells changed (by heading, spaces written « _ »)."""
    return {**ROW, **{name.replace("_", " "): value for name, value in values.items()}}


def people_csv(
    *rows: Mapping[str, str], headings: Sequence[str] = HEADINGS, delimiter: str = ";"
) -> str:
    """A CSV of people."""
    text = io.StringIO()
    writer = csv.DictWriter(
        text, headings, delimiter=delimiter, lineterminator="\r\n", extrasaction="ignore"
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def born(years_ago: int) -> date:
    """A birthday."""
    return clock.today().replace(year=clock.today().year - years_ago, day=1)
