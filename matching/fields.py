"""One decoded JSON object, read key by key: each reader says which key is wrong, and how."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from datetime import date
from enum import StrEnum
from typing import TypeGuard, TypeVar

Choice = TypeVar("Choice", bound=StrEnum)

_OBJECT = "il faut un objet JSON, entre accolades"
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class FieldError(ValueError):
    """A key that is not what it should be; ``key`` is None when the whole record is at fault."""

    def __init__(self, key: str | None, problem: str) -> None:
        super().__init__(f"{key!r}\u00a0: {problem}" if key else problem)


class Fields:
    """The keys of one object. ``inside`` is the path of the object in its record.

    A null is read as an absent key. Every reader raises ``FieldError``.
    """

    def __init__(self, value: object, inside: str = "") -> None:
        self._inside = inside
        if not isinstance(value, dict):
            raise FieldError(inside.rstrip(".") or None, _OBJECT)
        self._values = value

    def path(self, key: str) -> str:
        """The key as it is named in messages, with where it stands."""
        return self._inside + key

    def only(self, *known: str) -> None:
        """Refuse any other key."""
        for key in self._values:
            if key not in known:
                raise FieldError(self.path(key), "clé inconnue\u00a0: retirez-la")

    def has(self, key: str) -> bool:
        """Whether the key is there and not null."""
        return self._values.get(key) is not None

    def _get(self, key: str) -> object:
        if not self.has(key):
            raise FieldError(self.path(key), _absence(key in self._values))
        return self._values[key]

    def text(self, key: str) -> str:
        """A text that is not empty."""
        return _text(self._get(key), self.path(key))

    def day(self, key: str) -> date:
        """A day, ``YYYY-MM-DD``."""
        return _date(self._get(key), self.path(key))

    def optional_day(self, key: str) -> date | None:
        """A day, or None."""
        return self.day(key) if self.has(key) else None

    def integer(
        self, key: str, least: int, default: int | None = None, *, most: int = 10**9
    ) -> int:
        """A whole number from ``least`` to ``most``."""
        if default is not None and not self.has(key):
            return default
        value = self._get(key)
        if not _is_integer(value) or not least <= value <= most:
            raise FieldError(self.path(key), f"il faut un nombre entier de {least} à {most}")
        return value

    def flag(self, key: str) -> bool:
        """True or false; absent is false."""
        value = self._get(key) if self.has(key) else False
        if not isinstance(value, bool):
            raise FieldError(self.path(key), "il faut true ou false")
        return value

    def choice(self, key: str, choices: type[Choice]) -> Choice:
        """One of the values of an enumeration."""
        return _choice(self._get(key), choices, self.path(key))

    def choices(self, key: str, choices: type[Choice]) -> list[Choice]:
        """A list of values of an enumeration; absent is empty."""
        return [_choice(value, choices, path) for path, value in self._list(key)]

    def texts(self, key: str) -> list[str]:
        """A list of texts; absent is empty."""
        return [_text(value, path) for path, value in self._list(key)]

    def items(self, key: str) -> Iterator[Fields]:
        """A list of objects; absent is empty."""
        return (Fields(value, f"{path}.") for path, value in self._list(key))

    def numbers(self, key: str, allowed: Container[int]) -> dict[str, int]:
        """An object from names to allowed whole numbers; absent is empty."""
        found: dict[str, int] = {}
        for name, path, value in self._map(key):
            if not _is_integer(value) or value not in allowed:
                raise FieldError(path, f"{value!r} n’est pas permis ici")
            found[name] = value
        return found

    def expiries(self, key: str) -> dict[str, date | None]:
        """An object from names to days or null; absent is empty."""
        return {
            name: None if value is None else _date(value, path)
            for name, path, value in self._map(key)
        }

    def _list(self, key: str) -> Iterator[tuple[str, object]]:
        value = self._get(key) if self.has(key) else []
        if not isinstance(value, list):
            raise FieldError(self.path(key), "il faut une liste, entre crochets")
        return ((f"{self.path(key)}[{n}]", item) for n, item in enumerate(value))

    def _map(self, key: str) -> Iterator[tuple[str, str, object]]:
        value = self._get(key) if self.has(key) else {}
        if not isinstance(value, dict):
            raise FieldError(self.path(key), _OBJECT)
        for name, item in value.items():
            path = f"{self.path(key)}.{name}"
            yield _text(name, path), path, item


def _absence(is_null: bool) -> str:
    return "cette clé est vide (null)" if is_null else "cette clé manque"


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(value: object, path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise FieldError(path, "il faut un texte qui n’est pas vide")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise FieldError(
            path.encode(errors="replace").decode(), "ce texte contient la moitié d’un caractère"
        ) from None
    return value


def _date(value: object, path: str) -> date:
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise FieldError(path, f"il faut une date AAAA-MM-JJ, pas {value!r}")


def _choice(value: object, choices: type[Choice], path: str) -> Choice:
    names = [choice.value for choice in choices]
    if value not in names:
        raise FieldError(path, f"{value!r} n’est pas dans la liste\u00a0: {', '.join(names)}")
    return choices(value)
