"""A confidence between 0 and 1, that grows with the score and with the lead."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.labels.confidence import OF_NAMES, OF_SENTENCES, Curve, confidences, leads
from matching.labels.lexicon import everyday_words
from matching.labels.resolver import About, Label, LabelIndex
from matching.labels.sources import read_about, read_families, read_taxonomy_labels
from matching.labels.vocabulary import LIGHT_WORDS

SCORES = st.lists(st.floats(0, 100), max_size=8).map(lambda scores: sorted(scores, reverse=True))


@pytest.mark.parametrize("curve", [OF_NAMES, OF_SENTENCES])
def test_a_curve_only_grows(curve: Curve) -> None:
    for (x, y), (next_x, next_y) in pairwise(curve):
        assert x < next_x
        assert y <= next_y
    assert 0 <= curve[0][1] <= curve[-1][1] <= 1


def test_what_resembles_a_skill_is_less_sure_than_what_resembles_the_name_of_a_trade() -> None:
    assert confidences([60.0, 55.0], OF_SENTENCES)[0] < confidences([60.0, 55.0])[0]
    skills = LabelIndex.build([Label("A", "Réaliser un coffrage")], light=LIGHT_WORDS)
    assert skills.resolve("réaliser un coffrage")[0].confidence == OF_SENTENCES[-1][1]


@given(SCORES)
def test_the_first_answer_is_the_surest(scores: list[float]) -> None:
    found = confidences(scores)
    assert len(found) == len(scores)
    assert all(0 <= value <= 1 for value in found)
    assert found == sorted(found, reverse=True)


def test_a_lead_makes_sure_and_a_tie_does_not() -> None:
    assert leads([90.0, 80.0, 70.0]) == [10.0, -10.0, -20.0]
    assert leads([]) == []
    alone, _ = confidences([100.0, 60.0])
    tied, other = confidences([100.0, 100.0])
    assert tied == other < alone


def test_the_labels_of_one_id_do_not_compete() -> None:
    index = LabelIndex.build([Label("A", "Maçon"), Label("A", "Maçon coffreur")])
    first, second = index.resolve("maçon", unit="label")
    assert first.confidence == second.confidence == OF_NAMES[-1][1]


def test_asking_for_one_answer_is_as_sure_as_asking_for_many() -> None:
    index = LabelIndex.build(
        [Label("A", "Vendeur en boulangerie"), Label("B", "Vendeur en jardin")]
    )
    assert index.resolve("vendeur", top=1)[0] == index.resolve("vendeur", top=2)[0]


def test_what_an_id_is_about_answers_for_words_no_label_holds() -> None:
    labels = [Label("CLEAN", "Agent de propreté"), Label("GREEN", "Jardinier")]
    about = [About("GREEN", "Tailler des haies"), About("NOT_HERE", "Tailler des haies")]
    assert LabelIndex.build(labels).resolve("haies") == ()
    assert LabelIndex.build(labels, about=about).resolve("haies")[0].id == "GREEN"


def test_a_family_answers_for_its_members() -> None:
    labels = [Label("A1", "Soudeur"), Label("A2", "Chaudronnier"), Label("B", "Coiffeur")]
    index = LabelIndex.build(labels, families={"A1": "A", "A2": "A"})
    assert [match.id for match in index.resolve("soudeur")] == ["A1", "A2"]


@pytest.mark.shared_data
def test_the_whole_occupation_is_read_from_rome(shared_data: Path) -> None:
    rome = shared_data / "rome"
    index = LabelIndex.build(
        read_taxonomy_labels(rome, "occupation"),
        everyday_words(),
        about=read_about(rome, "occupation"),
        families=read_families(rome, "occupation"),
    )
    sure, unsure = index.resolve("boulanger")[0], index.resolve("technicien polyvalent divers")[0]
    assert sure.confidence > 0.8 > 0.7 > unsure.confidence
    for query, code in (
        ("chauffeur pl", "N4101"),
        ("plongeur resto", "G1605"),
        ("caces 3", "N1101"),
    ):
        assert index.resolve(query)[0].id == code


def test_sources_that_lack_files_say_nothing(tmp_path: Path) -> None:
    assert read_about(tmp_path, "occupation") == []
    assert read_families(tmp_path, "occupation") == {}
    assert read_about(tmp_path, "skill") == []
