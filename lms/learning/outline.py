"""An outline as pages draw it: the state of every entry, the strip of progress, the one next step."""

from dataclasses import dataclass
from typing import Any

from lms.content.queries import file_urls
from lms.content.rendering import item_url
from lms.core.i18n import _, ngettext
from lms.core.text import fold
from lms.course.completion import Progress, finished
from lms.course.document import CourseDoc, Drill, Entry, Item, Lesson, Quiz
from lms.learning.queries import Standing
from lms.web.filters import duration


@dataclass(frozen=True)
class Outline:
    """What ui/progress.html draws."""

    parts: list[dict[str, Any]]
    segments: list[dict[str, Any]]
    words: str


def url_of(standing: Standing, item: str) -> str:
    """The page of an item."""
    return item_url(standing.doc, item)


def outline(standing: Standing, current: str | None = None) -> Outline:
    """Every part with its entries; the current item, or the next one, is marked as now."""
    doc, done = standing.doc, finished(standing.doc, standing.done)
    now = current or (standing.next_item if standing.enrolment else None)
    numbers = {entry.item: number for number, entry in enumerate(doc.items, start=1)}
    parts = [
        {
            "title": part.title,
            "entries": [_entry(standing, entry, numbers, done, now, current) for entry in part.entries],
        }
        for part in doc.parts
    ]
    segments = [
        {
            "minutes": _minutes(doc, entry),
            "state": "done" if entry.item in done else "now" if entry.item == now else "todo",
        }
        for entry in doc.items
    ]
    return Outline(parts, segments, counted(doc, standing.progress))


def item_title(doc: CourseDoc, item_id: str) -> str:
    """“Bài 3: Chuẩn bị trước khi có sự cố”, “Kiểm tra cuối khóa”: what comes next, as people speak of it."""
    item = doc.item(item_id)
    if item is None:
        return ""
    if isinstance(item, Quiz):
        says_so = fold(item.title).startswith(("kiem tra", "bai kiem tra", "quiz"))
        return item.title if says_so else _("Quiz: %(title)s", title=item.title)
    if isinstance(item, Drill):
        return item.title if _is_called_drill(item.title) else _("Drill: %(title)s", title=item.title)
    number = [entry.item for entry in doc.items].index(item_id) + 1
    return _("Lesson %(number)d: %(title)s", number=number, title=item.title)


def _is_called_drill(title: str) -> bool:
    return fold(title).startswith(("dien tap", "drill"))


def kind_of(item: Item | None) -> str:
    """What pages call it: lesson, quiz or drill."""
    return {Quiz: "quiz", Drill: "drill"}.get(type(item), "lesson")


def steps(doc: CourseDoc, progress: Progress) -> tuple[int, int]:
    """How many of the required items are done, and how many there are."""
    required = sum(doc.is_required(entry) for entry in doc.items)
    return required - len(progress.missing), required


def counted(doc: CourseDoc, progress: Progress) -> str:
    """“Đã học 2/6 · còn 49 phút”."""
    done, required = steps(doc, progress)
    words = _("%(done)d of %(all)d done", done=done, all=required)
    if progress.is_complete:
        return words
    return words + " · " + _("%(time)s left", time=duration(progress.minutes_left))


def _minutes(doc: CourseDoc, entry: Entry) -> int:
    item = doc.item(entry.item or "")
    return (item.minutes if item else None) or 5


def _entry(
    standing: Standing, entry: Entry, numbers: dict, done: set, now: str | None, current: str | None
) -> dict[str, Any]:
    """One line: items can be opened by those who are enrolled."""
    if entry.item is None:
        address = file_urls(standing.course.revision_id, standing.course.digest).get(entry.path)
        return {
            "title": entry.title,
            "url": address if standing.enrolment else None,
            "minutes": None,
            "state": "todo",
            "kind": "download",
            "number": "",
            "current": False,
            "note": "",
            "facts": [],
        }
    item, state = standing.doc.item(entry.item), standing.done.get(entry.item)
    facts = [] if standing.doc.is_required(entry) else [_("not required")]
    if isinstance(item, Lesson) and item.practice:
        facts = [*facts, _("%(time)s of practice", time=duration(item.practice))]
    if isinstance(item, Drill):
        facts = [
            *([] if _is_called_drill(entry.title) else [_("drill")]),
            *facts,
            _("passed from %(points)s of 100 points", points=item.pass_points),
        ]
    if isinstance(item, Quiz):
        facts.append(ngettext("%(num)d question", "%(num)d questions", item.asked))
        facts.append(_("pass mark %(percent)s%%", percent=f"{item.pass_percent.normalize():f}"))
    return {
        "title": entry.title,
        "url": url_of(standing, entry.item) if standing.enrolment else None,
        "minutes": item.minutes if item else None,
        "state": "done" if entry.item in done else "now" if entry.item == now else "todo",
        "kind": kind_of(item),
        "number": numbers[entry.item],
        "current": entry.item == current,
        "facts": facts,
        "note": _("best result %(percent)s%%", percent=round(state.fraction * 100))
        if state and state.fraction is not None and not (isinstance(item, Quiz) and item.show == "nothing")
        else "",
    }
