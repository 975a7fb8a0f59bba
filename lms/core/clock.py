"""The only reader of the time."""

import calendar
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


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the last of a month that is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
