"""One question of Moodle XML: every element read, or told to be unread."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lms.course.problems import N_
from lms.interop.formats.exchange import (
    ANYTHING,
    Answer,
    Attachment,
    ExchangeQuestion,
    Gap,
    Hint,
    Markup,
    Pair,
    Response,
    Text,
    Type,
    Unit,
)
from lms.interop.formats.losses import USUAL_PENALTY
from lms.interop.formats.moodle_xml import texts
from lms.interop.formats.moodle_xml.cloze import BadGap, gaps
from lms.interop.formats.moodle_xml.tree import Node
from lms.interop.formats.reading import ANSWERS_LIMIT, Reading, Refusal, brief, decimal

COMBINED = {
    "correctfeedback": "correct_feedback",
    "partiallycorrectfeedback": "partially_correct_feedback",
    "incorrectfeedback": "incorrect_feedback",
}
# How Moodle's own pages look, and what it counts anew: nothing of the question.
MOODLES_OWN = frozenset({"showstandardinstruction", "shownumcorrect", "correctresponsesfeedback"})
NO = ("", "0", "false")


class Asked:
    """One question while it is read; `used` are the names of the elements that were."""

    def __init__(self, reading: Reading, node: Node, type: Type, title: str) -> None:
        self.reading, self.node, self.type, self.title = reading, node, type, title
        self.used = {"name", "questiontext", "idnumber"}
        self.own = Markup.HTML

    def unread(self) -> list[Node]:
        return [
            child
            for child in self.node.children
            if child.tag not in self.used | MOODLES_OWN and (child.text or child.children)
        ]

    def line_of_gap(self, gap: BadGap) -> int:
        holder = self.node.child("questiontext", "text") or self.node.child("questiontext") or self.node
        return holder.line_at(gap.place)

    def question(self, names: tuple[str, ...]) -> ExchangeQuestion:
        text = self._picture(
            texts.text(self.reading, self.node.child("questiontext"), Markup.HTML) or Text(markup=Markup.HTML)
        )
        if not text:
            self._warn(self.node, N_("question “%(title)s” has no text; write what is asked"))
        self.own = text.markup
        fields = self._fields(text)
        points = self._number("defaultgrade")
        if self.type is Type.CLOZE:
            points = self._gap_points(fields["gaps"], points)
        if points is not None and points < 0:
            raise self._wrong(self.node, N_("question “%(title)s”: the points cannot be less than 0"))
        combined: dict[str, Any] = {field: self._text(tag) for tag, field in COMBINED.items()}
        return ExchangeQuestion(
            **{"type": self.type} | fields,
            line=self.node.line,
            name=texts.plain(self.node.child("name")),
            text=text,
            points=Decimal(0) if self.type is Type.DESCRIPTION else Decimal(1) if points is None else points,
            tags=self._tags(),
            category=names,
            id=texts.plain(self.node.child("idnumber")),
            general_feedback=self._text("generalfeedback"),
            hints=self._hints(),
            penalty=self._penalty(),
            hidden=self._yes("hidden", default=False),
            **combined,
        )

    # Parts that every question has

    def _warn(self, node: Node, message: str, **values: str | int) -> None:
        self.reading.warn(node.line, message, title=self.title, **values)

    def _wrong(self, node: Node, message: str, **values: str | int) -> Refusal:
        return Refusal(node.line, message, title=self.title, **values)

    def _child(self, tag: str) -> Node | None:
        self.used.add(tag)
        return self.node.child(tag)

    def _all(self, tag: str) -> list[Node]:
        self.used.add(tag)
        found = self.node.all(tag)
        if len(found) > ANSWERS_LIMIT:
            message = N_("question “%(title)s” has more than %(limit)s answers; keep the most telling ones")
            raise self._wrong(found[ANSWERS_LIMIT], message, limit=ANSWERS_LIMIT)
        return found

    def _text(self, tag: str) -> Text | None:
        return texts.text(self.reading, self._child(tag), self.own) or None

    def _said(self, tag: str) -> str:
        node = self._child(tag)
        return node.text if node else ""

    def _yes(self, tag: str, *, default: bool) -> bool:
        node = self._child(tag)
        return default if node is None else node.text.casefold() not in NO

    def _number(self, tag: str) -> Decimal | None:
        """The number in an element; None without it, or when it is empty."""
        node = self._child(tag)
        return self._decimal(node) if node and node.text else None

    def _decimal(self, node: Node) -> Decimal:
        value = decimal(node.text)
        if value is None:
            message = N_("question “%(title)s”: “%(written)s” in <%(tag)s> is not a number; write it as 1.5")
            raise self._wrong(node, message, written=brief(node.text), tag=node.tag)
        return value

    def _whole(self, tag: str) -> int | None:
        value = self._number(tag)
        return None if value is None or abs(value) > 10**12 else int(value)

    def _tags(self) -> tuple[str, ...]:
        holders = [node for tag in ("tags", "coursetags") if (node := self._child(tag))]
        found = [texts.plain(tag) for holder in holders for tag in holder.all("tag")]
        return tuple(dict.fromkeys(tag for tag in found if tag))

    def _penalty(self) -> Decimal | None:
        """Old files round a third."""
        value = self._number("penalty")
        return USUAL_PENALTY if value is not None and abs(value - USUAL_PENALTY) < Decimal("0.005") else value

    def _hints(self) -> tuple[Hint, ...]:
        found = []
        for node in self._all("hint"):
            text = texts.text(self.reading, node.child("hintcontent") or node, self.own)
            if text:
                shows = node.child("shownumcorrect") is not None or node.said("statenumberofcorrectresponses") not in NO
                clears = node.child("clearwrong") is not None or node.said("clearincorrectresponses") not in NO
                found.append(Hint(text=text, shows_count=shows, clears_wrong=clears))
        return tuple(found)

    def _picture(self, text: Text) -> Text:
        """Files from before 2010 carry one picture beside the question."""
        name, data = self._child("image"), self._child("image_base64")
        if name is None or not name.text:
            return text
        if data is None or not data.text:
            self._warn(
                name,
                N_("question “%(title)s”: the picture “%(name)s” is not in the file; add it later"),
                name=brief(name.text),
            )
            return text
        file: Attachment = texts.attachment(data, name.text.replace("/", "_"), "/")
        return Text(
            text=f'{text.text} <img src="@@PLUGINFILE@@/{file.name}" />',
            markup=text.markup,
            files=(*text.files, file),
        )

    # What each type has

    def _fields(self, text: Text) -> dict[str, Any]:
        makers: dict[Type, Callable[[], dict[str, Any]]] = {
            Type.SINGLE_CHOICE: self._choices,
            Type.TRUE_FALSE: self._true_false,
            Type.SHORT_TEXT: self._short_texts,
            Type.NUMERIC: self._numbers,
            Type.MATCHING: self._matching,
            Type.ESSAY: self._essay,
            Type.DESCRIPTION: dict,
            Type.CLOZE: lambda: self._gaps(text),
        }
        return makers[self.type]()

    def _weight(self, node: Node) -> Decimal:
        """In percent; as an element, which old files have, from 0 to 1."""
        old = node.child("fraction")
        written = node.attributes.get("fraction", "").strip()
        value = self._decimal(old) * 100 if old and old.text and not written else decimal(written or "0")
        if value is None or not -100 <= value <= 100:
            message = N_(
                "question “%(title)s”: the fraction “%(written)s” is no share of the points; write from -100 to 100"
            )
            raise self._wrong(node, message, written=brief(written or (old.text if old else "")))
        return value

    def _feedback(self, node: Node) -> Text | None:
        return texts.text(self.reading, node.child("feedback"), self.own) or None

    def _has_right(self, answers: tuple[Answer, ...]) -> None:
        """What nobody can answer rightly is told; Moodle has such questions, for asking opinions."""
        best = max(answer.weight for answer in answers)
        if best <= 0:
            self._warn(self.node, N_("question “%(title)s” has no right answer; mark one before it is used"))
        elif best < 100 and self.type is not Type.MULTIPLE_CHOICE:
            self._warn(self.node, N_("question “%(title)s” has no answer worth all points; mark one before it is used"))

    def _choices(self) -> dict[str, Any]:
        if not self._yes("single", default=True):
            self.type = Type.MULTIPLE_CHOICE
        found = []
        for node in self._all("answer"):
            text = texts.text(self.reading, node, self.own)
            if text:
                found.append(Answer(text=text, weight=self._weight(node), feedback=self._feedback(node)))
            elif self._weight(node) or self._feedback(node):
                raise self._wrong(
                    node, N_("question “%(title)s”: an answer has no text; write it, or remove the answer")
                )
            else:
                self._warn(node, N_("question “%(title)s”: an empty answer was left out"))
        if len(found) < 2:
            raise self._wrong(self.node, N_("question “%(title)s” has only one answer; write at least two"))
        self._has_right(tuple(found))
        return {
            "type": self.type,
            "answers": tuple(found),
            "shuffle": self._yes("shuffleanswers", default=False),
            "numbering": self._said("answernumbering"),
        }

    def _true_false(self) -> dict[str, Any]:
        right: dict[bool, bool] = {}
        feedback: dict[bool, Text | None] = {}
        for place, node in enumerate(self._all("answer")):
            word = texts.plain(node).casefold()
            if word not in ("true", "false"):
                word = "false" if place else "true"
                message = N_(
                    "question “%(title)s”: “%(word)s” is read as %(meant)s, by its place; look over which answer is right"
                )
                self._warn(node, message, word=brief(texts.plain(node)), meant=word)
            response = word == "true"
            right[response], feedback[response] = self._weight(node) == 100, self._feedback(node)
        correct = right.get(True, not right.get(False, True))
        if not right or right.get(False, not correct) is correct:
            raise self._wrong(self.node, N_("question “%(title)s”: exactly one of true and false has the fraction 100"))
        return {"correct": correct, "feedback_if_true": feedback.get(True), "feedback_if_false": feedback.get(False)}

    def _short_texts(self) -> dict[str, Any]:
        found = []
        for node in self._all("answer"):
            text = texts.plain(node)
            if not text:
                raise self._wrong(
                    node, N_("question “%(title)s”: an answer has no text; write it, or remove the answer")
                )
            said = Text(text=text, markup=Markup.PLAIN)
            found.append(Answer(text=said, weight=self._weight(node), feedback=self._feedback(node)))
        if not found:
            raise self._wrong(self.node, N_("question “%(title)s” has no answer; add one"))
        self._has_right(tuple(found))
        return {"answers": tuple(found), "case_sensitive": self._yes("usecase", default=False)}

    def _numbers(self) -> dict[str, Any]:
        found = []
        for node in self._all("answer"):
            written = texts.plain(node) or ANYTHING
            value = ANYTHING if written == ANYTHING else decimal(written)
            margin = node.child("tolerance")
            tolerance = self._decimal(margin) if margin and margin.text and value != ANYTHING else Decimal(0)
            if value is None or tolerance < 0:
                message = N_(
                    "question “%(title)s”: “%(written)s” is not a number with a tolerance; write for example 3.14 and 0.01"
                )
                raise self._wrong(node, message, written=brief(written))
            found.append(
                Answer(
                    value=value,
                    tolerance=None if value == ANYTHING else tolerance,
                    weight=self._weight(node),
                    feedback=self._feedback(node),
                )
            )
        if not found:
            raise self._wrong(self.node, N_("question “%(title)s” has no answer; add one"))
        self._has_right(tuple(found))
        return {"answers": tuple(found), "units": self._units()}

    def _units(self) -> tuple[Unit, ...]:
        holder = self._child("units")
        found = []
        for node in holder.all("unit") if holder else []:
            multiplier = node.child("multiplier")
            found.append(
                Unit(
                    name=texts.plain(node.child("unit_name")),
                    multiplier=self._decimal(multiplier) if multiplier and multiplier.text else Decimal(1),
                )
            )
        self.used |= {"unitsleft", "showunits", "unitpenalty", "unitgradingtype"}
        if self._said("unitgradingtype") not in NO:
            self._warn(
                self.node, N_("question “%(title)s”: the unit was a part of the answer; here it need not be typed")
            )
        return tuple(unit for unit in found if unit.name)

    def _matching(self) -> dict[str, Any]:
        pairs, distractors = [], []
        for node in self._all("subquestion"):
            left, right = texts.text(self.reading, node, self.own), texts.plain(node.child("answer"))
            if left and right:
                pairs.append(Pair(left=left, right=right))
            elif right:
                distractors.append(right)
            elif left:
                raise self._wrong(
                    node, N_("question “%(title)s”: nothing is matched with “%(left)s”; add it"), left=brief(left.text)
                )
        if not pairs or len(pairs) + len(distractors) < 2:
            raise self._wrong(self.node, N_("question “%(title)s” has only one pair; write at least two"))
        return {
            "pairs": tuple(pairs),
            "distractors": tuple(distractors),
            "shuffle": self._yes("shuffleanswers", default=True),
        }

    def _essay(self) -> dict[str, Any]:
        editor = self._said("responseformat") or "editor"
        response = Response(
            editor=editor,
            required=self._yes("responserequired", default=True),
            lines=self._whole("responsefieldlines"),
            least_words=self._whole("minwordlimit"),
            most_words=self._whole("maxwordlimit"),
            files=self._whole("attachments"),
            files_required=self._whole("attachmentsrequired"),
            file_types=self._said("filetypeslist"),
            most_bytes=self._whole("maxbytes"),
            grader_info=self._text("graderinfo"),
            template=self._text("responsetemplate"),
        )
        return {"type": Type.FILE if editor == "noinline" else Type.ESSAY, "response": response}

    def _gaps(self, text: Text) -> dict[str, Any]:
        found = gaps(text.text)
        if not found:
            raise self._wrong(
                self.node, N_("question “%(title)s” has no gap; write for example {1:SHORTANSWER:=right}")
            )
        return {"gaps": found}

    def _gap_points(self, found: tuple[Gap, ...], said: Decimal | None) -> Decimal:
        """The gaps say what the question is worth."""
        points = sum((gap.points for gap in found), Decimal(0))
        if said is not None and said != points:
            message = N_(
                "question “%(title)s”: its gaps are worth %(points)s points together, whatever <defaultgrade> says"
            )
            self._warn(self.node, message, points=str(points))
        return points
