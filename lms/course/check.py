"""Checks of a whole course: what a good editor would ask about."""

import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote

from lms.course.document import CourseDoc, Lesson, Quiz
from lms.course.problems import N_, Problem, error, warning
from lms.course.questions.choices import ChoiceQuestion
from lms.course.source import AUTHORED, Source

WORDS_A_MINUTE = 200
MINUTES_AN_HOUR = 45
PICTURE_LIMIT, PAGE_LIMIT = 60_000, 400_000
SENTENCE_LIMIT = 45
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?:<(?P<angled>[^<>]*)>|(?P<bare>[^)\s]*))[^)]*\)")
CITE = re.compile(r"\[@([A-Za-z0-9-]+)(?:[ ]+[^\]]*)?\]")
LOCAL = re.compile(r"\{\{[ ]*([A-Za-z_][A-Za-z0-9_]{0,59})[ ]*\}\}")
HEADING = re.compile(r"(#{1,6})[ \t]+\S")
FENCE = re.compile(r"[ ]{0,3}(```+|~~~+)[ ]*(\w*)")
INLINE_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
SENTENCE_END = re.compile(r"(?<=[.!?…:;])\s+|\s\|\s|$")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg")
VIDEOS = (".mp4", ".webm")
SAYS_NOTHING = {"tại đây", "ở đây", "đây", "xem", "xem thêm", "bấm vào đây", "here", "click here", "link", "more"}


def whole(doc: CourseDoc, source: Source) -> list[Problem]:
    """Everything that can be said of a course without knowing the day or the place."""
    found: list[Problem] = [*_outline(doc), *_unlisted(doc, source), *_hours(doc), *_sizes(source)]
    for path in _texts(doc):
        found += _text(path, doc, source)
    for lesson in doc.lessons:
        found += _lesson(lesson)
        found += _pictures_together(lesson, source)
    for quiz in doc.quizzes:
        found += _quiz(quiz)
    return found


def law(doc: CourseDoc, today: date) -> list[Problem]:
    """Lessons that cite what is repealed, or what nobody checked for half a year."""
    found = []
    references = {reference.id: reference for reference in doc.references}
    for lesson in doc.lessons:
        lines = lesson.text.split("\n")
        for cite in lesson.cites:
            reference = references.get(cite)
            line = lesson.line + next((n for n, text in enumerate(lines) if f"[@{cite}" in text), 0)
            if reference and reference.is_repealed(today):
                message = N_("%(number)s is no longer in force; rewrite the passage")
                found.append(warning(lesson.path, line, message, number=reference.number))
            elif reference and reference.is_stale(today):
                message = N_("%(number)s was last checked on %(day)s; check it again and change checked_on")
                day = reference.checked_on.isoformat()
                found.append(warning(lesson.path, line, message, number=reference.number, day=day))
    return found


def local(doc: CourseDoc, source: Source, known: Collection[str]) -> list[Problem]:
    """Names in double braces that this administration does not have."""
    message = N_("“{{%(name)s}}” is no local value here; correct the name, or fill it in under Local values")
    return [
        warning(path, line, message, name=match[1])
        for path in _texts(doc)
        for line, text in _lines(source, path)
        for match in LOCAL.finditer(text)
        if match[1] not in known
    ]


def _texts(doc: CourseDoc) -> list[str]:
    """Every text that learners read, by path."""
    return ["course.md", *(lesson.path for lesson in doc.lessons), *(quiz.path for quiz in doc.quizzes)]


def _lines(source: Source, path: str) -> Iterator[tuple[int, str]]:
    """The lines outside front matter and code; those of a self-check count as text."""
    fence, facts = "", False
    for number, line in enumerate(source.get(path, b"").decode("utf-8", "replace").split("\n"), start=1):
        if line.rstrip() == "---" and (number == 1 or facts):
            facts = number == 1
            continue
        mark = FENCE.match(line)
        if mark and not fence:
            fence = "" if mark[2] == "quiz" else mark[1]
            continue
        if mark and fence and mark[1].startswith(fence):
            fence = ""
            continue
        if not facts and not fence:
            yield number, INLINE_CODE.sub(lambda code: " " * len(code[0]), line)


# The course


def _outline(doc: CourseDoc) -> Iterator[Problem]:
    """A course that nobody can complete."""
    if not doc.items:
        yield error("course.md", 1, N_("the outline is empty; link the lessons: “- [Title](bai/01.md)”"))
    elif all(entry.optional or _is_practice(doc, entry.item) for entry in doc.items):
        yield error("course.md", 1, N_("nothing in the outline is required, so nobody can complete the course"))
    if not 1 <= doc.complete <= 100:
        yield error("course.md", 1, N_("complete: write “all”, or a percentage from 1%% to 100%%"))
    if doc.grade_from and _is_practice(doc, doc.grade_from):
        yield error("course.md", 1, N_("grade_from: a practice quiz does not count; name another quiz"))


def _is_practice(doc: CourseDoc, item: str | None) -> bool:
    quiz = doc.quiz(item or "")
    return quiz is not None and quiz.practice


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
        message = N_(
            "hours: the items take %(minutes)s minutes, which is %(borne)s periods of 45 minutes; correct hours or minutes"
        )
        yield warning("course.md", 1, message, minutes=doc.minutes, borne=f"{borne:.1f}")


def _sizes(source: Source) -> Iterator[Problem]:
    for path, data in source.items():
        if path.lower().endswith(PICTURES) and len(data) > PICTURE_LIMIT:
            message = N_("the picture has %(size)s kB; under 60 kB loads well on weak lines")
            yield warning(path, 1, message, size=len(data) // 1000)


# What stands in any text


@dataclass(frozen=True)
class _Link:
    """A link or picture of a text, with the file that it leads to; empty for one that leads outside."""

    path: str
    line: int
    is_picture: bool
    words: str
    target: str
    file: str


def _text(path: str, doc: CourseDoc, source: Source) -> Iterator[Problem]:
    """Links, pictures, videos and cited law of one text."""
    cited = {reference.id for reference in doc.references}
    for line, text in _lines(source, path):
        for match in LINK.finditer(text):
            yield from _link(
                _Link(path, line, bool(match[1]), match[2], _target(match), _resolve(path, _target(match))), source
            )
        for match in CITE.finditer(text):
            if match[1] not in cited:
                message = N_("“[@%(id)s]” is not in references.yaml; add it there or correct the id")
                yield error(path, line, message, id=match[1])


def _link(link: _Link, source: Source) -> Iterator[Problem]:
    is_outside = re.match(r"(?:[a-z][a-z0-9+.-]*:|//)", link.target, re.IGNORECASE) is not None
    if link.is_picture and not link.words.strip():
        message = N_("the picture has no description; write it between the brackets: ![what it shows](…)")
        yield error(link.path, link.line, message)
    if link.is_picture and is_outside:
        message = N_("pictures come with the course; put the file into media/ and link it")
        yield error(link.path, link.line, message)
    elif is_outside and not re.match(r"(?:https?|mailto|tel):", link.target, re.IGNORECASE):
        message = N_("the link “%(target)s” leads nowhere a browser may go; write https://… or a file of the course")
        yield error(link.path, link.line, message, target=link.target[:100])
    elif not is_outside and not link.target.startswith("#") and link.file not in source:
        message = N_("there is no file “%(file)s”; correct the link or add the file")
        yield error(link.path, link.line, message, file=link.target[:200])
    elif link.file.lower().endswith(VIDEOS) and f"{link.file.rpartition('.')[0]}.vtt" not in source:
        message = N_("the video has no subtitles; add “%(file)s”, or take the video out and write down what it says")
        yield error(link.path, link.line, message, file=f"{link.file.rpartition('.')[0]}.vtt")
    if not link.is_picture and " ".join(link.words.lower().split()) in SAYS_NOTHING:
        message = N_("the words “%(words)s” do not say where the link leads; write what is to be found there")
        yield warning(link.path, link.line, message, words=link.words)


def _target(link: re.Match[str]) -> str:
    """Where a link leads: between angle brackets a path may hold spaces."""
    return link["bare"] if link["angled"] is None else link["angled"]


def _resolve(base: str, target: str) -> str:
    """A path relative to the file that names it, from the course's root."""
    plain = unicodedata.normalize("NFC", unquote(target.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0]))
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), plain)) if plain else ""


# Lessons


def _lesson(lesson: Lesson) -> Iterator[Problem]:
    level, fence, words = 1, "", 0
    for number, line in enumerate(lesson.text.split("\n"), start=lesson.line):
        if mark := FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
            continue
        if fence:
            continue
        words += len(line.split())
        if heading := HEADING.match(line):
            if len(heading[1]) > level + 1:
                message = N_("a heading level is skipped; write “%(marks)s”")
                yield warning(lesson.path, number, message, marks="#" * (level + 1))
            level = len(heading[1])
        longest = max((len(part.split()) for part in SENTENCE_END.split(line)), default=0)
        if longest > SENTENCE_LIMIT:
            message = N_("a sentence of %(count)s words; cut it into two")
            yield warning(lesson.path, number, message, count=longest)
    if not words:
        yield error(lesson.path, lesson.line, N_("the lesson is empty; write its text below the facts"))
    yield from _reading_time(lesson, words)


def _reading_time(lesson: Lesson, words: int) -> Iterator[Problem]:
    """Reading must fit in the minutes that the lesson says; practice may come on top."""
    if not lesson.minutes or not words:
        return
    reading = max(1, round(words / WORDS_A_MINUTE))
    if reading > lesson.minutes * 1.2:
        message = N_(
            "reading takes about %(reading)s minutes, more than minutes: %(minutes)s; correct it or shorten the lesson"
        )
        yield warning(lesson.path, 1, message, reading=reading, minutes=lesson.minutes)
    elif lesson.minutes > max(10, reading * 12):
        message = N_("minutes: %(minutes)s is far more than the %(reading)s minutes of reading; correct it")
        yield warning(lesson.path, 1, message, reading=reading, minutes=lesson.minutes)


def _pictures_together(lesson: Lesson, source: Source) -> Iterator[Problem]:
    """All pictures of a page have to come over one weak line."""
    files = {_resolve(lesson.path, _target(match)) for match in LINK.finditer(lesson.text) if match[1]}
    total = sum(len(source[file]) for file in files if file in source and file.lower().endswith(PICTURES))
    if total > PAGE_LIMIT:
        message = N_("the pictures of this lesson have %(size)s kB together; under 400 kB loads well on weak lines")
        yield warning(lesson.path, 1, message, size=total // 1000)


# Quizzes


def _quiz(quiz: Quiz) -> Iterator[Problem]:
    stems = Counter(" ".join(question.stem.lower().split()) for question in quiz.questions)
    for question in quiz.questions:
        stem = " ".join(question.stem.lower().split())
        if not stem:
            message = N_("question “%(title)s” has no text; write what is asked under the heading")
            yield error(quiz.path, question.line, message, title=question.title)
        elif stems[stem] > 1:
            message = N_("question “%(title)s”: another question has the same text")
            yield warning(quiz.path, question.line, message, title=question.title)
        if question.needs_person:
            message = N_(
                "question “%(title)s” is marked by a person, which this version cannot yet keep; ask it in another way"
            )
            yield error(quiz.path, question.line, message, title=question.title)
        if isinstance(question, ChoiceQuestion):
            yield from _options(quiz, question)
    choices = [q for q in quiz.questions if isinstance(q, ChoiceQuestion) and len(q.options) > 2]
    if len(choices) >= 4 and all(_longest_is_right(question) for question in choices):
        message = N_("in every question the longest option is right, which gives the answers away; vary their length")
        yield warning(quiz.path, 1, message)


def _options(quiz: Quiz, question: ChoiceQuestion) -> Iterator[Problem]:
    seen = Counter(" ".join(option.text.lower().split()) for option in question.options)
    for text, count in seen.items():
        if count > 1:
            message = N_("question “%(title)s”: the option “%(option)s” stands twice; change one")
            yield error(quiz.path, question.line, message, title=question.title, option=text[:60])


def _longest_is_right(question: ChoiceQuestion) -> bool:
    longest = max(range(len(question.options)), key=lambda place: len(question.options[place].text))
    return question.is_right(longest)
