"""The closeness of trades, and of a person to trades: small sheets where the answer is plain."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import pytest

from matching.records import Skill
from matching.transfer import (
    RECIPE,
    Nomenclature,
    Reading,
    Recipe,
    Trade,
    TransferIndex,
    read_trade,
)
from matching.transfer.index import breadth
from matching.transfer.rome import read_trades

SKILLS = [
    Skill("lay", "Poser des briques", "masonry"),
    Skill("mortar", "Préparer un mortier", "masonry"),
    Skill("plumb", "Contrôler l’aplomb", "masonry"),
    Skill("tile", "Poser du carrelage", "floors"),
    Skill("screed", "Couler une chape", "floors"),
    Skill("cook", "Cuire une viande", "kitchen"),
    Skill("dress", "Dresser une assiette", "kitchen"),
    Skill("safety", "Respecter les règles de sécurité", "safety"),
    Skill("plan", "Lecture de plan"),
]
TRADES = [
    Trade(
        "F1703", "Maçon", ("lay", "mortar", "plumb"), ("safety",), ("plan",), ("Maçon / Maçonne",)
    ),
    Trade("F1608", "Carreleur", ("tile", "screed"), ("mortar", "safety"), ("plan",)),
    Trade("G1602", "Cuisinier", ("cook", "dress"), ("safety",), (), ("Cuisinier / Cuisinière",)),
    Trade("G1603", "Commis de cuisine", ("dress",), ("safety",)),
]


def index_of(trades: list[Trade] = TRADES, recipe: Recipe = RECIPE) -> TransferIndex:
    return TransferIndex(Nomenclature.of(trades, SKILLS), recipe)


def codes(found: list) -> list[str]:
    return [near.code for near in found]


def test_a_trade_is_nearest_to_the_one_that_shares_what_is_rare() -> None:
    index = index_of()
    assert codes(index.near("F1703"))[0] == "F1608"
    assert codes(index.near("G1603"))[0] == "G1602"
    assert "F1703" not in codes(index.near("F1703"))


def test_what_everybody_holds_tells_no_trade_apart() -> None:
    only_skills = Recipe(between={"skills": 1.0}, person={"skills": 1.0})
    near = index_of(recipe=only_skills).near("G1602", limit=3)
    assert near[0].code == "G1603"
    assert near[0].score > 5 * near[1].score


def test_an_unknown_code_is_an_error() -> None:
    with pytest.raises(KeyError):
        index_of().near("Z9999")


def test_two_trades_of_the_same_code_are_refused() -> None:
    with pytest.raises(ValueError, match="same code"):
        Nomenclature.of([TRADES[0], TRADES[0]], SKILLS)


def test_equals_are_in_the_order_of_their_codes() -> None:
    twins = [dataclasses.replace(TRADES[2], code=code) for code in ("G1605", "G1604")]
    found = index_of([*TRADES, *twins]).near("G1602", limit=2)
    assert codes(found) == ["G1604", "G1605"]
    assert found[0].score == found[1].score


def test_the_order_of_the_input_changes_nothing() -> None:
    shuffled = list(TRADES)
    random.Random(3).shuffle(shuffled)
    held = {"mortar": 2, "cook": 1}
    assert index_of(shuffled).near_to_person(held) == index_of().near_to_person(
        dict(reversed(held.items()))
    )


def test_a_person_is_nearest_to_the_trade_whose_gestures_they_hold() -> None:
    levels = {"lay": 2, "mortar": 3, "safety": 2}
    assert codes(index_of().near_to_person(levels))[:2] == ["F1703", "F1608"]
    found = index_of().reach(levels)
    assert found[0].reading == Reading(held=("lay", "mortar"), backed=("plumb",))
    assert (len(found[0].reading.held), found[0].reading.total) == (2, 3)


def test_nothing_held_is_near_to_nothing() -> None:
    index = index_of()
    assert index.near_to_person({}) == []
    assert index.near_to_person({"lay": 0}) == []
    assert index.near_to_person({"never heard of": 3}) == []


def test_unknown_is_no_gap_and_a_gap_counts_against_the_trades_that_ask_it() -> None:
    index = index_of()

    def score(levels: dict[str, int], code: str = "F1608") -> float:
        """How far ahead of the cooks: scores compare inside one list alone."""
        found = {near.code: near.score for near in index.near_to_person(levels)}
        return found[code] / found["G1602"]

    asked_nothing = score({"mortar": 2, "safety": 2})
    assert score({"mortar": 2, "safety": 2, "tile": 0}) < asked_nothing
    assert score({"mortar": 2, "safety": 2, "tile": 2}) > asked_nothing
    (mason,) = index.reach({"mortar": 2})
    assert mason.reading == Reading(held=("mortar",), backed=("lay", "plumb"))


def test_with_help_says_less_than_alone() -> None:
    index = index_of()

    def lead(level: int) -> int:
        found = {n.code: n.score for n in index.near_to_person({"tile": level, "cook": 2})}
        return found["F1608"] - found["G1602"]

    assert lead(1) < lead(2) == lead(3)


def test_a_trade_of_which_nothing_is_held_nor_near_is_not_proposed() -> None:
    found = index_of().reach({"dress": 2})
    assert {reach.trade.code for reach in found} == {"G1602", "G1603"}


def test_closeness_chooses_and_what_is_held_orders() -> None:
    # Nearest of all is the cook, of whom one gesture in two is held; all of the helper's are.
    index = index_of(recipe=dataclasses.replace(RECIPE, direct=0.0))
    found = index.reach({"dress": 2, "cook": 1})
    assert [reach.trade.code for reach in found] == ["G1603", "G1602"]
    assert found[1].reading == Reading(held=("dress",), helped=("cook",))


def test_a_rare_gesture_held_counts_more_than_a_common_one() -> None:
    trades = [
        Trade("A1", "Un", ("safety", "lay")),
        Trade("B2", "Deux", ("safety", "tile")),
        Trade("C3", "Trois", ("safety", "cook")),
    ]
    found = index_of(trades).reach({"safety": 2, "tile": 2})
    assert [reach.trade.code for reach in found] == ["B2", "A1", "C3"]
    # A common gesture held and a sister of a rare one, against the common one alone.
    found = index_of(trades).reach({"safety": 2, "mortar": 2})
    assert [reach.trade.code for reach in found] == ["A1", "B2", "C3"]


def test_a_known_gap_comes_after_what_was_not_asked() -> None:
    trades = [Trade("A1", "Un", ("safety", "lay")), Trade("B2", "Deux", ("safety", "cook"))]
    found = index_of(trades).reach({"safety": 2, "lay": 0})
    assert [reach.trade.code for reach in found] == ["B2", "A1"]


def test_declined_trades_leave_their_place_to_the_next() -> None:
    index = index_of()
    first, second = index.reach({"dress": 2})
    found = index.reach({"dress": 2}, limit=1, without={first.trade.code})
    assert [reach.trade.code for reach in found] == [second.trade.code]


def test_labels_worded_alike_bring_trades_near_though_ids_differ() -> None:
    skills = [*SKILLS, Skill("bricks2", "Pose de briques"), Skill("paint", "Peindre un mur")]
    trades = [
        Trade("A1", "Un", ("lay",)),
        Trade("B2", "Deux", ("paint",)),
        Trade("C3", "Trois", ("bricks2",)),
    ]
    index = TransferIndex(Nomenclature.of(trades, skills))
    assert codes(index.near("A1"))[0] == "C3"
    assert codes(index.near_to_person({"bricks2": 2}))[1] == "A1"


@pytest.mark.parametrize(
    ("description", "level", "expected"),
    [
        ("never asked, a sister skill held: backed", None, "backed"),
        ("not done: a gap", 0, "gaps"),
        ("with help", 1, "helped"),
        ("alone", 2, "held"),
        ("can show others", 3, "held"),
    ],
)
def test_each_gesture_is_in_one_list(description: str, level: int | None, expected: str) -> None:
    levels = {"lay": 2} | ({} if level is None else {"plumb": level})
    skills = {skill.id: skill for skill in SKILLS}
    stands = read_trade(TRADES[0], levels, skills)
    assert "plumb" in getattr(stands, expected), description
    assert stands.total == 3


def test_a_trade_without_core_skills_is_told_by_all_of_its_skills() -> None:
    trade = Trade("A1", "Un", (), ("lay", "cook"))
    stands = read_trade(trade, {"lay": 2}, {skill.id: skill for skill in SKILLS})
    assert (stands.held, stands.unknown) == (("lay",), ("cook",))


def test_breadth_is_the_trades_filed_under_a_trade_and_its_names() -> None:
    head = Trade("A1", "Un", parent="A1", titles=("Un", "Une"))
    others = [Trade(f"A{n}", "x", parent="A1") for n in range(2, 11)]
    table = breadth([head, *others])
    assert table[0, 0] == pytest.approx(1.0)
    assert table[1, 0] == 0
    assert table[0, 1] > table[1, 1]


def test_no_recipe_weighs_a_link_between_trades() -> None:
    fields = {field.name for field in dataclasses.fields(Trade)}
    assert fields == {
        "code", "label", "core", "others", "knowledge", "titles", "text", "parent",
    }  # fmt: skip


OFFICIAL = {
    "code_rome": (
        '"code_rome","libelle_rome","code_rome_parent"\n"F1","Maçon","F1"\n"F2","Coffreur","F1"\n'
    ),
    "competence": (
        '"code_ogr","libelle_competence","code_ogr_macro_comp"\n'
        '"10","Poser","90"\n"90","Bâtir",""\n"11","Couler","90"\n'
    ),
    "savoir": '"code_ogr_savoir","libelle_savoir"\n"50","Plan"\n',
    "appellation": '"code_rome","libelle_appellation_long"\n"F1","Maçon / Maçonne"\n',
}


def test_the_official_folder_is_read_without_its_mobilities(tmp_path: Path) -> None:
    for name, text in OFFICIAL.items():
        path = tmp_path / f"unix_referentiel_{name}_v460_utf8.csv"
        path.write_text(text, encoding="utf-8")
    links = (
        '"code_rome","code_ogr","coeur_metier"\n"F1","10","Principale"\n"F1","50","Principale"\n'
    )
    links += '"F1","11","Émergente"\n"F2","90",""\n"F2","23374",""\n'
    (tmp_path / "unix_coherence_item_v460_utf8.csv").write_text(links, encoding="utf-8")
    texts = '"code_rome","libelle_type_texte","libelle_texte"\n"F1","definition","Bâtit."\n'
    texts += '"F1","acces_metier","CAP."\n'
    (tmp_path / "unix_texte_v460_utf8.csv").write_text(texts, encoding="utf-8")
    found = read_trades(tmp_path)
    assert list(found.trades) == [
        Trade("F1", "Maçon", ("10",), ("11",), ("50",), ("Maçon / Maçonne",), "Bâtit.", "F1"),
        Trade("F2", "Coffreur", (), ("90",), parent="F1"),
    ]
    assert found.skills["10"].group == "90"


@pytest.mark.shared_data
def test_on_rome_a_mason_s_gestures_lead_to_the_trades_of_structural_work(
    shared_data: Path,
) -> None:
    nomenclature = read_trades(shared_data / "rome")
    index = TransferIndex(nomenclature)
    mason = next(trade for trade in nomenclature.trades if trade.code == "F1703")
    found = index.reach(dict.fromkeys(mason.core[:5], 2))
    assert found[0].trade.code == "F1703"
    assert len(found[0].reading.held) == 5
    assert {"F1701", "F1704"} <= {reach.trade.code for reach in found}
