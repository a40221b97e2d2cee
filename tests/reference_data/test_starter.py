"""The starter reference set holds together, and agrees with ROME where ROME is at hand."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from matching.records import RequirementKind
from portal.reference.starter import StarterSet, load_starter

HUB_FAMILIES = {
    *("travaux_publics", "batiment", "rail", "autonomie", "logistique"),
    *("industrie", "espaces_verts", "proprete", "restauration"),
}
WORDS = re.compile(r"[\w’'-]+")


@pytest.fixture(scope="module")
def starter() -> StarterSet:
    return load_starter()


def repeated(values: Iterable[object]) -> list[object]:
    return [value for value, count in Counter(values).items() if count > 1]


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    phi_a, phi_b = math.radians(a[0]), math.radians(b[0])
    half_phi, half_lambda = (phi_b - phi_a) / 2, math.radians(b[1] - a[1]) / 2
    chord = math.sin(half_phi) ** 2
    chord += math.cos(phi_a) * math.cos(phi_b) * math.sin(half_lambda) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(chord))


def test_every_identifier_is_unique(starter: StarterSet) -> None:
    assert not repeated(o.code for o in starter.occupations)
    assert not repeated(o.label for o in starter.occupations)
    assert not repeated(s.id for s in starter.skills)
    assert not repeated(s.label for s in starter.skills)
    assert not repeated(g.id for g in starter.skill_groups)
    assert not repeated(c.type for c in starter.credentials)
    assert not repeated(c.code_insee for c in starter.communes)
    assert not repeated((t.occupation, t.title.lower()) for t in starter.titles)
    assert not repeated((x.occupation, x.skill) for x in starter.occupation_skills)
    assert not repeated((x.occupation, x.credential) for x in starter.occupation_credentials)
    assert not repeated((n.occupation, n.neighbour) for n in starter.neighbours)
    assert not repeated((n.occupation, n.rank) for n in starter.neighbours)
    assert not repeated((t.version, t.position) for t in starter.project_trades)
    assert not repeated((n.version, n.position, n.quarter) for n in starter.project_needs)


def test_every_reference_exists(starter: StarterSet) -> None:
    occupations = {o.code for o in starter.occupations}
    skills = {s.id for s in starter.skills}
    credentials = {c.type for c in starter.credentials}
    assert {o.family for o in starter.occupations} == {f.id for f in starter.families}
    assert {s.group for s in starter.skills} == {g.id for g in starter.skill_groups}
    assert {t.occupation for t in starter.titles} == occupations
    assert {x.occupation for x in starter.occupation_skills} == occupations
    assert {x.skill for x in starter.occupation_skills} == skills
    assert {x.occupation for x in starter.occupation_credentials} <= occupations
    assert {x.credential for x in starter.occupation_credentials} <= credentials
    assert {n.occupation for n in starter.neighbours} == occupations
    assert {n.neighbour for n in starter.neighbours} <= occupations
    assert {t.occupation for t in starter.project_trades} <= occupations


def test_codes_and_kinds_are_well_formed(starter: StarterSet) -> None:
    kinds = set(RequirementKind)
    assert all(re.fullmatch(r"[A-N]\d{4}", o.code) for o in starter.occupations)
    assert all(
        re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", o.typical_start) for o in starter.occupations
    )
    assert all(re.fullmatch(r"[a-z]+(\.[a-z_]+){2}", s.id) for s in starter.skills)
    assert all(s.id.startswith(f"{s.group}.") for s in starter.skills)
    assert {s.kind for s in starter.skills} == {"know_how", "knowledge", "soft"}
    assert {t.kind for t in starter.titles} == {"official", "everyday"}
    assert {x.kind for x in starter.occupation_skills} <= kinds
    assert {x.level for x in starter.occupation_skills} <= {1, 2, 3}
    assert {x.kind for x in starter.occupation_credentials} <= kinds
    assert all(c.hours is None or c.hours > 0 for c in starter.credentials)


def test_the_set_covers_the_trades_of_the_hubs(starter: StarterSet) -> None:
    families = Counter(o.family for o in starter.occupations)
    assert 75 <= len(starter.occupations) <= 95
    assert 450 <= len(starter.skills) <= 650
    assert 60 <= len(starter.skill_groups) <= 90
    assert families.keys() >= HUB_FAMILIES
    assert all(families[family] >= 5 for family in HUB_FAMILIES)


def test_each_occupation_has_its_core_skills_and_names(starter: StarterSet) -> None:
    core = Counter(x.occupation for x in starter.occupation_skills if x.core)
    titles = Counter(t.occupation for t in starter.titles)
    official = Counter(t.occupation for t in starter.titles if t.kind == "official")
    for occupation in starter.occupations:
        assert 6 <= core[occupation.code] <= 10, occupation
        assert 4 <= titles[occupation.code] <= 10, occupation
        assert official[occupation.code] == 1, occupation


def test_a_beginner_is_asked_some_core_skills_on_the_first_day_but_never_all(
    starter: StarterSet,
) -> None:
    decided, core = Counter[str](), Counter[str]()
    for link in starter.occupation_skills:
        core[link.occupation] += link.core
        decided[link.occupation] += link.core and link.kind in ("regulatory", "day_one")
    assert all(0 < decided[code] < core[code] for code in core)


def test_attitudes_are_desired_and_never_exclude_anybody(starter: StarterSet) -> None:
    soft = {skill.id for skill in starter.skills if skill.kind == "soft"}
    kinds = {link.kind for link in starter.occupation_skills if link.skill in soft}
    assert kinds == {"desired"}


def test_few_things_are_asked_on_the_first_day(starter: StarterSet) -> None:
    day_one = Counter(x.occupation for x in starter.occupation_skills if x.kind == "day_one")
    assert max(day_one.values()) <= 4
    assert day_one.keys() == {o.code for o in starter.occupations}


def test_the_first_day_asks_a_gesture_of_the_trade_beside_what_every_job_asks(
    starter: StarterSet,
) -> None:
    gestures = Counter(
        x.occupation
        for x in starter.occupation_skills
        if x.kind == "day_one" and x.core and not x.skill.startswith("commun.")
    )
    assert gestures.keys() == {o.code for o in starter.occupations}


def test_skills_are_shared_so_that_transfer_is_real(starter: StarterSet) -> None:
    users = Counter(x.skill for x in starter.occupation_skills if x.core)
    groups: dict[str, set[str]] = defaultdict(set)
    group_of = {s.id: s.group for s in starter.skills}
    for link in starter.occupation_skills:
        groups[group_of[link.skill]].add(link.occupation)
    assert sum(count > 1 for count in users.values()) >= 200
    assert sum(len(occupations) > 1 for occupations in groups.values()) >= 60


def test_neighbours_are_symmetric_enough(starter: StarterSet) -> None:
    pairs = {(n.occupation, n.neighbour) for n in starter.neighbours}
    ranks: dict[str, list[int]] = defaultdict(list)
    for near in starter.neighbours:
        ranks[near.occupation].append(near.rank)
    assert all(a != b for a, b in pairs)
    assert sum((b, a) in pairs for a, b in pairs) >= 0.9 * len(pairs)
    assert all(found == list(range(1, len(found) + 1)) for found in ranks.values())
    assert all(2 <= len(found) <= 8 for found in ranks.values())


def test_plain_texts_are_short_and_typographic(starter: StarterSet) -> None:
    for text in [s.plain_label for s in starter.skills] + [o.plain for o in starter.occupations]:
        assert text.endswith("."), text
        assert all(len(WORDS.findall(part)) <= 12 for part in text.split(".")), text
    labels = [s.label for s in starter.skills] + [t.title for t in starter.titles]
    labels += [t.name for t in starter.project_trades] + [c.name for c in starter.communes]
    assert not [label for label in labels if "'" in label or label != label.strip()]


def test_credentials_come_from_the_single_list(starter: StarterSet) -> None:
    by_type = {c.type: c for c in starter.credentials}
    assert by_type["caces_r482_a"].validity_years == 10
    assert by_type["caces_r482_a"].verified
    assert not by_type["permis_c"].verified
    assert by_type["sst"].hours == 14


def test_the_canal_list_has_its_29_trades_and_announced_totals(starter: StarterSet) -> None:
    trades = {t.position: t for t in starter.project_trades}
    assert sorted(trades) == list(range(1, 30))
    assert {t.confidence for t in trades.values()} == {"announced", "hypothesis"}
    assert all("hypothèse" in t.needs_basis for t in trades.values())
    totals = Counter[str]()
    for need in starter.project_needs:
        totals[trades[need.position].volume_group] += need.jobs
    assert {v.group: v.jobs for v in starter.project_volumes}.items() <= totals.items()
    assert {v.jobs for v in starter.project_volumes} == {1000, 500, 300}


def test_the_canal_needs_are_quarterly_and_never_shown_as_announced(starter: StarterSet) -> None:
    quarters = [f"{year}-T{quarter}" for year in range(2027, 2031) for quarter in range(1, 5)]
    by_trade: dict[int, list[str]] = defaultdict(list)
    for need in starter.project_needs:
        by_trade[need.position].append(need.quarter)
        assert need.jobs >= 0
        assert need.confidence == "hypothesis"
    assert all(found == quarters for found in by_trade.values())
    assert len(by_trade) == 29


def test_projects_and_versions_agree(starter: StarterSet) -> None:
    projects = {p.code: p for p in starter.major_projects}
    versions = {(v.project, v.version) for v in starter.project_versions}
    assert ("csne", "travail-2026-10") in versions
    assert not [v for v in starter.project_versions if v.official]
    assert {(t.project, t.version) for t in starter.project_trades} <= versions
    assert {v.project for v in starter.project_versions} <= projects.keys()
    ended = projects["jo-2024"].ends_on
    assert ended is not None
    assert ended.year == 2024


def test_all_communes_of_the_region_lie_in_its_box(starter: StarterSet) -> None:
    counts = Counter(c.departement for c in starter.communes)
    assert counts == {"02": 797, "59": 647, "60": 680, "62": 887, "80": 771}
    for commune in starter.communes:
        assert commune.code_insee.startswith(commune.departement)
        assert 48.8 < commune.latitude < 51.1, commune
        assert 1.3 < commune.longitude < 4.3, commune
        assert commune.postal_codes, commune
        assert all(re.fullmatch(r"\d{5}", code) for code in commune.postal_codes), commune
        assert re.fullmatch(r"\d{9}", commune.epci), commune
        assert commune.precision in ("exact", "neighbour")
    assert sum(c.population for c in starter.communes) > 5_900_000


@pytest.mark.parametrize(
    ("code", "name", "latitude", "longitude"),
    [
        ("62041", "Arras", 50.291, 2.777),
        ("59122", "Cambrai", 50.176, 3.235),
        ("62498", "Lens", 50.432, 2.833),
        ("62559", "Marquion", 50.208, 3.087),
        ("59350", "Lille", 50.637, 3.063),
        ("80021", "Amiens", 49.894, 2.296),
        ("60159", "Compiègne", 49.418, 2.826),
        ("02691", "Saint-Quentin", 49.848, 3.287),
        ("59183", "Dunkerque", 51.034, 2.377),
        ("62193", "Calais", 50.951, 1.858),
    ],
)
def test_main_towns_are_where_they_are(
    starter: StarterSet, code: str, name: str, latitude: float, longitude: float
) -> None:
    commune = next(c for c in starter.communes if c.code_insee == code)
    assert commune.name == name
    there = great_circle_km((commune.latitude, commune.longitude), (latitude, longitude))
    assert there < 5


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.shared_data
def test_codes_and_names_are_those_of_rome(starter: StarterSet, shared_data: Path) -> None:
    official = {
        row["code_rome"]: row["libelle_rome"].replace("'", "’")
        for row in rows(shared_data / "rome" / "unix_referentiel_code_rome_v460_utf8.csv")
    }
    assert {o.code: o.label for o in starter.occupations}.items() <= official.items()


@pytest.mark.shared_data
def test_commune_centres_agree_with_the_postal_file(starter: StarterSet, shared_data: Path) -> None:
    known = {
        row["code_insee"]: (float(row["latitude"]), float(row["longitude"]))
        for row in rows(shared_data / "geo" / "communes.csv")
        if row["latitude"]
    }
    gaps = sorted(
        great_circle_km((c.latitude, c.longitude), known[c.code_insee])
        for c in starter.communes
        if c.code_insee in known
    )
    assert len(gaps) > 3_700
    assert gaps[len(gaps) // 2] < 0.1
    assert gaps[int(0.99 * len(gaps))] < 1
    assert gaps[-1] < 3
