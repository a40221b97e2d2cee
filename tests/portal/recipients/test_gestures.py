"""The sentences and drawings of « Ce que je sais faire »: short, plain, whole, our own."""

from __future__ import annotations

import csv
import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
from sqlalchemy.orm import Session

from portal import assets
from portal.imports.rome_retiring import ROME
from portal.models import Skill
from portal.recipients.gestures import FILE, Gesture, all_gestures, askable, everyday, extract
from portal.recipients.skills import ANSWERS
from portal.reference import starter
from tests.support.factories import Factory

DRAWINGS = assets.STATIC / "pictos" / "gestes"
WORD = re.compile(r"[\w’-]+")
ACRONYM = re.compile(r"\b[A-ZÀ-Ý]{2,}\b")
HEAVIEST = 900


@pytest.fixture(params=sorted(path.name for path in DRAWINGS.glob("*.svg")))
def drawing(request: pytest.FixtureRequest) -> bytes:
    """Each drawing in turn."""
    return (DRAWINGS / request.param).read_bytes()


def test_every_skill_of_the_reference_has_one_sentence() -> None:
    with FILE.open(encoding="utf-8", newline="") as file:
        codes = [row["skill_code"] for row in csv.DictReader(file)]
    assert len(codes) == len(set(codes))
    assert set(codes) == {skill.id for skill in starter.load_starter().skills}


def test_a_sentence_is_short_plain_and_in_the_first_person() -> None:
    for code, gesture in all_gestures().items():
        text = gesture.falc
        assert len(WORD.findall(text)) <= 12, (code, text)
        assert text.startswith(("Je ", "J’")), (code, text)
        assert text.endswith("."), (code, text)
        assert text.count(".") == 1, (code, text)
        assert not ACRONYM.search(text), (code, text)
        assert "'" not in text, (code, text)


def test_je_suis_is_never_the_verb_to_follow_which_sounds_like_to_be() -> None:
    begun = [g.falc for g in all_gestures().values() if g.falc.startswith("Je suis ")]
    assert set(begun) == {"Je suis une personne patiente.", "Je suis aimable avec les clients."}


def test_two_skills_never_read_the_same_or_one_answer_would_do_for_two() -> None:
    seen: dict[str, str] = {}
    for code, gesture in all_gestures().items():
        assert gesture.falc not in seen, (code, seen[gesture.falc])
        seen[gesture.falc] = code


def test_every_drawing_named_exists_and_every_drawing_is_used() -> None:
    named = {gesture.pictogram for gesture in all_gestures().values()}
    shapes = {answer.pictogram for answer in ANSWERS}
    assert named | shapes == {path.stem for path in DRAWINGS.glob("*.svg")}


def test_a_drawing_is_light_whole_and_refers_to_nothing_outside(drawing: bytes) -> None:
    root = ElementTree.fromstring(drawing)
    assert len(drawing) <= HEAVIEST
    assert root.get("viewBox") == "0 0 64 64"
    assert root.get("stroke-width") == "3"
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in {
            "svg",
            "path",
            "circle",
            "rect",
        }
        assert not {"style", "href", "class"} & element.attrib.keys()
        assert not (element.text or "").strip()


def test_the_sentences_are_handed_to_the_catalogues() -> None:
    found = list(extract(BytesIO(FILE.read_bytes()), (), (), {}))
    assert [text for _line, _function, text, _comments in found] == [
        gesture.falc for gesture in all_gestures().values()
    ]
    line, function, text, comments = found[0]
    assert (line, function, comments) == (2, None, [])
    assert FILE.read_text(encoding="utf-8").splitlines()[line - 1].count(text) == 1


def test_everyday_gestures_begin_with_what_anybody_does() -> None:
    codes = list(everyday())
    assert codes[0].startswith("commun.base.")
    assert len(codes) == len(set(codes)) >= 40
    assert set(codes) <= all_gestures().keys()


def test_a_skill_confirmed_to_be_one_of_rome_is_asked_under_the_code_that_stands(
    session: Session, make: Factory
) -> None:
    ours = make.skill("commun.base.compter")
    make.skill("rome.100001")
    session.get_one(Skill, "rome.100001").origin = ROME
    ours.same_as_code = "rome.100001"
    session.flush()
    assert askable(session) == {"rome.100001": all_gestures()["commun.base.compter"]}


def test_a_retired_skill_is_not_asked(session: Session, make: Factory) -> None:
    make.skill("commun.base.compter").retired = True
    make.skill("commun.base.fiche")
    session.flush()
    assert list(askable(session)) == ["commun.base.fiche"]


def test_a_gesture_is_what_its_line_says() -> None:
    assert all_gestures()["commun.base.plan_simple"] == Gesture(
        "commun.base.plan_simple", "Je lis un plan simple.", "plan"
    )
