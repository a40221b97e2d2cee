"""ROME 4.0: in full, replaced by a newer version, linked to our own skills."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.db import Database
from portal.imports.base import RefusedFileError
from portal.models import (
    ImportKind,
    ImportRejection,
    ImportRun,
    LinkState,
    Occupation,
    OccupationNeighbour,
    OccupationSkill,
    OccupationTitle,
    ReferenceOrigin,
    ReferenceVersion,
    Skill,
    SkillGroup,
    SkillKind,
    SkillLink,
    TitleKind,
)
from portal.reference.load import load_starter
from portal.text import fold
from tests.support.factories import Factory
from tests.support.imports import figures, import_file
from tests.support.rome import ITEMS, MiniRome

STARTER, ROME = ReferenceOrigin.STARTER, ReferenceOrigin.ROME


def import_rome(database: Database, path: Path, **values: Any) -> ImportRun:
    return import_file(database, ImportKind.ROME, path, **values)


def test_a_folder_and_its_zip_bring_the_same(any_database: Database, tmp_path: Path) -> None:
    rome = MiniRome()
    assert figures(import_rome(any_database, rome.folder(tmp_path / "rome"))) == (ITEMS, 0, 0, 0)
    zipped = import_rome(any_database, rome.zip(tmp_path / "rome.zip", prefix="RefRomeCsv/"))
    assert figures(zipped) == (0, 0, ITEMS, 0)


def test_every_table_is_filled(database: Database, tmp_path: Path) -> None:
    import_rome(database, MiniRome().folder(tmp_path / "rome"))
    with database.session() as session:
        road = session.get_one(Occupation, "F1702")
        assert road.definition == "Construit des routes. Entretient les trottoirs."
        assert road.search_label == "constructeur / constructrice de routes"
        assert not road.regulated
        assert session.get_one(Occupation, "J1501").regulated
        title = session.scalars(select(OccupationTitle).filter_by(rome_code_ogr="11")).one()
        assert (title.title, title.kind) == ("Ouvrier / Ouvrière d’enrobés", TitleKind.OFFICIAL)
        kinds = dict(session.execute(select(Skill.code, Skill.kind)).all())
        assert kinds["100"] is SkillKind.KNOW_HOW
        assert kinds["102"] is SkillKind.SOFT
        assert kinds["200"] is SkillKind.KNOWLEDGE
        assert kinds["300"] is SkillKind.MACRO
        assert session.get_one(Skill, "100").group_code == "300"
        assert session.get_one(SkillGroup, "300").label == "Réaliser un ouvrage"
        core = select(OccupationSkill.skill_code).where(OccupationSkill.core)
        assert set(session.scalars(core)) == {"100", "101"}
        assert session.get_one(OccupationNeighbour, ("F1703", "F1702")).rank == 2
        version = session.scalars(select(ReferenceVersion)).one()
        assert (version.version, str(version.published_on)) == ("60", "2025-09-18")


def test_working_conditions_are_no_skills(database: Database, tmp_path: Path) -> None:
    import_rome(database, MiniRome().folder(tmp_path / "rome"))
    with database.session() as session:
        assert session.get(Skill, "900") is None
        assert session.get(OccupationSkill, ("F1703", "900")) is None


def test_rows_that_do_not_hold_together_are_rejected_one_by_one(
    database: Database, tmp_path: Path
) -> None:
    rome = MiniRome()
    rome.add("referentiel_code_rome", "F17", "9", "Trop court", "", "")
    rome.add("referentiel_appellation", "14", "Sans métier", "Z9999")
    rome.add("referentiel_appellation", "15", "", "F1702")
    rome.add("referentiel_competence", "103", "Compétence", "Sans groupe", "999", "Savoir-faire")
    rome.add("coherence_item", "F1702", "103", "")
    rome.add("coherence_item", "Z9999", "100", "")
    rome.add("rubrique_mobilite", "F1702", "J1501", "premier")
    rome.add("rubrique_mobilite", "F1702", "F1703", "1")
    rome.add("referentiel_savoir", "abc", "Mauvais code")
    run = import_rome(database, rome.folder(tmp_path / "rome"))
    assert figures(run) == (ITEMS, 0, 0, 9)
    with database.session() as session:
        fields = session.scalars(select(ImportRejection.field)).all()
    assert "unix_referentiel_code_rome_v460_utf8.csv : code_rome" in fields
    assert "unix_coherence_item_v460_utf8.csv : code_ogr" in fields


def newer(folder: Path) -> Path:
    """Version 61: a trade, a title, two skills and their links are gone; a label changed."""
    rome = MiniRome("61").without("referentiel_code_rome", "J1501")
    rome.without("referentiel_appellation", "13").without("referentiel_competence", "101")
    rome.without("referentiel_savoir", "200").without("coherence_item", "101", "200")
    rome.add("referentiel_competence", "104", "Compétence", "Monter un mur", "300", "Savoir-faire")
    rome.tables["referentiel_appellation"][2][1] = "Ouvrier routier / Ouvrière routière"
    return rome.folder(folder)


def test_a_newer_version_retires_what_it_drops(any_database: Database, tmp_path: Path) -> None:
    import_rome(any_database, MiniRome().folder(tmp_path / "rome"))
    run = import_rome(any_database, newer(tmp_path / "newer"))
    # New: the version, a skill. Changed: a title; retired: a trade, a title, two skills, two links.
    assert figures(run)[:2] == (2, 1 + 1 + 1 + 2 + 2)
    with any_database.session() as session:
        assert session.get_one(Occupation, "J1501").retired
        assert session.get_one(Skill, "101").retired
        assert session.get_one(Skill, "101").label == "Monter un mur en parpaings"
        assert not session.get_one(Skill, "100").retired
        assert session.get(OccupationSkill, ("F1703", "101")) is None
        renamed = session.scalars(select(OccupationTitle).filter_by(rome_code_ogr="11")).one()
        assert renamed.title == "Ouvrier routier / Ouvrière routière"
    assert figures(import_rome(any_database, newer(tmp_path / "again")))[:2] == (0, 0)


def test_a_code_that_comes_back_is_current_again(database: Database, tmp_path: Path) -> None:
    import_rome(database, MiniRome().folder(tmp_path / "rome"))
    import_rome(database, newer(tmp_path / "newer"))
    import_rome(database, MiniRome("62").folder(tmp_path / "newest"))
    with database.session() as session:
        assert not session.get_one(Skill, "101").retired
        assert session.get_one(Skill, "104").retired


def test_a_retired_skill_in_use_is_proposed_the_nearest_current_one(
    database: Database, make: Factory, tmp_path: Path
) -> None:
    import_rome(database, MiniRome().folder(tmp_path / "rome"))
    make.knows(make.person(), make.session.get_one(Skill, "101"))
    make.session.commit()
    import_rome(database, newer(tmp_path / "newer"))
    with database.session() as session:
        links = session.execute(select(SkillLink.skill_code, SkillLink.target_code)).all()
    assert links == [("101", "104")]  # nobody points to 200


def test_our_skills_are_proposed_a_rome_skill_once(
    database: Database, make: Factory, tmp_path: Path
) -> None:
    make.skill("tp.niveler", label="Niveler un sol")
    make.skill("cuisine.dresser", label="Dresser une assiette")
    make.session.commit()
    import_rome(database, MiniRome().folder(tmp_path / "rome"))
    with database.session() as session:
        link = session.scalars(select(SkillLink)).one()
        assert (link.skill_code, link.target_code) == ("tp.niveler", "100")
        assert link.state is LinkState.PROPOSED
        link.state = LinkState.REFUSED
        session.commit()
    import_rome(database, MiniRome().folder(tmp_path / "again"))
    with database.session() as session:
        assert session.scalars(select(SkillLink.state)).all() == [LinkState.REFUSED]


def test_what_we_wrote_by_hand_stays(any_database: Database, tmp_path: Path) -> None:
    with any_database.transaction() as session:
        load_starter(session)
        ours = session.get_one(Occupation, "F1702")
        plain, family = ours.plain_text, ours.family
        core = select(func.count()).where(OccupationSkill.origin == STARTER)
        links = session.scalar(core)
    import_rome(any_database, MiniRome().folder(tmp_path / "rome"))
    with any_database.session() as session:
        road = session.get_one(Occupation, "F1702")
        assert (road.plain_text, road.family, road.origin) == (plain, family, ROME)
        assert road.label == "Constructeur / Constructrice de routes"
        assert session.scalar(core) == links
        everyday = select(func.count()).where(OccupationTitle.origin == STARTER)
        assert session.scalar(everyday)


def test_our_reference_loads_twice_and_never_over_rome(
    any_database: Database, tmp_path: Path
) -> None:
    counts = []
    with any_database.transaction() as session:
        load_starter(session)
    import_rome(any_database, MiniRome().folder(tmp_path / "rome"))
    for _ in range(2):
        with any_database.transaction() as session:
            load_starter(session)
            road = session.get_one(Occupation, "F1702")
            assert road.label == "Constructeur / Constructrice de routes"
            assert session.get_one(OccupationNeighbour, ("F1703", "F1702")).rank == 2
            counts.append(session.scalar(select(func.count(OccupationTitle.id))))
    assert counts[0] == counts[1]
    assert figures(import_rome(any_database, MiniRome().folder(tmp_path / "again")))[:2] == (0, 0)


def test_an_older_version_is_refused(database: Database, tmp_path: Path) -> None:
    import_rome(database, MiniRome("60").folder(tmp_path / "rome"))
    with pytest.raises(RefusedFileError, match="plus ancienne"):
        import_rome(database, MiniRome("59").folder(tmp_path / "older"))


def test_a_file_that_would_empty_the_nomenclature_is_refused(
    database: Database, tmp_path: Path
) -> None:
    whole = MiniRome()
    for number in range(100):
        code = str(5000 + number)
        whole.add("referentiel_savoir", code, f"Savoir {number}")
    import_rome(database, whole.folder(tmp_path / "whole"))
    with pytest.raises(RefusedFileError, match="coupés"):
        import_rome(database, MiniRome("61").folder(tmp_path / "cut"))
    with database.session() as session:
        assert session.scalar(select(func.count()).where(Skill.retired)) == 0


@pytest.mark.shared_data
def test_the_real_rome_comes_in_full(whole_rome: Database, shared_data: Path) -> None:
    with whole_rome.session() as session:
        run = session.scalars(select(ImportRun)).one()
    assert run.rejected == 0
    assert run.details["métiers"]["created"] == 1_584
    assert run.details["appellations"]["created"] == 13_120
    assert run.details["macro-compétences"]["created"] == 507
    assert run.details["compétences et savoirs"]["created"] == 17_810 + 507 + 15_354
    assert run.details["mobilités"]["created"] == 14_912
    # 104,219 links in the files, of which 13,663 are working conditions.
    assert run.details["compétences des métiers"]["created"] == 104_219 - 13_663
    with whole_rome.session() as session:
        core = select(func.count()).where(OccupationSkill.core)
        assert session.scalar(core) == 18_900
        assert session.get_one(Skill, "100023").label == "Abattre un arbre"
        mason = session.scalars(select(Occupation).filter_by(code="F1703")).one()
        assert fold(mason.label).startswith("macon")
        assert mason.definition
    assert figures(import_rome(whole_rome, shared_data / "rome"))[:2] == (0, 0)
