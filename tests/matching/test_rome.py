"""Taxonomies: the two-file folder, and the official ROME open data."""

from __future__ import annotations

from pathlib import Path

import pytest

from matching import Occupation, Skill
from matching.files import FileError
from matching.rome import load_taxonomy

OFFICIAL = {
    "unix_referentiel_code_rome_v460_utf8.csv": (
        '"code_rome","code_ogr","libelle_rome"\n"F1702","1","Routes"\n"F1701","2","Béton"\n'
    ),
    "unix_referentiel_competence_v460_utf8.csv": (
        '"code_ogr","nature","libelle_competence","code_ogr_macro_comp"\n'
        '"10","Compétence","Poser des pavés","90"\n'
        '"90","Macro-compétence","Réaliser des revêtements",""\n'
    ),
    "unix_referentiel_savoir_v460_utf8.csv": (
        '"code_ogr_savoir","libelle_savoir"\n"50","Lecture de plan"\n'
    ),
    "unix_coherence_item_v460_utf8.csv": (
        '"code_rome","code_ogr","coeur_metier"\n'
        '"F1702","50","Principale"\n"F1702","10","Principale"\n'
        '"F1702","11","Émergente"\n"F1702","12",""\n'
    ),
    "unix_rubrique_mobilite_v460_utf8.csv": (
        '"code_rome","code_rome_cible","numero_ordre"\n"F1702","K2204","10"\n"F1702","F1701","2"\n'
    ),
}


@pytest.fixture
def official(tmp_path: Path) -> Path:
    for name, text in OFFICIAL.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_official_folder_gives_groups_core_skills_and_neighbours(official: Path) -> None:
    taxonomy = load_taxonomy(official)
    assert taxonomy.skills == {
        "10": Skill("10", "Poser des pavés", "90"),
        "90": Skill("90", "Réaliser des revêtements", None),
        "50": Skill("50", "Lecture de plan", None),
    }
    assert taxonomy.occupations == {
        "F1702": Occupation("F1702", "Routes", ("50", "10"), ("F1701", "K2204")),
        "F1701": Occupation("F1701", "Béton"),
    }


def test_the_highest_version_of_the_official_files_is_read(official: Path) -> None:
    newer = '"code_rome","code_ogr","libelle_rome"\n"F1702","1","Routes et pistes"\n'
    (official / "unix_referentiel_code_rome_v461_utf8.csv").write_text(newer)
    assert load_taxonomy(official).occupations["F1702"].label == "Routes et pistes"


@pytest.mark.parametrize("name", OFFICIAL)
def test_an_official_folder_with_a_file_missing_is_refused(official: Path, name: str) -> None:
    (official / name).unlink()
    with pytest.raises(FileError, match=name.split("_v")[0]):
        load_taxonomy(official)


def test_a_mobility_without_rank_is_refused_with_its_line(official: Path) -> None:
    path = official / "unix_rubrique_mobilite_v460_utf8.csv"
    path.write_text(path.read_text() + '"F1701","F1702",""\n')
    with pytest.raises(FileError, match="ligne 4\u00a0: 'numero_ordre'"):
        load_taxonomy(official)


def test_the_two_file_folder_wins_and_lists_are_joined_by_a_bar(official: Path) -> None:
    (official / "skills.csv").write_text("skill,label,group\na,Un,g\nb,Deux,\n")
    (official / "occupations.csv").write_text(
        "occupation,label,core_skills,neighbours\nX1,Un,a|b,X2\nX2,Deux,,\n"
    )
    taxonomy = load_taxonomy(official)
    assert taxonomy.skills == {"a": Skill("a", "Un", "g"), "b": Skill("b", "Deux", None)}
    assert taxonomy.occupations == {
        "X1": Occupation("X1", "Un", ("a", "b"), ("X2",)),
        "X2": Occupation("X2", "Deux"),
    }


@pytest.mark.shared_data
def test_rome_60_is_read_in_full(shared_data: Path) -> None:
    taxonomy = load_taxonomy(shared_data / "rome")
    assert len(taxonomy.occupations) == 1584
    assert len(taxonomy.skills) == 17810 + 507 + 15354
    assert sum(len(o.core_skills) for o in taxonomy.occupations.values()) == 18900
    assert sum(len(o.neighbours) for o in taxonomy.occupations.values()) == 14912
    assert all(s in taxonomy.skills for o in taxonomy.occupations.values() for s in o.core_skills)
    groups = {skill.group for skill in taxonomy.skills.values()} - {None}
    assert len(groups) > 400
    assert groups <= taxonomy.skills.keys()


@pytest.mark.shared_data
def test_the_communes_of_france_are_read(shared_data: Path) -> None:
    from matching.files import read_communes

    communes = {c.code: c for c in read_communes(shared_data / "geo" / "communes.csv")}
    assert 34_000 < len(communes) <= 34_969
    assert communes["62041"].latitude == pytest.approx(50.29, abs=0.02)
