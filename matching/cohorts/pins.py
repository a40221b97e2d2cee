"""Pins that cannot hold, each time the fewest of them that clash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from matching.cohorts.records import (
    PINNABLE,
    Bar,
    BrokenPins,
    Candidate,
    Link,
    Pairing,
    PinFault,
    Place,
)


def broken_pins(
    pins: Sequence[Pairing],
    people: Mapping[str, Candidate],
    places: Mapping[str, Place],
    links: Mapping[Pairing, Link],
) -> tuple[BrokenPins, ...]:
    """The clashes among pins, given sorted; empty when all can hold together."""
    alone = {pin: broken for pin in pins if (broken := _alone(pin, links))}
    sound = [pin for pin in pins if pin not in alone]
    return (*alone.values(), *_for_people(sound, people, places), *_for_places(sound, places))


def _alone(pin: Pairing, links: Mapping[Pairing, Link]) -> BrokenPins | None:
    """What is wrong with this pin whatever the others are."""
    if pin not in links:
        return BrokenPins(PinFault.UNKNOWN, (pin,))
    bar = links[pin].bar
    if bar is Bar.NO_CAPACITY:
        return BrokenPins(PinFault.TOO_MANY_FOR_PLACE, (pin,), bar)
    if bar is not None and bar not in PINNABLE:
        return BrokenPins(PinFault.BARRED, (pin,), bar)
    return None


def _for_people(
    pins: Sequence[Pairing], people: Mapping[str, Candidate], places: Mapping[str, Place]
) -> Iterator[BrokenPins]:
    by_person: dict[str, list[Pairing]] = defaultdict(list)
    by_wave: dict[tuple[str, str], list[Pairing]] = defaultdict(list)
    for pin in pins:
        if people[pin.candidate].limit == 1:
            by_person[pin.candidate].append(pin)
        else:
            by_wave[pin.candidate, places[pin.place].wave].append(pin)
    for (person, _), held in by_wave.items():
        yield from _beyond(1, held, PinFault.TWICE_IN_WAVE)
        # Those beyond the first are in a clash already: the fewest that clash leave them out.
        by_person[person].append(held[0])
    for person, held in by_person.items():
        yield from _beyond(people[person].limit, held, PinFault.TOO_MANY_FOR_PERSON)


def _for_places(pins: Sequence[Pairing], places: Mapping[str, Place]) -> Iterator[BrokenPins]:
    by_place: dict[str, list[Pairing]] = defaultdict(list)
    for pin in pins:
        by_place[pin.place].append(pin)
    for place, held in by_place.items():
        yield from _beyond(places[place].capacity, held, PinFault.TOO_MANY_FOR_PLACE)


def _beyond(limit: int, pins: list[Pairing], fault: PinFault) -> Iterator[BrokenPins]:
    if len(pins) > limit:
        yield BrokenPins(fault, tuple(pins[: limit + 1]))
