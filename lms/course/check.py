"""Checks of a whole course: what a good editor would ask about."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from lms.course.document import CourseDoc, Lesson, Quiz
from lms.course.problems import N_, Problem, error, warning
from lms.course.questions.choices import ChoiceQuestion
from lms.course.source import AUTHORED, Source

WORDS_A_MINUTE = 200
MINUTES_AN_HOUR = 45
PICTURE_LIMIT = 60_000
PICTURE = re.compile(r"!\[([^\]]*)\]\(<?([^)\s>]+)")
HEADING = re.compile(r"(#{1,6})[ \t]+\S")
FENCE = re.compile(r"[ ]{0,3}(```|~~~)")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg")


def whole(doc: CourseDoc, source: Source) -> list[Problem]:
    """Everything that can be said of a course without knowing the day."""
    found: list[Problem] = []
    found += _unlisted(doc, source)
    found += _hours(doc)
    for path, data in source.items():
        if path.lower().endswith(PICTURES) and len(data) > PICTURE_LIMIT:
            found.append(
                warning(
                    path,
                    1,
                    N_("the picture has %(size)s kB; under 60 kB loads well on weak lines"),
                    size=len(data) // 1000,
                )
            )
    for lesson in doc.lessons:
        found += _lesson(lesson, source)
    for quiz in doc.quizzes:
        found += _quiz(quiz)
    return found


def law(doc: CourseDoc, today: date) -> list[Problem]:
    """Lessons that cite what is repealed, or what nobody checked for half a year."""
    found = []
    references = {reference.id: reference for reference in doc.references}
    for lesson in doc.lessons:
        for cite in lesson.cites:
            reference = references.get(cite)
            if reference and reference.is_repealed(today):
                found.append(
                    warning(
                        lesson.path,
                        lesson.line,
                        N_("%(number)s is no longer in force; rewrite the passage"),
                        number=reference.number,
                    )
                )
            elif reference and reference.is_stale(today):
                found.append(
                    warning(
                        lesson.path,
                        lesson.line,
                        N_("%(number)s was last checked on %(day)s; check it again and change checked_on"),
                        number=reference.number,
                        day=reference.checked_on.isoformat(),
                    )
                )
    return found


def _unlisted(doc: CourseDoc, source: Source) -> Iterator[Problem]:
    """Texts that the outline does not name."""
    listed = {entry.path for part in doc.parts for entry in part.entries} | {"course.md", "references.yaml"}
    for path in source:
        if path.endswith(AUTHORED) and path not in listed:
            yield warning(path, 1, N_("the file is in no outline; link it in course.md or take it out"))


def _hours(doc: CourseDoc) -> Iterator[Problem]:
    """Hours that the items' minutes do not bear out."""
    if not doc.hours or not doc.minutes:
        return
    borne = doc.minutes / MINUTES_AN_HOUR
    if not 0.8 * float(doc.hours) <= borne <= 1.2 * float(doc.hours):
        yield warning(
            "course.md",
            1,
            N_(
                "hours: the items take %(minutes)s minutes, which is %(borne)s periods of 45 minutes; correct hours or minutes"
            ),
            minutes=doc.minutes,
            borne=f"{borne:.1f}",
        )


def _lesson(lesson: Lesson, source: Source) -> Iterator[Problem]:
    fence, level = False, 1
    for number, line in enumerate(lesson.text.split("\n"), start=lesson.line):
        if FENCE.match(line):
            fence = not fence
        if fence:
            continue
        heading = HEADING.match(line)
        if heading:
            if len(heading[1]) > level + 1:
                yield warning(
                    lesson.path, number, N_("a heading level is skipped; write “%(marks)s”"), marks="#" * (level + 1)
                )
            level = len(heading[1])
        for picture in PICTURE.finditer(line):
            yield from _picture(lesson, number, picture, source)
    yield from _reading_time(lesson)


def _picture(lesson: Lesson, number: int, picture: re.Match[str], source: Source) -> Iterator[Problem]:
    if not picture[1].strip():
        yield error(
            lesson.path,
            number,
            N_("the picture has no description; write it between the brackets: ![what it shows](…)"),
        )
    target = picture[2]
    if "://" in target or target.startswith("//"):
        yield error(lesson.path, number, N_("pictures come with the course; put the file into media/ and link it"))
    elif _resolve(lesson.path, target) not in source:
        yield error(
            lesson.path, number, N_("there is no file “%(file)s”; correct the link or add the file"), file=target[:200]
        )


def _resolve(base: str, target: str) -> str:
    """A path relative to the file that names it, from the course's root."""
    parts = base.split("/")[:-1]
    for part in target.split("#", maxsplit=1)[0].split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _reading_time(lesson: Lesson) -> Iterator[Problem]:
    """Reading must fit in the minutes that the lesson says; practice may come on top."""
    if not lesson.minutes:
        return
    reading = max(1, round(len(lesson.text.split()) / WORDS_A_MINUTE))
    if reading > lesson.minutes * 1.2:
        yield warning(
            lesson.path,
            1,
            N_(
                "reading takes about %(reading)s minutes, more than minutes: %(minutes)s; correct it or shorten the lesson"
            ),
            reading=reading,
            minutes=lesson.minutes,
        )
    elif lesson.minutes > max(10, reading * 12):
        yield warning(
            lesson.path,
            1,
            N_("minutes: %(minutes)s is far more than the %(reading)s minutes of reading; correct it"),
            reading=reading,
            minutes=lesson.minutes,
        )


def _quiz(quiz: Quiz) -> Iterator[Problem]:
    stems = Counter(" ".join(question.stem.lower().split()) for question in quiz.questions)
    for question in quiz.questions:
        stem = " ".join(question.stem.lower().split())
        if not stem:
            yield error(
                quiz.path,
                question.line,
                N_("question “%(title)s” has no text; write what is asked under the heading"),
                title=question.title,
            )
        elif stems[stem] > 1:
            yield warning(
                quiz.path,
                question.line,
                N_("question “%(title)s”: another question has the same text"),
                title=question.title,
            )
    choices = [q for q in quiz.questions if isinstance(q, ChoiceQuestion) and len(q.options) > 2]
    if len(choices) >= 4 and all(_longest_is_right(question) for question in choices):
        yield warning(
            quiz.path,
            1,
            N_("in every question the longest option is right, which gives the answers away; vary their length"),
        )


def _longest_is_right(question: ChoiceQuestion) -> bool:
    longest = max(range(len(question.options)), key=lambda place: len(question.options[place].text))
    return question.is_right(longest)
