"""Titles of one nomenclature are linked to another through a third."""

from __future__ import annotations

import pytest

from matching.labels.linking import Linker
from matching.labels.resolver import Label, LabelIndex

TARGET = [
    Label("SWEEP", "balayeur/balayeuse"),
    Label("DOOR", "agent d’accueil/agente d’accueil"),
    Label("PACK", "opérateur de conditionnement"),
    Label("COACH", "coach de conditionnement"),
    Label("PAINT", "peintre en lettres"),
]
NAMES = [
    Label("K2307", "Agent / Agente de propreté urbaine"),
    Label("K2307", "Balayeur / Balayeuse"),
    Label("H3302", "Agent / Agente de conditionnement"),
    Label("M1601", "Hôte / Hôtesse"),
]


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(TARGET, LabelIndex.build(NAMES), NAMES)


def test_the_other_names_of_the_trade_lead_where_no_spelling_does(linker: Linker) -> None:
    title = "Agent de propreté urbaine"
    assert LabelIndex.build(TARGET).resolve(title)[0].id != "SWEEP"
    assert linker.resolve(title)[0].id == "SWEEP"


def test_words_of_one_kin_count_as_one(linker: Linker) -> None:
    pack, coach = linker.resolve("ouvrier de conditionnement")[:2]
    assert (pack.id, coach.id) == ("PACK", "COACH")
    assert pack.score > coach.score + 10


def test_a_very_label_is_first_whatever_the_bridge_says() -> None:
    names = [Label("K2307", "Peintre en lettres"), Label("K2307", "Balayeur de rues")]
    found = Linker(TARGET, LabelIndex.build(names), names).resolve("peintre en lettres")
    assert (found[0].id, found[0].score) == ("PAINT", 100.0)
    assert found[1].id == "SWEEP"
    assert found[1].score < 100


def test_ids_come_once_and_labels_each(linker: Linker) -> None:
    two = Linker([*TARGET, Label("SWEEP", "cantonnier balayeur")], LabelIndex.build(NAMES), NAMES)
    assert [m.id for m in two.resolve("balayeur")].count("SWEEP") == 1
    labels = [m.label for m in two.resolve("balayeur", unit="label") if m.id == "SWEEP"]
    assert labels == ["balayeur/balayeuse", "cantonnier balayeur"]
    assert len(linker.resolve("agent de propreté", top=1)) == 1


def test_what_neither_knows_has_no_answer(linker: Linker) -> None:
    assert linker.resolve("xylophone") == ()
    assert linker.resolve("") == ()
    assert linker.resolve("accu") == (), "what is shared by chance is no answer"


def test_an_unknown_unit_or_no_answer_asked_is_refused(linker: Linker) -> None:
    with pytest.raises(ValueError, match="unit"):
        linker.resolve("balayeur", unit="word")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="less than 1"):
        linker.resolve("balayeur", top=0)
