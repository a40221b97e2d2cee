"""Passwords: argon2id, and a check that takes as long for an unknown address as for a known one."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

from portal.text import fold

MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 1000  # argon2 reads any length; a megabyte of it would only cost time
_FEWEST_CHARACTERS = 5
_SHORTEST_NAME = 3
_LEAST_BESIDE_NAMES = 8
_COMMON = Path(__file__).with_name("data") / "common_passwords.txt"
_DISGUISES = str.maketrans("013457@$!", "oieastasi")
_hasher = PasswordHasher()  # argon2id, with the parameters of RFC 9106 (low memory)


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(password)


def unusable_password() -> str:
    """What to store until the person has chosen a password; nothing matches it.

    Random, so that a link made for this state of the account cannot serve for another.
    """
    return f"!{secrets.token_hex(16)}"


def password_matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; spends the same time when there is none."""
    known = stored is not None and not stored.startswith("!")
    try:
        return _hasher.verify(stored if known and stored else _decoy(), password) and known
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether the stored hash has weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def fingerprint(secret_key: str, stored: str, use: str) -> str:
    """32 hexadecimal signs of the stored hash, for one use: another password, another print.

    What carries it dies as soon as the password changes. HMAC-SHA256, cut to 128 bits.
    """
    message = f"{use}:{stored}".encode()
    return hmac.new(secret_key.encode(), message, hashlib.sha256).hexdigest()[:32]


def weakness(password: str, *, known: tuple[str, ...]) -> str | None:
    """Why a password is too easy to guess, in French; None when it will do.

    ``known`` holds what others know of the person: address, first name, last name. Length and
    a list, no obligatory classes of characters (NIST SP 800-63B § 3.1.1.2).
    """
    if len(password) < MINIMUM_LENGTH:
        return str(_("Choisissez au moins %(n)d caractères.", n=MINIMUM_LENGTH))
    if len(password) > MAXIMUM_LENGTH:
        return str(_("Choisissez au plus %(n)d caractères.", n=MAXIMUM_LENGTH))
    if len(set(password.lower())) < _FEWEST_CHARACTERS or _is_a_run(password.lower()):
        return str(_("Ce mot de passe est trop répétitif. Essayez une phrase."))
    if _rests_on_names(password, known):
        return str(_("Ce mot de passe tient surtout à votre nom ou à votre adresse."))
    if _is_common(password):
        return str(_("Ce mot de passe est parmi les plus courants. Essayez une phrase."))
    return None


def _letters(text: str) -> str:
    """Letters alone, with the usual disguises undone: « M0tDeP@sse! » → « motdepassei »."""
    return re.sub(r"[^a-z]", "", fold(text).translate(_DISGUISES))


def _rests_on_names(password: str, known: tuple[str, ...]) -> bool:
    """Whether little is left without the names: « une marche lente » is fine for Marc."""
    pieces = {piece for text in known for piece in re.split(r"[^a-z]+", fold(text.split("@")[0]))}
    rest = _letters(password)
    for name in sorted(pieces, key=len, reverse=True):
        if len(name) >= _SHORTEST_NAME:
            rest = rest.replace(name, "")
    return rest != _letters(password) and len(rest) < _LEAST_BESIDE_NAMES


def _is_common(password: str) -> bool:
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", fold(password))
    return any(_is_repeated(word) for word in (_letters(password), _letters(bare)))


def _is_repeated(word: str) -> bool:
    """Whether a word is a common one, once or several times over."""
    sizes = range(1, len(word) + 1)
    return any(
        word[:size] in common_passwords() and word[:size] * (len(word) // size) == word
        for size in sizes
        if len(word) % size == 0
    )


def _is_a_run(text: str) -> bool:
    """« 123456789012 », « abcdefghijkl »: each character follows the one before."""
    steps = {
        (ord(b) - ord(a)) % 10 if a.isdigit() and b.isdigit() else ord(b) - ord(a)
        for a, b in pairwise(text)
    }
    return len(steps) == 1


@cache
def common_passwords() -> frozenset[str]:
    """Passwords that everybody tries first, letters alone."""
    return frozenset(_COMMON.read_text(encoding="utf-8").split())


@cache
def _decoy() -> str:
    return hash_password("no account has this password")
