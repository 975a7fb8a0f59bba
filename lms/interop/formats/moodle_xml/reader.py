"""Moodle XML → questions: every type taken or named, every category kept."""

from lms.course.problems import N_, Problem
from lms.interop.formats.exchange import ExchangeQuestion, Type
from lms.interop.formats.moodle_xml import texts, tree
from lms.interop.formats.moodle_xml.asked import Asked
from lms.interop.formats.moodle_xml.cloze import BadGap, UnknownGap
from lms.interop.formats.moodle_xml.tree import Node
from lms.interop.formats.reading import NO_QUESTION, QUESTIONS_LIMIT, Reading, Refusal, brief, category

TYPES = {
    "multichoice": Type.SINGLE_CHOICE,
    "truefalse": Type.TRUE_FALSE,
    "shortanswer": Type.SHORT_TEXT,
    "numerical": Type.NUMERIC,
    "matching": Type.MATCHING,
    "match": Type.MATCHING,
    "essay": Type.ESSAY,
    "description": Type.DESCRIPTION,
    "cloze": Type.CLOZE,
    "multianswer": Type.CLOZE,
}


def read(data: bytes, path: str = "") -> tuple[tuple[ExchangeQuestion, ...], list[Problem]]:
    """The questions and what is wrong; one error, and there are none."""
    reading = Reading(path)
    quiz = _Quiz(reading)
    if reading.fits(data):
        try:
            tree.read(data, "quiz", quiz.take)
        except Refusal as refusal:
            reading.refuse(refusal)
    quiz.tell_left_out()
    if not quiz.seen and not reading.is_refused:
        reading.wrong(1, NO_QUESTION)
    return (() if reading.is_refused else tuple(quiz.questions)), reading.in_order()


class _Quiz:
    """The questions found so far, the category they stand in, and what was left out."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.questions: list[ExchangeQuestion] = []
        self.category: tuple[str, ...] = ()
        self.seen = 0
        self.left_out: dict[str, tuple[int, int]] = {}

    def take(self, node: Node) -> None:
        """One element below <quiz>; what is wrong with it is noted, and reading goes on."""
        if self.reading.is_full:
            raise Refusal(node.line, N_("there are more problems in this file; correct these first"))
        if node.tag != "question":
            self.reading.warn(node.line, N_("<%(tag)s> is no question; it was left out"), tag=node.tag[:40])
            return
        try:
            self._question(node)
        except Refusal as refusal:
            self.reading.refuse(refusal)

    def _question(self, node: Node) -> None:
        written = node.attributes.get("type", "").strip()
        if written == "category":
            self.category = category(texts.plain(node.child("category")))
            if texts.plain(node.child("info")):
                message = N_("the description of the category “%(name)s” was left out")
                self.reading.warn(node.line, message, name=" / ".join(self.category) or "top")
            return
        self.seen += 1
        title = brief(texts.plain(node.child("name"))) or brief(texts.plain(node.child("questiontext")))
        if written not in TYPES:
            message = N_(
                "question “%(title)s” was left out: we have no questions of the type “%(type)s”; write it anew"
            )
            self.reading.warn(node.line, message, title=title, type=written[:40])
            return
        if len(self.questions) >= QUESTIONS_LIMIT:
            message = N_("the file has more than %(limit)s questions; split it")
            raise Refusal(node.line, message, limit=QUESTIONS_LIMIT)
        asked = Asked(self.reading, node, TYPES[written], title)
        try:
            self.questions.append(asked.question(self.category))
        except UnknownGap as gap:
            self.reading.warn(asked.line_of_gap(gap), gap.message, title=title, **gap.values)
        except BadGap as gap:
            raise Refusal(asked.line_of_gap(gap), gap.message, title=title, **gap.values) from None
        for child in asked.unread():
            line, count = self.left_out.get(child.tag, (child.line, 0))
            self.left_out[child.tag] = line, count + 1

    def tell_left_out(self) -> None:
        """Each element that nobody read, once."""
        for tag, (line, count) in list(self.left_out.items())[:100]:
            message = N_("<%(tag)s> is not known here; it was left out of %(count)s questions")
            self.reading.warn(line, message, tag=tag[:40], count=count)
