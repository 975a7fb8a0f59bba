"""A quiz: its settings and its questions."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from lms.course.blocks import Chunk, attributes, block, chunks
from lms.course.desk import Desk, local_names, one_of, percent, title, whole
from lms.course.document import Draw, Quiz, When
from lms.course.frontmatter import FrontMatter
from lms.course.problems import N_
from lms.course.questions import BadQuestion, Question, from_block

KEYS = {
    "id", "kind", "title", "pass", "minutes", "attempts", "grade", "show", "show_when", "shuffle", "draw", "penalty",
    "opens", "closes", "practice",
}  # fmt: skip
DRAW = re.compile(
    r"(?P<count>[1-9]\d{0,2})(?:[ ]+(?:from|từ)[ ]+(?P<section>.+?))?(?:[ ]+(?:tagged|nhãn)[ ]+(?P<tag>\S+))?$"
)
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{1,2}:\d{2}))?$")
AFTER = re.compile(r"(\d{1,3})[ ]+(?:days? after enrolment|ngày sau khi ghi danh)$", re.IGNORECASE)
QUESTIONS_LIMIT = 1_000
DRAWS_LIMIT = 100


def quiz(desk: Desk, facts: FrontMatter) -> Quiz:
    """The quiz of a file."""
    desk.unknown(facts, KEYS)
    identity = desk.identity(facts)
    introduction, questions = _questions(desk, facts)
    opens, closes = _when(desk, facts, "opens"), _when(desk, facts, "closes")
    show_when = one_of(desk, facts, "show_when", ("at once", "passed", "closed"), "at once")
    if show_when == "closed" and closes is None:
        message = N_("show_when: closed needs a day when the quiz closes; add “closes: …”")
        desk.wrong(facts.line("show_when"), message)
    if opens and closes and opens.moment and closes.moment and closes.moment <= opens.moment:
        desk.wrong(facts.line("closes"), N_("the quiz closes before it opens; correct one of the two"))
    return Quiz(
        id=identity,
        title=title(desk, facts),
        path=facts.path,
        pass_percent=percent(desk, facts, "pass", Decimal(60)),
        minutes=whole(desk, facts, "minutes", 1, 600),
        attempts=whole(desk, facts, "attempts", 1, 100),
        grade=one_of(desk, facts, "grade", ("highest", "last", "first", "average"), "highest"),
        show=one_of(desk, facts, "show", ("nothing", "score", "mistakes", "answers"), "mistakes"),
        show_when=show_when,
        shuffle=one_of(desk, facts, "shuffle", ("none", "questions", "options", "both"), "options"),
        draws=_draws(desk, facts, questions),
        penalty_percent=percent(desk, facts, "penalty", Decimal(0)),
        opens=opens,
        closes=closes,
        practice=one_of(desk, facts, "practice", ("yes", "no"), "no") == "yes",
        introduction=introduction,
        questions=questions,
        local_names=local_names(facts.body),
    )


def _questions(desk: Desk, facts: FrontMatter) -> tuple[str, tuple[Question, ...]]:
    introduction, section, found = "", "", []
    before = len(desk.problems)
    for chunk in chunks(facts.body, facts.body_line):
        if chunk.level == 0:
            introduction = "\n".join(line for _, line in chunk.lines).strip()
        elif chunk.level == 1:
            section = attributes(facts.path, chunk)[0]
            stray = next((line for line, text in chunk.lines if text.strip()), None)
            if stray:
                message = N_("text outside a question; move it into a question or above the first one")
                desk.wrong(stray, message)
        elif chunk.level == 2:
            made = question(desk, chunk, section)
            found += [made] if made else []
        else:
            message = N_("a question begins with “## ”, a section with “# ”; other headings have no place in a quiz")
            desk.wrong(chunk.line, message)
    if not found and len(desk.problems) == before:
        message = N_("the quiz has no question; write “## Title {#id}”, the question and its answers")
        desk.wrong(1, message)
    if len(found) > QUESTIONS_LIMIT:
        message = N_("the quiz has more than %(limit)s questions; split it")
        desk.wrong(1, message, limit=QUESTIONS_LIMIT)
    return introduction, tuple(found)


def question(desk: Desk, chunk: Chunk, section: str = "") -> Question | None:
    """The question of a chunk, or None with every reason noted."""
    title, identity, *_ = attributes(desk.path, chunk)
    desk.question_identity(identity, chunk.line, title)
    made, problems = block(desk.path, chunk)
    desk.problems += problems
    if made is None:
        return None
    try:
        return from_block(made, section)
    except BadQuestion as bad:
        desk.problems.append(bad.problem(desk.path))
        return None


def _when(desk: Desk, facts: FrontMatter, key: str) -> When | None:
    """“2026-12-01 08:00” in Việt Nam's time, or “7 days after enrolment”."""
    text = facts.text(key)
    if not text or text in ("always", "luôn mở"):
        return None
    if after := AFTER.match(text):
        return When(days=int(after[1]))
    if match := MOMENT.match(text):
        try:
            return When(moment=datetime.fromisoformat(f"{match[1]}T{(match[2] or '00:00').zfill(5)}").isoformat())
        except ValueError:
            pass
    message = N_("%(key)s: “%(value)s” is not understood; write “2026-12-01 08:00” or “7 days after enrolment”")
    desk.wrong(facts.line(key), message, key=key, value=text[:60])
    return None


def _draws(desk: Desk, facts: FrontMatter, questions: tuple[Question, ...]) -> tuple[Draw, ...]:
    """What an attempt draws, when it does not ask every question."""
    written: Any = facts.values.get("draw", [])
    texts = [written] if isinstance(written, str) else written
    lines = facts.item_lines.get("draw") or [facts.line("draw")]
    if len(texts) > DRAWS_LIMIT:
        desk.wrong(lines[0], N_("draw: more than %(limit)s lines; draw by section or tag"), limit=DRAWS_LIMIT)
        return ()
    draws: list[Draw] = []
    for line, text in zip(lines, texts, strict=False):
        match = DRAW.match(" ".join(text.split()))
        if match is None:
            message = N_(
                "draw: “%(value)s” is not understood; write “5 from Section”, “3 tagged hard” or “2 from Section tagged hard”"
            )
            desk.wrong(line, message, value=text[:60])
            continue
        draw = Draw(count=int(match["count"]), section=(match["section"] or "").strip(), tag=match["tag"] or "")
        if not _names_nothing(desk, line, draw, questions):
            _has_enough(desk, line, text, draw, draws, questions)
        draws.append(draw)
    return tuple(draws)


def _names_nothing(desk: Desk, line: int, draw: Draw, questions: tuple[Question, ...]) -> bool:
    """Whether it draws from a section or by a tag that no question has; said with those that there are."""
    sections = sorted({one.section for one in questions if one.section})
    tags = sorted({tag for one in questions for tag in one.tags})
    for name, there, message in (
        (draw.section, sections, N_("draw: no question stands in the section “%(name)s”; the sections are: %(there)s")),
        (draw.tag, tags, N_("draw: no question has the tag “%(name)s”; the tags are: %(there)s")),
    ):
        if name and questions and name not in there:
            desk.wrong(line, message, name=name[:60], there=", ".join(there)[:200] or "–")
            return True
    return False


def _has_enough(
    desk: Desk, line: int, text: str, draw: Draw, before: list[Draw], questions: tuple[Question, ...]
) -> None:
    """At the worst, what earlier lines draw is taken from the questions that fit here."""
    fitting = {one.id for one in questions if draw.takes(one)}
    gone = sum(min(other.count, len(fitting & {one.id for one in questions if other.takes(one)})) for other in before)
    there = len(fitting) - gone
    if there < draw.count:
        message = N_(
            "draw: “%(value)s” asks for more than the %(there)s questions that fit and are left; write more of them or draw fewer"
        )
        desk.wrong(line, message, value=text[:60], there=max(0, there))
