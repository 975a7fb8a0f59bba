"""Questions of our courses → what other formats can say of them."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote

from lms.course.problems import N_, Problem
from lms.course.questions import Question
from lms.course.questions.choices import ChoiceQuestion
from lms.course.questions.cloze import Blank, Cloze
from lms.course.questions.essay import Criterion, Essay, rubric_lines
from lms.course.questions.file import FileUpload
from lms.course.questions.matching import Matching
from lms.course.questions.multiple_choice import MultipleChoice
from lms.course.questions.numeric import Numeric
from lms.course.questions.ordering import Ordering
from lms.course.questions.short_text import ANYTHING, ShortText
from lms.course.questions.single_choice import SingleChoice
from lms.course.questions.true_false import TrueFalse
from lms.course.source import AUTHORED
from lms.interop.formats.exchange import (
    Answer,
    Attachment,
    ExchangeQuestion,
    Hint,
    Markup,
    Pair,
    Response,
    Text,
    Type,
    Unit,
)
from lms.interop.formats.losses import told
from lms.interop.formats.moodle_xml.cloze import escaped, gaps

SHOWN = re.compile(r"(!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(<?)([^)<>\s]+)(>?(?:\s+\"[^\"]*\")?\))")
OURS = re.compile(r"\[@[^\]]{1,80}\]|\{\{[^{}]{1,80}\}\}")
ONLY_OURS = N_("question “%(title)s”: elsewhere these are shown as they are written: %(written)s")
TRUE = frozenset({"đúng", "true"})
SHARE = Decimal("0.00001")


def exchanged(
    question: Question, *, path: str = "", files: Mapping[str, bytes] | None = None
) -> tuple[ExchangeQuestion, list[Problem]]:
    """The question with the files that it shows, and what only our courses can say.

    `path` is the file it stands in, from which the paths of the files are told.
    """
    written = _Written(question, path, files or {})
    found = written.question()
    return found, [told(found, message, **values) for message, values in written.lost]


class _Written:
    """One question while it is told in others' words."""

    def __init__(self, question: Question, path: str, files: Mapping[str, bytes]) -> None:
        self.one, self.path, self.files = question, path, files
        self.lost: list[tuple[str, dict[str, str]]] = []

    def question(self) -> ExchangeQuestion:
        one = self.one
        fields: dict[str, Any] = {"text": self.text(one.stem), "points": one.points} | self.fields()
        return ExchangeQuestion(
            **fields,
            type=Type(one.kind),
            line=one.line,
            name=one.title,
            tags=one.tags,
            category=(one.section,) if one.section else (),
            id=one.id,
            general_feedback=self.said(one.explanation),
            hints=(Hint(text=self.text(one.hint)),) if one.hint else (),
        )

    def fields(self) -> dict[str, Any]:
        """What this type has."""
        makers: dict[type[Question], Any] = {
            SingleChoice: self.choices,
            MultipleChoice: self.choices,
            TrueFalse: self.true_false,
            ShortText: self.short_text,
            Numeric: self.number,
            Matching: self.matching,
            Ordering: self.ordering,
            Cloze: self.cloze,
            Essay: self.essay,
            FileUpload: self.file,
        }
        found: dict[str, Any] = makers[type(self.one)](self.one)
        return found

    def text(self, markdown: str) -> Text:
        """The text with the files that it shows, by the names they have inside a question."""
        found: dict[str, Attachment] = {}
        if (ours := OURS.findall(markdown)) and not any(message == ONLY_OURS for message, _ in self.lost):
            self.lost.append((ONLY_OURS, {"written": ", ".join(dict.fromkeys(ours))}))

        def shown(match: re.Match[str]) -> str:
            target = unquote(match[3].partition("#")[0])
            place = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), target))
            if place not in self.files:
                return match[0]
            if place.endswith(AUTHORED):
                message = N_("question “%(title)s”: elsewhere there is no “%(link)s”; its link became plain text")
                self.lost.append((message, {"link": place}))
                return match[2]
            name = posixpath.basename(place)
            found.setdefault(name, Attachment(name=name, data=self.files[place]))
            return f"{match[1]}@@PLUGINFILE@@/{quote(name)}{match[4]}"

        return Text(text=SHOWN.sub(shown, markdown), markup=Markup.MARKDOWN, files=tuple(found.values()))

    def said(self, markdown: str) -> Text | None:
        return self.text(markdown) if markdown else None

    def true_false(self, one: TrueFalse) -> dict[str, Any]:
        by_word = {option.text.strip().casefold() in TRUE: option for option in one.options}
        return {
            "correct": by_word[True].ticked,
            "feedback_if_true": self.said(by_word[True].feedback),
            "feedback_if_false": self.said(by_word[False].feedback),
        }

    def choices(self, one: ChoiceQuestion) -> dict[str, Any]:
        answers = tuple(
            Answer(
                text=self.text(option.text),
                weight=(Decimal(share.numerator * 100) / share.denominator).quantize(SHARE),
                feedback=self.said(option.feedback),
            )
            for option, share in zip(one.options, one.shares(), strict=True)
        )
        return {"answers": answers, "shuffle": one.shuffle}

    def cloze(self, one: Cloze) -> dict[str, Any]:
        """Its points are shared evenly; Moodle's gaps have whole ones."""
        worth = one.points / len(one.blanks)
        if worth != worth.to_integral_value():
            worth = Decimal(1)
            values = {"points": f"{one.points.normalize():f}", "new": str(len(one.blanks))}
            self.lost.append((N_("question “%(title)s”: %(points)s points became %(new)s"), values))
        text = self.text(one.stem_with(lambda place: gap(one.blanks[place], int(worth), case=one.case)))
        return {"text": text, "gaps": gaps(text.text), "points": worth * len(one.blanks)}

    def short_text(self, one: ShortText) -> dict[str, Any]:
        answers = tuple(
            Answer(
                text=Text(text=wildcards(answer.text), markup=Markup.PLAIN),
                weight=answer.weight * 100,
                feedback=self.said(answer.feedback),
            )
            for answer in one.answers
        )
        return {"answers": answers, "case_sensitive": one.case}

    def number(self, one: Numeric) -> dict[str, Any]:
        units = (Unit(name=one.unit, multiplier=Decimal(1)),) if one.unit else ()
        return {"answers": (measured(one.low, one.high),), "units": units}

    def matching(self, one: Matching) -> dict[str, Any]:
        pairs = tuple(
            Pair(left=self.text(left), right=right) for left, right in zip(one.rows, one.matches, strict=True)
        )
        return {"pairs": pairs, "distractors": one.distractors, "shuffle": one.shuffle}

    def ordering(self, one: Ordering) -> dict[str, Any]:
        return {"steps": tuple(self.text(step) for step in one.steps)}

    def essay(self, one: Essay) -> dict[str, Any]:
        response = Response(least_words=one.least_words, most_words=one.most_words, grader_info=self.rubric(one.rubric))
        return {"response": response}

    def file(self, one: FileUpload) -> dict[str, Any]:
        response = Response(
            editor="noinline",
            files=one.most_files,
            files_required=1,
            file_types=",".join(one.suffixes),
            most_bytes=one.most_mib * 2**20,
            grader_info=self.rubric(one.rubric),
        )
        return {"response": response}

    def rubric(self, criteria: Sequence[Criterion]) -> Text | None:
        """A list without its label, for those who mark."""
        return self.said("\n".join(line for line in rubric_lines(criteria)[3:] if line.strip()))


def measured(low: Decimal, high: Decimal) -> Answer:
    """A range as its middle and half its width."""
    return Answer(value=(low + high) / 2, tolerance=(high - low) / 2, weight=Decimal(100))


def wildcards(text: str) -> str:
    """“…” stands for anything here, “*” there."""
    return text.replace("*", "\\*").replace(ANYTHING, "*")


def gap(blank: Blank, points: int, *, case: bool) -> str:
    """A gap as Moodle writes it."""
    if blank.low is not None and blank.high is not None:
        number = measured(blank.low, blank.high)
        margin = f":{number.tolerance:f}" if number.tolerance else ""
        return f"{{{points}:NUMERICAL:={number.value:f}{margin}}}"
    if blank.words:
        words = (("=" if word in blank.answers else "") + escaped(word) for word in blank.words)
        return f"{{{points}:MULTICHOICE_S:{'~'.join(words)}}}"
    accepted = "~".join(f"={escaped(wildcards(answer))}" for answer in blank.answers)
    return f"{{{points}:{'SHORTANSWER_C' if case else 'SHORTANSWER'}:{accepted}}}"
