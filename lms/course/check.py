"""Checks of a whole course: what no file can know of itself."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from urllib.parse import unquote

from lms.course.check_text import CITE, PICTURES, VIDEOS, Link, addresses
from lms.course.document import CourseDoc, Drill, Item, Lesson, Quiz
from lms.course.media import ORIGINALS
from lms.course.outline import Outline
from lms.course.problems import N_, Problem, error, warning
from lms.course.questions import Question
from lms.course.reading import MEMORY, Memory, Page, course_page, item_page
from lms.course.source import AUTHORED, Source

MINUTES_AN_HOUR = 45
PICTURE_LIMIT, PAGE_LIMIT = 60_000, 400_000
OWN_ANCHORS = ("can-cu", "fn", "noi-dung")
"""Places of a lesson's page that are no headings: cited law, footnotes, where the lesson begins."""
NEAR_LIMIT = 200
Pages = Mapping[str, Page]


def whole(doc: CourseDoc, source: Source, pages: Pages) -> Iterator[Problem]:
    """Everything that can be said of a course without knowing the day or the place; course.md is the first page."""
    outline = pages["course.md"].outline
    if outline is not None:
        yield from _outline(doc, outline)
        yield from _hours(doc, outline, pages)
    yield from _titles(doc)
    yield from _doubles(pages)
    yield from _files(source, pages)
    yield from _names(source)
    cited, near = {reference.id for reference in doc.references}, near_names(source)
    for path, page in pages.items():
        near_cites = {cite: _near(cite, cited) for _, cite in page.text.cites if cite not in cited}
        for line, cite in page.text.cites:
            if cite not in cited:
                yield _uncited(path, line, cite, near_cites[cite])
        for link in page.text.links:
            yield from (
                _link(path, link, source, pages)
                if link.file in source
                else (no_file(near, path, link.line, link.file),)
            )
        yield from _pictures_together(path, page, source)


def law(doc: CourseDoc, today: date) -> list[Problem]:
    """Lessons and questions that cite what is repealed, or what nobody checked for half a year."""
    messages: dict[str, tuple[str, dict[str, str | int]]] = {}
    for reference in doc.references:
        day = reference.checked_on.isoformat()
        if reference.is_repealed(today):
            message = N_("%(number)s is no longer in force; rewrite the passage")
            messages[reference.id] = message, {"number": reference.number}
        elif reference.is_stale(today):
            message = N_("%(number)s was last checked on %(day)s; check it again and change checked_on")
            messages[reference.id] = message, {"number": reference.number, "day": day}
    if not messages:
        return []
    found = []
    for path, line, text in _cited_texts(doc):
        seen = set()
        for match in CITE.finditer(text):
            if match[1] in messages and match[1] not in seen:
                seen.add(match[1])
                message, values = messages[match[1]]
                where = line + text[: match.start()].count("\n") if line else 1
                found.append(warning(path, where, message, **values))
    return found


def dead_links(doc: CourseDoc, urls: Collection[str]) -> list[Problem]:
    """Links to the outside that somebody recorded as dead."""
    if not urls:
        return []
    message = N_("the link %(url)s was recorded as dead; link another page, or clear the record if it works again")
    return [warning(path, line, message, url=url) for path, line, url in outside_links(doc) if url in urls]


def outside_links(doc: CourseDoc) -> Iterator[tuple[str, int, str]]:
    """Path, line and address of every link to the outside; a question is told by its heading, course.md by its first line."""
    for _, url in addresses(doc.introduction):
        yield "course.md", 1, url
    for lesson in doc.lessons:
        yield from ((lesson.path, line, url) for line, url in addresses(lesson.text, lesson.line))
    for quiz in doc.quizzes:
        yield from ((quiz.path, 1, url) for _, url in addresses(quiz.introduction))
        for question in quiz.questions:
            texts = [question.stem, question.explanation, question.hint]
            texts += [text for group in question.texts().values() for text in group]
            found = dict.fromkeys(url for text in texts for _, url in addresses(text))
            yield from ((quiz.path, question.line or 1, url) for url in found)
    for drill in doc.drills:
        for line, text in _drill_texts(drill):
            yield from ((drill.path, line, url) for url in dict.fromkeys(url for _, url in addresses(text)))


def _cited_texts(doc: CourseDoc) -> Iterator[tuple[str, int, str]]:
    """Path, first line and text of what may cite law; a question is told by its heading."""
    for lesson in doc.lessons:
        yield lesson.path, lesson.line, lesson.text
    for quiz in doc.quizzes:
        for question in quiz.questions:
            texts = [question.stem, question.explanation, question.hint]
            texts += [text for group in question.texts().values() for text in group]
            yield quiz.path, question.line, " ".join(" ".join(texts).split("\n"))
    for drill in doc.drills:
        yield from ((drill.path, line, " ".join(text.split("\n"))) for line, text in _drill_texts(drill))


def _drill_texts(drill: Drill) -> Iterator[tuple[int, str]]:
    """Every text of a drill with its line: a scene is told by its heading, a reason by its choice."""
    yield 1, drill.introduction
    for scene in drill.scenes:
        yield scene.line, "\n".join([scene.text, *(inject.text for inject in scene.injects)])
        yield from ((choice.line, choice.reason) for choice in scene.choices)


def local(doc: CourseDoc, source: Source, known: Collection[str], memory: Memory = MEMORY) -> list[Problem]:
    """Names in double braces that this administration does not have."""
    message = N_("“{{%(name)s}}” is no local value here; correct the name, or fill it in under Local values")
    paths = [item.path for item in doc.every_item]
    pages = {path: memory.read(item_page, path, source[path]) for path in paths if path in source}
    if "course.md" in source:
        pages["course.md"] = memory.read(course_page, "course.md", source["course.md"])
    return [
        warning(path, line, message, name=name)
        for path, page in pages.items()
        for line, name in page.text.names
        if name not in known
    ]


def changed_ids(doc: CourseDoc, published: CourseDoc) -> list[Problem]:
    """Ids of the published course that are gone, or that now stand for something else: results follow the ids."""
    found = []
    here, before = _identified(doc), _identified(published)
    for name, (path, _, title, kind) in before.items():
        if name not in here:
            twin = next((new for new in here if new not in before and here[new][2:] == (title, kind)), None)
            if twin is None:
                message = N_(
                    "“%(title)s”, published with the id “%(id)s”, is gone; results stay with that id, so keep it if this is only renamed"
                )
                where = path if any(path == one[0] for one in here.values()) else "course.md"
                found.append(warning(where, 1, message, title=title, id=name))
            else:
                message = N_(
                    "“%(title)s” was published with the id “%(id)s” and now has “%(new)s”; write the old one, or its results are lost to it"
                )
                found.append(warning(here[twin][0], here[twin][1], message, title=title, id=name, new=twin))
        elif here[name][3] != kind:
            message = N_("the id “%(id)s” was published for something of another kind; write a new id")
            found.append(warning(here[name][0], here[name][1], message, id=name))
    return found


def _identified(doc: CourseDoc) -> dict[str, tuple[str, int, str, str]]:
    """Path, line, title and kind by id, of items and questions."""
    found: dict[str, tuple[str, int, str, str]] = {}
    for item in doc.every_item:
        found[item.id] = item.path, 1, item.title, type(item).__name__
        found |= {one.id: (item.path, one.line or 1, one.title, one.kind) for one in _questions(item)}
    return found


def _questions(item: Item) -> tuple[Question, ...]:
    if isinstance(item, Quiz):
        return item.questions
    return item.checks if isinstance(item, Lesson) else ()


# The course


def _outline(doc: CourseDoc, outline: Outline) -> Iterator[Problem]:
    """A course that nobody can complete, and parts that hold nothing."""
    if not doc.items:
        yield error("course.md", 1, N_("the outline is empty; link the lessons: “- [Title](bai/01.md)”"))
    elif all(not doc.is_required(entry) for entry in doc.items):
        yield error("course.md", 1, N_("nothing in the outline is required, so nobody can complete the course"))
    for title, line, links in outline.parts:
        if not links:
            message = N_("the part “%(title)s” holds nothing; link its lessons below it, or take it out")
            yield warning("course.md", line, message, title=(title or "")[:80])
    quiz, line = doc.quiz(doc.grade_from or ""), outline.line("grade_from")
    if doc.grade_from and quiz is None:
        message = N_("grade_from: there is no quiz “%(id)s” in the outline")
        yield error("course.md", line, message, id=doc.grade_from)
    elif quiz is not None and quiz.practice:
        yield error("course.md", line, N_("grade_from: a practice quiz does not count; name another quiz"))
    elif quiz is not None and any(entry.optional for entry in doc.items if entry.item == quiz.id):
        message = N_("grade_from: the quiz is optional, so who leaves it out gets no grade; make it required")
        yield warning("course.md", line, message)


def _hours(doc: CourseDoc, outline: Outline, pages: Pages) -> Iterator[Problem]:
    """Hours that the items' minutes do not bear out."""
    if not doc.hours:
        return
    silent = [
        entry.path
        for entry in doc.items
        if doc.is_required(entry)
        and isinstance(item := doc.item(entry.item or ""), Lesson | Drill)
        and not item.minutes
    ]
    for path in silent:
        yield warning(path, 1, N_("minutes is missing, and the hours of the course count them; add “minutes: …”"))
    if silent or not doc.minutes:
        return
    minutes = doc.minutes + doc.practice
    borne = minutes / MINUTES_AN_HOUR
    if not 0.8 * float(doc.hours) <= borne <= 1.2 * float(doc.hours):
        message = N_(
            "hours: the items take %(minutes)s minutes, which is %(borne)s periods of 45 minutes; correct hours, minutes or practice"
        )
        yield warning("course.md", outline.line("hours"), message, minutes=minutes, borne=f"{borne:.1f}")


def _titles(doc: CourseDoc) -> Iterator[Problem]:
    """Two items that nobody can tell apart in a list."""
    seen: dict[str, str] = {}
    for item in doc.every_item:
        title = item.title.casefold()
        if title and title in seen:
            yield warning(item.path, 1, N_("“%(file)s” has the same title; change one"), file=seen[title])
        seen.setdefault(title, item.path)


def _doubles(pages: Pages) -> Iterator[Problem]:
    """Ids that stand twice; the first one, in the order of the outline, keeps it."""
    seen: dict[str, tuple[str, int]] = {}
    for path, page in pages.items():
        for named in page.named:
            if named.id and named.id in seen:
                message = N_("the id “%(id)s” stands already at %(place)s; choose another")
                other, line = seen[named.id]
                yield error(path, named.line, message, id=named.id[:100], place=f"{other}:{line}")
            seen.setdefault(named.id, (path, named.line))


# Files


def _files(source: Source, pages: Pages) -> Iterator[Problem]:
    """Texts that the outline does not name, pictures that are heavy, subtitles that are none."""
    for path in source:
        name, size = path.lower(), source.size(path)
        if path.endswith(AUTHORED) and path not in pages and path != "references.yaml":
            yield warning(path, 1, N_("the file is in no outline; link it in course.md or take it out"))
        elif name.endswith(PICTURES) and size > PICTURE_LIMIT and not path.startswith(ORIGINALS):
            message = N_("the picture has %(size)s kB; under 60 kB loads well on weak lines")
            yield warning(path, 1, message, size=size // 1000)
        elif name.endswith(".vtt") and not source[path].removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
            yield error(path, 1, N_("these are no subtitles that browsers read: the first line must be WEBVTT"))


def _names(source: Source) -> Iterator[Problem]:
    """Names that are one and the same on Windows."""
    seen: dict[str, str] = {}
    for path in source:
        if path.casefold() in seen:
            message = N_(
                "the name differs from “%(file)s” by capital letters only, and many systems keep one; rename it"
            )
            yield warning(path, 1, message, file=seen[path.casefold()])
        seen.setdefault(path.casefold(), path)


def no_file(near: Mapping[str, str], path: str, line: int, file: str) -> Problem:
    """A link to a file that is not there; the one that is nearly called so is offered."""
    wanted = file.replace("\\", "/").casefold()
    other = near.get(wanted) or near.get(wanted.rpartition("/")[2])
    if other:
        message = N_("there is no file “%(file)s”; did you mean “%(near)s”?")
        return error(path, line, message, file=file[:200], near=other)
    return error(path, line, N_("there is no file “%(file)s”; correct the link or add the file"), file=file[:200])


def near_names(source: Source) -> dict[str, str]:
    """Every file by its path without capital letters, and by its mere name unless several have it."""
    paths = {path.casefold(): path for path in source}
    names: dict[str, str] = {}
    for path in source:
        name = path.casefold().rpartition("/")[2]
        names[name] = "" if name in names else path
    return {**names, **paths}


def _uncited(path: str, line: int, cite: str, near: str) -> Problem:
    if near:
        message = N_("“[@%(id)s]” is not in references.yaml; did you mean “[@%(near)s]”?")
        return error(path, line, message, id=cite[:100], near=near)
    message = N_("“[@%(id)s]” is not in references.yaml; add it there or correct the id")
    return error(path, line, message, id=cite[:100])


def _near(wanted: str, names: Collection[str]) -> str:
    """The name that is most like it; empty when none is."""
    return next(iter(get_close_matches(wanted[:100], sorted(names)[:NEAR_LIMIT], 1)), "")


# Links


def _link(path: str, link: Link, source: Source, pages: Pages) -> Iterator[Problem]:
    file = link.file
    if file == path and not link.fragment:
        yield warning(path, link.line, N_("the link leads to the page on which it stands; correct it or take it out"))
    elif file.lower().endswith(AUTHORED) and file not in pages:
        message = N_("“%(file)s” is in no outline, so learners cannot follow the link; add the file to course.md")
        yield error(path, link.line, message, file=file[:200])
    elif link.is_picture and file.lower().endswith(VIDEOS) and _subtitles(file) not in source:
        message = N_("the video has no subtitles; add “%(file)s”, or take the video out and write down what it says")
        yield error(path, link.line, message, file=_subtitles(file))
    elif link.fragment and file in pages:
        yield from _fragment(path, link, pages[file])


def _subtitles(video: str) -> str:
    return f"{video.rpartition('.')[0]}.vtt"


def _fragment(path: str, link: Link, page: Page) -> Iterator[Problem]:
    """A link to a heading that the page does not have."""
    wanted = unquote(link.fragment)
    if page.anchors is None or wanted in page.anchors or wanted.startswith(OWN_ANCHORS):
        return
    if wanted in {named.id for named in page.named}:
        return
    near = _near(wanted, page.anchors)
    if near:
        message = N_("“%(file)s” has no heading “#%(name)s”; did you mean “#%(near)s”?")
        yield warning(path, link.line, message, file=link.file, name=wanted[:100], near=near)
    else:
        message = N_("“%(file)s” has no heading “#%(name)s”; take out what stands behind the file")
        yield warning(path, link.line, message, file=link.file, name=wanted[:100])


def _pictures_together(path: str, page: Page, source: Source) -> Iterator[Problem]:
    """All pictures of a page have to come over one weak line."""
    files = {link.file for link in page.text.links if link.is_picture and link.file.lower().endswith(PICTURES)}
    total = sum(source.size(file) for file in files if file in source)
    if total > PAGE_LIMIT:
        message = N_("the pictures of this page have %(size)s kB together; under 400 kB loads well on weak lines")
        yield warning(path, 1, message, size=total // 1000)
