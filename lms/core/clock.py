"""The only reader of the time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """The same moment as clocks in Việt Nam show it."""
    return moment.astimezone(VIETNAM)


def day_of(moment: datetime) -> date:
    """The calendar day in Việt Nam: the day that registers, validity and units go by."""
    return local(moment).date()


def today() -> date:
    """The calendar day in Việt Nam, now."""
    return day_of(now())


def start_of(day: date) -> datetime:
    """The moment the day begins in Việt Nam."""
    return datetime.combine(day, time(), tzinfo=VIETNAM)


def end_of(day: date) -> datetime:
    """The moment the next day begins in Việt Nam."""
    return start_of(day + timedelta(days=1))
