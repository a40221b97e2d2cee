"""A tiny ROME 4.0, in the form of the official files, to be changed by each test."""

from __future__ import annotations

import csv
import io
import zipfile
from copy import deepcopy
from pathlib import Path

Table = list[list[str]]

_TABLES: dict[str, Table] = {
    "referentiel_code_rome": [
        ["code_rome", "code_ogr", "libelle_rome", "emploi_reglemente", "code_rome_parent"],
        ["F1702", "1", "Constructeur / Constructrice de routes", "N", "F1702"],
        ["F1703", "2", "Maçon / Maçonne", "", "F1703"],
        ["J1501", "3", "Aide-soignant / Aide-soignante", "O", "J1501"],
    ],
    "referentiel_appellation": [
        ["code_ogr", "libelle_appellation_long", "code_rome"],
        ["10", "Constructeur / Constructrice de routes", "F1702"],
        ["11", "Ouvrier / Ouvrière d'enrobés", "F1702"],
        ["12", "Maçon / Maçonne", "F1703"],
        ["13", "Aide-soignant / Aide-soignante", "J1501"],
    ],
    "referentiel_competence": [
        ["code_ogr", "nature", "libelle_competence", "code_ogr_macro_comp", "cat_comp"],
        ["100", "Compétence", "Niveler un sol", "300", "Savoir-faire"],
        ["101", "Compétence", "Monter un mur en parpaings", "300", "Savoir-faire"],
        ["102", "Compétence", "Faire preuve d'autonomie", "301", "Savoir-être professionnel"],
        ["300", "Macro-compétence", "Réaliser un ouvrage", "", "Savoir-faire"],
        ["301", "Macro-compétence", "Travailler avec les autres", "", "Savoir-être professionnel"],
    ],
    "referentiel_savoir": [
        ["code_ogr_savoir", "libelle_savoir"],
        ["200", "Règles de sécurité d'un chantier"],
        ["201", "Lecture de plans"],
    ],
    "coherence_item": [
        ["code_rome", "code_ogr", "coeur_metier"],
        ["F1702", "100", "Principale"],
        ["F1702", "200", ""],
        ["F1703", "101", "Principale"],
        ["F1703", "102", "Émergente"],
        ["F1703", "900", ""],
    ],
    "referentiel_contexte_travail": [["code_ogr", "libelle"], ["900", "En hauteur"]],
    "rubrique_mobilite": [
        ["code_rome", "code_rome_cible", "numero_ordre"],
        ["F1702", "F1703", "1"],
        ["F1703", "F1702", "2"],
    ],
    "texte": [
        ["code_rome", "libelle_type_texte", "position_phrase", "libelle_texte"],
        ["F1702", "definition", "2", "Entretient les trottoirs."],
        ["F1702", "definition", "1", "Construit des routes."],
        ["F1702", "acces_metier", "1", "Accessible sans diplôme."],
    ],
}
ITEMS = 1 + 2 + 7 + 3 + 4 + 4 + 2  # version, groups, skills, occupations, titles, links, mobilities


class MiniRome:
    """The tables of a version; ``folder`` and ``zip`` write them."""

    def __init__(self, version: str = "60") -> None:
        self.version = version
        self.tables = deepcopy(_TABLES)

    def without(self, stem: str, *codes: str) -> MiniRome:
        """Remove the rows where a cell is one of the codes."""
        header, *rows = self.tables[stem]
        self.tables[stem] = [header, *(r for r in rows if not set(r) & set(codes))]
        return self

    def add(self, stem: str, *row: str) -> MiniRome:
        """Add a row."""
        self.tables[stem].append(list(row))
        return self

    def files(self) -> dict[str, bytes]:
        """Contents by official file name."""
        found = {
            f"unix_{stem}_v4{self.version}_utf8.csv": _csv(table)
            for stem, table in self.tables.items()
        }
        text = f"Numero de version : {self.version}\n\nDate de publication : 18/09/2025\n"
        found["version.txt"] = text.encode()
        return found

    def folder(self, path: Path) -> Path:
        """Write the files in a new folder."""
        path.mkdir()
        for name, content in self.files().items():
            (path / name).write_bytes(content)
        return path

    def zip(self, path: Path, prefix: str = "") -> Path:
        """Write the files in a zip."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files().items():
                archive.writestr(prefix + name, content)
        return path


def _csv(table: Table) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    return text.getvalue().encode()
