"""The trades of the official ROME open data, as published. No mobility is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from matching.files import read_csv
from matching.records import Skill
from matching.rome import CORE, KNOWLEDGE, LINKS, OCCUPATIONS, read_skills, rome_file
from matching.transfer.trades import Nomenclature, Trade

_TITLES = "unix_referentiel_appellation"
_TEXTS = "unix_texte"
_DEFINITION = "definition"


def read_trades(folder: Path) -> Nomenclature:
    """The occupations of ROME with their skills, titles and definition. Raises ``FileError``.

    Contexts of work are left out: the application does not hold them.
    """
    skills = read_skills(folder)
    core, others, knowledge = _links(folder, skills)
    titles, texts = _titles(folder), _definitions(folder)
    columns = ("code_rome", "libelle_rome", "code_rome_parent")
    rows = [row for _, row in read_csv(rome_file(folder, OCCUPATIONS), columns)]
    trades = [
        Trade(
            code=row["code_rome"],
            label=row["libelle_rome"],
            core=tuple(core[row["code_rome"]]),
            others=tuple(others[row["code_rome"]]),
            knowledge=tuple(knowledge[row["code_rome"]]),
            titles=tuple(titles[row["code_rome"]]),
            text=" ".join(texts[row["code_rome"]]),
            parent=row["code_rome_parent"] or None,
        )
        for row in rows
    ]
    return Nomenclature.of(trades, skills.values())


Lists = defaultdict[str, list[str]]


def _links(folder: Path, skills: Mapping[str, Skill]) -> tuple[Lists, Lists, Lists]:
    """Core skills, other skills and knowledge of each code, in the order of the file."""
    known = {
        row["code_ogr_savoir"]
        for _, row in read_csv(rome_file(folder, KNOWLEDGE), ("code_ogr_savoir",))
    }
    core, others, knowledge = Lists(list), Lists(list), Lists(list)
    columns = ("code_rome", "code_ogr", "coeur_metier")
    for _, row in read_csv(rome_file(folder, LINKS), columns):
        item = row["code_ogr"]
        if item in known:
            knowledge[row["code_rome"]].append(item)
        elif item in skills:
            (core if row["coeur_metier"] == CORE else others)[row["code_rome"]].append(item)
    return core, others, knowledge


def _titles(folder: Path) -> Lists:
    found = Lists(list)
    columns = ("code_rome", "libelle_appellation_long")
    for _, row in read_csv(rome_file(folder, _TITLES), columns):
        found[row["code_rome"]].append(row["libelle_appellation_long"])
    return found


def _definitions(folder: Path) -> Lists:
    found = Lists(list)
    columns = ("code_rome", "libelle_type_texte", "libelle_texte")
    for _, row in read_csv(rome_file(folder, _TEXTS), columns):
        if row["libelle_type_texte"] == _DEFINITION:
            found[row["code_rome"]].append(row["libelle_texte"])
    return found
