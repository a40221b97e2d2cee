"""The picture of ``concentration``: people by number of proposals, one bar for each way to order.

Plain SVG, drawn here, the same bytes for the same counts. Nothing is told by colour alone: each
part carries its number of people, and ``table_of_bars`` says the same in a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

#: Numbers of proposals (first and last of each part), fill, and colour of the figures on it.
PARTS = (
    (0, 0, "#ffffff", "#1b2733"),
    (1, 2, "#d6e6f4", "#1b2733"),
    (3, 5, "#93c0e0", "#1b2733"),
    (6, 10, "#2f79b5", "#ffffff"),
    (11, None, "#0b3f6e", "#ffffff"),
)
LEFT, WIDTH, STEP, TOP = 190, 680, 62, 92


class Bar(NamedTuple):
    """A way to order, and how many times each person was proposed."""

    name: str
    counts: tuple[int, ...]

    @property
    def parts(self) -> list[int]:
        """How many people in each part."""
        return [
            sum(first <= count and (last is None or count <= last) for count in self.counts)
            for first, last, *_ in PARTS
        ]


def label(first: int, last: int | None) -> str:
    """A number of proposals, in words."""
    if last is None:
        return f"{first} or more"
    if last == 0:
        return "never"
    return f"{first} to {last}"


def table_of_bars(bars: Sequence[Bar]) -> str:
    """The figures of the picture."""
    heads = " | ".join(label(first, last) for first, last, *_ in PARTS)
    rows = [
        f"| {bar.name} | " + " | ".join(f"{n}/{len(bar.counts)}" for n in bar.parts) + " |"
        for bar in bars
    ]
    head = [f"| Times proposed in six months | {heads} |", "|---" * (1 + len(PARTS)) + "|"]
    return "\n".join([*head, *rows])


def draw_bars(bars: Sequence[Bar]) -> str:
    """The picture, with a title and a description that say what it shows."""
    height = TOP + STEP * len(bars) + 16
    told = "; ".join(
        f"{bar.name}: {bar.parts[0]} people never, {bar.parts[-1]} eleven times or more"
        for bar in bars
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 {height}" role="img" '
        'aria-labelledby="title desc" font-family="system-ui, \'DejaVu Sans\', sans-serif" '
        'font-size="15" fill="#1b2733">',
        '  <title id="title">How many times people were proposed in six months</title>',
        f'  <desc id="desc">One bar for each way to order the lists, cut by number of '
        f"proposals. {told}.</desc>",
        f'  <rect width="900" height="{height}" fill="#ffffff"/>',
        '  <text x="16" y="30" font-size="18" font-weight="600">'
        "People, by number of proposals in six months</text>",
        *_legend(),
    ]
    for row, bar in enumerate(bars):
        lines += _bar(bar, TOP + STEP * row)
    return "\n".join([*lines, "</svg>", ""])


def _legend() -> list[str]:
    lines = []
    for n, (first, last, fill, _) in enumerate(PARTS):
        x = LEFT + 136 * n
        lines.append(
            f'  <rect x="{x}" y="50" width="22" height="16" fill="{fill}" stroke="#1b2733"/>'
        )
        lines.append(f'  <text x="{x + 30}" y="63">{label(first, last)}</text>')
    return lines


def _bar(bar: Bar, y: int) -> list[str]:
    lines = [f'  <text x="{LEFT - 12}" y="{y + 27}" text-anchor="end">{bar.name}</text>']
    x, whole = float(LEFT), len(bar.counts)
    for people, (_, _, fill, ink) in zip(bar.parts, PARTS, strict=True):
        width = WIDTH * people / whole
        lines.append(
            f'  <rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="42" fill="{fill}" '
            'stroke="#1b2733"/>'
        )
        if width >= 24:
            lines.append(
                f'  <text x="{x + width / 2:.1f}" y="{y + 27}" text-anchor="middle" '
                f'fill="{ink}">{people}</text>'
            )
        x += width
    return lines
