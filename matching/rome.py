"""A taxonomy from a folder: the two-file one, or the official ROME open data as published.

Source of the official layout: France Travail, « ROME 4.0 », files ``unix_*_v*_utf8.csv``.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from matching.files import OCCUPATIONS_FILE, SKILLS_FILE, FileError, read_csv, read_taxonomy
from matching.records import Occupation, Skill, Taxonomy

OCCUPATIONS = "unix_referentiel_code_rome"
COMPETENCES = "unix_referentiel_competence"
KNOWLEDGE = "unix_referentiel_savoir"
LINKS = "unix_coherence_item"
MOBILITIES = "unix_rubrique_mobilite"
CORE = "Principale"


def load_taxonomy(folder: Path) -> Taxonomy:
    """The taxonomy of a folder of either kind. Raises ``FileError``."""
    if (folder / SKILLS_FILE).exists() or (folder / OCCUPATIONS_FILE).exists():
        return read_taxonomy(folder)
    if any(folder.glob("unix_*_v*.csv")):
        return read_rome(folder)
    expected = f"ce dossier n’a ni {SKILLS_FILE} et {OCCUPATIONS_FILE}, ni les fichiers du ROME"
    raise FileError(folder, None, expected)


def read_rome(folder: Path) -> Taxonomy:
    """Skills are the competences (group: their macro-competence) and the knowledge items (no
    group); core skills are the links marked « Principale », in the order of the file;
    neighbours are the mobilities, nearest first. Raises ``FileError``.
    """
    core = _core_skills(folder)
    neighbours = _neighbours(folder)
    occupations = {
        row["code_rome"]: Occupation(
            row["code_rome"],
            row["libelle_rome"],
            tuple(core[row["code_rome"]]),
            tuple(neighbours[row["code_rome"]]),
        )
        for _, row in read_csv(rome_file(folder, OCCUPATIONS), ("code_rome", "libelle_rome"))
    }
    return Taxonomy(read_skills(folder), occupations)


def rome_file(folder: Path, name: str) -> Path:
    """The file of this name in its highest version. Raises ``FileError`` when there is none."""
    versions = sorted(folder.glob(f"{name}_v*.csv"))
    if not versions:
        raise FileError(folder, None, f"il manque le fichier {name}_v…_utf8.csv")
    return versions[-1]


def read_skills(folder: Path) -> dict[str, Skill]:
    """Competences (group: their macro-competence) and knowledge. Raises ``FileError``."""
    columns = ("code_ogr", "libelle_competence", "code_ogr_macro_comp")
    skills = {
        row["code_ogr"]: Skill(
            row["code_ogr"], row["libelle_competence"], row["code_ogr_macro_comp"] or None
        )
        for _, row in read_csv(rome_file(folder, COMPETENCES), columns)
    }
    for _, row in read_csv(rome_file(folder, KNOWLEDGE), ("code_ogr_savoir", "libelle_savoir")):
        code = row["code_ogr_savoir"]
        skills[code] = Skill(code, row["libelle_savoir"])
    return skills


def _core_skills(folder: Path) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    columns = ("code_rome", "code_ogr", "coeur_metier")
    for _, row in read_csv(rome_file(folder, LINKS), columns):
        if row["coeur_metier"] == CORE:
            found[row["code_rome"]].append(row["code_ogr"])
    return found


def _neighbours(folder: Path) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    path = rome_file(folder, MOBILITIES)
    for line, row in read_csv(path, ("code_rome", "code_rome_cible", "numero_ordre")):
        if not row["numero_ordre"].isdecimal():
            raise FileError(path, line, "'numero_ordre'\u00a0: il faut un nombre entier")
        found[row["code_rome"]].append((int(row["numero_ordre"]), row["code_rome_cible"]))
    nearest = {code: [target for _, target in sorted(links)] for code, links in found.items()}
    return defaultdict(list, nearest)
