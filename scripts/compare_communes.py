"""Compare the centres of our communes with those of another list, such as the official one.

    python scripts/compare_communes.py OTHER.csv

``OTHER.csv`` has at least the columns ``code_insee``, ``latitude`` and ``longitude``. Prints the
distances between the two centres, for the communes that both lists have.
"""

from __future__ import annotations

import argparse
import csv
import sys
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

OURS = Path(__file__).resolve().parents[1] / "portal" / "reference" / "data" / "communes_hdf.csv"
EARTH_RADIUS_M = 6_371_000
SHARES = (50, 90, 95, 99, 99.9, 100)
Centre = tuple[float, float]


def centres(path: Path) -> dict[str, Centre]:
    """Code -> latitude and longitude in radians; rows without centre are left out."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {
            row["code_insee"]: (radians(float(row["latitude"])), radians(float(row["longitude"])))
            for row in csv.DictReader(stream)
            if row["latitude"] and row["longitude"]
        }


def metres(one: Centre, other: Centre) -> float:
    """The great-circle distance."""
    (lat1, lon1), (lat2, lon2) = one, other
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(h))


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("other", type=Path, metavar="OTHER.csv")
    try:
        ours, theirs = centres(OURS), centres(parser.parse_args().other)
    except (OSError, KeyError, ValueError) as error:
        print(f"the list cannot be read: {error}", file=sys.stderr)
        return 2
    apart = sorted(metres(ours[code], theirs[code]) for code in ours.keys() & theirs.keys())
    print(f"{len(apart)} communes in common")
    for share in SHARES if apart else ():
        rank = min(len(apart) - 1, int(len(apart) * share / 100))
        print(f"{share:>5} % within {apart[rank]:8.0f} m")
    print(f"{sum(distance > 1000 for distance in apart)} beyond 1 km")
    return 0


if __name__ == "__main__":
    sys.exit(main())
