"""Passwords: hashed with Argon2id; the only user of argon2."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB, two passes, one lane: OWASP's figure for Argon2id; the library's default allows nine sign-ins a second.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")


def make(password: str) -> str:
    """The hash to store; takes about 25 ms of processor time."""
    return _hasher.hash(_typed(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; takes as long when there is no account."""
    try:
        return _hasher.verify(stored or _NOBODY, _typed(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def _typed(password: str) -> bytes:
    """The same bytes however a keyboard composes the letters: some send “ồ” as one character, some as three."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
