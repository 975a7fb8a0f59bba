"""Wrong passwords: counted where they come from, so that guessing is slow and no office is locked out by one person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.audit import service as audit
from lms.core import text, throttle
from lms.core.actor import UNKNOWN, Actor
from lms.core.db import db
from lms.people.models import User
from lms.people.rules import (
    TRIES_FROM_ADDRESS,
    TRIES_HERE,
    TRIES_ON_ACCOUNT,
    TRIES_WINDOW,
    TooManySignIns,
    WrongSignIn,
    login_form,
)


@dataclass(frozen=True)
class Guess:
    """A name that is tried from an address; every name of an account is the same guess, and a reset makes it another."""

    account: str
    address: str

    @property
    def here(self) -> str:
        """The key of this account at this address."""
        return f"{self.account} {self.address_key}"

    @property
    def address_key(self) -> str:
        """The key of everything that comes from the address."""
        return f"sign-in:address:{self.address}"


def guess(user: User | None, login: str, address: str) -> Guess:
    """What to count; a name that is nobody's counts as it was typed, so that it is refused like any other."""
    account = f"{user.id}.{user.session_epoch}" if user else f"name:{login_form(login) or text.fold(login)}"
    return Guess(f"sign-in:account:{account}", address)


def take_turns(tried: Guess) -> None:
    """Guesses at one account are counted one after another."""
    throttle.one_at_a_time(tried.account)


def refuse_when_used_up(tried: Guess, *, now: datetime) -> None:
    """Raise when the account takes no more tries from there, or from anywhere."""
    if _count(tried.here, now) >= TRIES_HERE or _count(tried.account, now) >= TRIES_ON_ACCOUNT:
        raise _too_many()


def refuse(tried: Guess, user: User | None, *, now: datetime) -> WrongSignIn | TooManySignIns:
    """Count a wrong password; the refusal to show, whose count must be kept by answering, not raising.

    An address that is wrong too often learns no more, in the same words for every name, and unknown names are not
    stored any more; right passwords are still let in, because a whole office may share the address.
    """
    is_over = _count(tried.address_key, now) >= TRIES_FROM_ADDRESS
    if is_over and user is None:
        return _too_many()
    strike = throttle.strike(tried.here, now=now)
    for key in (tried.account, tried.address_key):
        throttle.strike(key, now=now)
    db.session.flush()
    left = max(0, TRIES_HERE - _count(tried.here, now))
    # What was typed may be a password in the wrong box: of unknown names only that it is the same again is kept.
    label = "" if user else strike.key_digest[:12]
    audit.record(UNKNOWN, "people:session:refuse", user or strike, now=now, label=label, after={"left": left})
    return _too_many() if is_over else WrongSignIn(left=left)


def accept(tried: Guess, user: User, *, now: datetime) -> None:
    """Forget wrong tries and note the sign-in."""
    throttle.forgive(tried.here)
    throttle.forgive(tried.account)
    audit.record(Actor(user.id, user.name), "people:session:begin", user, now=now)


def _count(key: str, now: datetime) -> int:
    return throttle.count(key, window=TRIES_WINDOW, now=now)


def _too_many() -> TooManySignIns:
    return TooManySignIns(minutes=TRIES_WINDOW // timedelta(minutes=1))
