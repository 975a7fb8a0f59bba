"""A lesson by itself: headings, sentences, paragraphs, and whether it can be read in its minutes."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from lms.course import check_blocks
from lms.course.check_quiz import one_question
from lms.course.check_text import CITE, LINK
from lms.course.desk import LOCAL, slug
from lms.course.document import Lesson
from lms.course.fences import prose
from lms.course.frontmatter import FrontMatter
from lms.course.problems import N_, Problem, error, warning
from lms.course.questions.base import plain

WORDS_A_MINUTE = 200
SENTENCE_LIMIT, PARAGRAPH_LIMIT = 45, 150
HEADING_LIMIT, ANCHORS_LIMIT = 300, 500
HEADING = re.compile(r"(#{1,6})([ \t]*)(.*?)[ \t]*$")
ANY_HEADING = re.compile(r"[ >]*#{1,6}(.*)$")
UNDERLINE = re.compile(r"(?:=+|-+)[ ]*$")
SENTENCE_END = re.compile(r"(?<=[.!?…:;])\s+|\s\|\s|$")
NO_PARAGRAPH = re.compile(r"\s*(?:[-*+>|#:]|\d{1,3}[.)]\s|!!!|\?\?\?|\[\^)")

Rows = Sequence[tuple[int, str]]


def look(lesson: Lesson, facts: FrontMatter) -> Iterator[Problem]:
    """What a good editor would say of the lesson alone."""
    rows = list(prose(lesson.text, lesson.line, self_checks=False))
    words = sum(len(line.split()) for _, line in rows)
    if not lesson.text.strip():
        # The file may end with its facts: the line below them need not be there.
        yield error(lesson.path, max(1, lesson.line - 1), N_("the lesson is empty; write its text below the facts"))
    yield from _headings(lesson, rows)
    yield from _length(lesson.path, rows)
    yield from _reading_time(lesson, facts.line("minutes"), words)
    yield from check_blocks.notes(lesson.path, rows)
    for question in lesson.checks:
        yield from one_question(lesson.path, question, is_shuffled=question.shuffle)


def anchors(text: str) -> frozenset[str] | None:
    """The names by which links reach the headings; None when that cannot be said without the rest of the course."""
    rows = [line for _, line in prose(text)]
    titles = [match[1].strip() for line in rows if "#" in line and (match := ANY_HEADING.match(line))]
    titles += [line for line, below in pairwise(rows) if line.strip() and UNDERLINE.match(below)]
    if len(titles) > ANCHORS_LIMIT or any(CITE.search(title) or LOCAL.search(title) for title in titles):
        return None
    found: set[str] = set()
    for title in titles:
        linked = LINK.sub(r"\2", title[:HEADING_LIMIT])
        for name in dict.fromkeys(slug(text) or "1" for text in (linked, plain(linked))):
            anchor = f"muc-{name}"
            while anchor in found:
                anchor += "-2"
            found.add(anchor)
    return frozenset(found)


def _headings(lesson: Lesson, rows: Rows) -> Iterator[Problem]:
    level, is_first = 1, True
    for number, line in rows:
        heading = HEADING.match(line) if line.startswith("#") else None
        if heading is None:
            continue
        marks, space, title = heading.groups()
        title = title.rstrip("#").rstrip()
        if not title:
            yield warning(lesson.path, number, N_("the heading has no words; write them, or take the line out"))
        elif not space:
            message = N_("this is shown as a heading; write “%(marks)s %(title)s” if it is one, else “\\%(marks)s”")
            yield warning(lesson.path, number, message, marks=marks, title=title[:60])
        if is_first and title and title.casefold() == lesson.title.casefold():
            message = N_("the heading repeats the title, which the page shows by itself; take it out")
            yield warning(lesson.path, number, message)
        if len(marks) > level + 1:
            message = N_("a heading level is skipped; write “%(marks)s”")
            yield warning(lesson.path, number, message, marks="#" * (level + 1))
        level, is_first = len(marks), False


def _length(path: str, rows: Rows) -> Iterator[Problem]:
    """Sentences and paragraphs that nobody reads to their end."""
    start, words, last = 0, 0, 0
    for number, line in [*rows, (0, "")]:
        count = len(line.split())
        if count > SENTENCE_LIMIT:
            longest = max(len(part.split()) for part in SENTENCE_END.split(line))
            if longest > SENTENCE_LIMIT:
                yield warning(path, number, N_("a sentence of %(count)s words; cut it into two"), count=longest)
        goes_on = count and number == last + 1 and not NO_PARAGRAPH.match(line)
        if not goes_on:
            if words > PARAGRAPH_LIMIT:
                message = N_("a paragraph of %(count)s words; cut it with an empty line, or make a list of it")
                yield warning(path, start, message, count=words)
            words = 0
        start = start if words else number
        words, last = words + count, number


def _reading_time(lesson: Lesson, line: int, words: int) -> Iterator[Problem]:
    """Reading must fit in the minutes that the lesson says; practice may come on top."""
    if not lesson.minutes or not words:
        return
    reading = max(1, round(words / WORDS_A_MINUTE))
    if reading > lesson.minutes * 1.2:
        message = N_(
            "reading takes about %(reading)s minutes, more than minutes: %(minutes)s; correct it or shorten the lesson"
        )
        yield warning(lesson.path, line, message, reading=reading, minutes=lesson.minutes)
    elif lesson.minutes > max(10, reading * 12):
        message = N_(
            "minutes: %(minutes)s is far more than the %(reading)s minutes of reading; correct it, and write what is to be done as “practice: …”"
        )
        yield warning(lesson.path, line, message, reading=reading, minutes=lesson.minutes)
