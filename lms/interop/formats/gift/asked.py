"""One question of GIFT: its name, text, type and answers."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal, localcontext
from typing import Any

from lms.course.problems import N_
from lms.interop.formats.exchange import ANYTHING, Answer, ExchangeQuestion, Markup, Pair, Text, Type
from lms.interop.formats.gift.escapes import WEIGHT, Piece, resolved
from lms.interop.formats.reading import ANSWERS_LIMIT, Reading, Refusal, brief, decimal

ALONE = N_("a category is one line, with a blank line before and after it; put a blank line above this line")
COMMENT = "//"
CATEGORY = "$CATEGORY:"
BLANK_WORD = "_____"
SIGNS = re.compile(r"[=~]")
BRACES = re.compile(r"[{}]")
LABEL = re.compile(r"\[(id|tag):")
LABEL_END = re.compile(r"(?<!\\)\]")
STEPS = re.compile(r">+\s*(?:\d+|ALL)\b", re.IGNORECASE)
"""How Moodle's questions of the type ordering begin."""
RIGHT = {"T": True, "TRUE": True, "F": False, "FALSE": False}
NO_TEXT = N_("question “%(title)s”: an answer has no text; write it, or remove the answer")
MISTYPED = {"t", "true", "f", "false", "đúng", "sai"}


class Block:
    """The lines of one question: comments apart, the rest joined with each escape resolved."""

    def __init__(self, rows: list[tuple[int, str]]) -> None:
        self.comments = [line for _, line in rows if line.startswith(COMMENT)]
        kept = [
            (number, resolved(line) if "\\" in line else line) for number, line in rows if not line.startswith(COMMENT)
        ]
        self.numbers = [number for number, _ in kept]
        self.starts = [0]
        for _, line in kept[:-1]:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.whole = Piece("\n".join(line for _, line in kept)).trimmed()

    @property
    def line(self) -> int:
        return self.numbers[0]

    def line_at(self, place: int) -> int:
        """The line of the file in which this place of the text stands."""
        return self.numbers[bisect_right(self.starts, place) - 1]

    def labels(self) -> list[tuple[str, str]]:
        """What the comments say in brackets: [id:…] and [tag:…]."""
        return [label for comment in self.comments for label in labels(comment)]


def labels(comment: str) -> Iterator[tuple[str, str]]:
    r"""Each [id:…] and [tag:…] of a comment; “\]” in it is a bracket."""
    place = 0
    while opening := LABEL.search(comment, place):
        closing = LABEL_END.search(comment, opening.end())
        if closing is None:
            return
        place = closing.end()
        if value := comment[opening.end() : closing.start()].replace("\\]", "]").strip():
            yield opening[1], value


class Asked:
    """One question while it is read."""

    def __init__(self, reading: Reading, block: Block, names: tuple[str, ...]) -> None:
        self.reading, self.block, self.category = reading, block, names
        self.name = ""
        self.label = brief(block.whole.plain())

    def question(self) -> ExchangeQuestion:
        if (inside := self.block.whole.text.find(f"\n{CATEGORY}")) >= 0:
            raise Refusal(self.block.line_at(inside + 1), ALONE)
        stem, body, general = self._cut(self._after_name())
        text = stem.rich(Markup.MOODLE)
        self.label = brief(self.name or text.text) or self.label
        kind = _type(body)
        if not text:
            self._warn(self.block.whole, N_("question “%(title)s” has no text; write what is asked"))
        id, tags = self._labels()  # noqa: A001 - the format's word
        return ExchangeQuestion(
            type=kind,
            line=self.block.line,
            name=self.name,
            text=text,
            points=Decimal(kind is not Type.DESCRIPTION),
            tags=tags,
            category=self.category,
            id=id,
            general_feedback=said(general, text.markup),
            **self._answers(kind, body or Piece(""), text.markup),
        )

    def _warn(self, piece: Piece, message: str, **values: str | int) -> None:
        self.reading.warn(self.block.line_at(piece.at), message, title=self.label, **values)

    def _wrong(self, piece: Piece, message: str, **values: str | int) -> Refusal:
        return Refusal(self.block.line_at(piece.at), message, title=self.label, **values)

    def _labels(self) -> tuple[str, tuple[str, ...]]:
        found = self.block.labels()
        ids = [value for what, value in found if what == "id"]
        if len(ids) > 1:
            message = N_("question “%(title)s” has more than one id; the first, “%(id)s”, is taken")
            self._warn(self.block.whole, message, id=ids[0])
        return (ids[0] if ids else ""), tuple(dict.fromkeys(value for what, value in found if what == "tag"))

    def _after_name(self) -> Piece:
        """What follows “::name::”."""
        whole = self.block.whole
        if not whole.text.startswith("::"):
            return whole
        name, rest = whole[2:].parted("::")
        if rest is None:
            self._warn(whole, N_("question “%(title)s”: the name is not closed; write “::name:: text”"))
            return name.trimmed()
        self.name = name.plain()
        return rest.trimmed()

    def _cut(self, text: Piece) -> tuple[Piece, Piece | None, Piece | None]:
        """The stem, the answers between the braces (None without braces) and the general feedback."""
        start, end = text.text.find("{"), text.text.find("}")
        if start < 0 and end < 0:
            return text, None, None
        if start < 0 or -1 < end < start:
            message = N_("question “%(title)s”: “}” has no “{” before it; write “\\}” where it is only a sign")
            raise self._wrong(text[end:], message)
        if end < 0:
            message = N_(
                "question “%(title)s”: “{” is not closed; write “}”, or “\\{” where it is only a sign. "
                "A blank line ends a question, also between its answers"
            )
            raise self._wrong(text[start:], message)
        if second := BRACES.search(text.text, end + 1):
            message = N_(
                "question “%(title)s” has a second “{…}”; GIFT has one answer block, so use Moodle XML or Markdown for "
                "a text with gaps; write “\\{” and “\\}” where they are only signs, and a blank line between two questions"
            )
            raise self._wrong(text[second.start() :], message)
        if (inner := text.text.find("{", start + 1, end)) >= 0:
            message = N_("question “%(title)s”: a “{” among the answers is read as a sign; write “\\{”")
            self._warn(text[inner:], message)
        is_last = end == len(text.text) - 1
        stem = Piece(text.text[:start] + ("" if is_last else BLANK_WORD) + text.text[end + 1 :], text.at)
        body = text[start + 1 : end].trimmed()
        general = body.text.rfind("####")
        return (stem, body, None) if general < 0 else (stem, body[:general].trimmed(), body[general + 4 :])

    # Answers

    def _answers(self, kind: Type, body: Piece, own: Markup) -> dict[str, Any]:
        """The fields of this type."""
        if kind in (Type.SINGLE_CHOICE, Type.MULTIPLE_CHOICE):
            return {"answers": self._choices(kind, body, own)}
        if kind is Type.TRUE_FALSE:
            return self._true_false(body, own)
        if kind is Type.MATCHING:
            return self._matching(body, own)
        if kind is Type.NUMERIC:
            return {"answers": self._numbers(body[1:], own)}
        if kind is Type.SHORT_TEXT:
            return {"answers": self._short_texts(body, own), "case_sensitive": False}
        return {}

    def _marked(self, body: Piece, signs: str) -> list[tuple[str, Piece]]:
        """Each answer with the sign before it; what stands before the first sign has none."""
        places = [match.start() for match in re.finditer(f"[{signs}]", body.text)]
        if len(places) > ANSWERS_LIMIT:
            message = N_("question “%(title)s” has more than %(limit)s answers; keep the most telling ones")
            raise self._wrong(body, message, limit=ANSWERS_LIMIT)
        ends = [*places[1:], len(body.text)] if places else []
        found = [(body.text[place], body[place + 1 : end].trimmed()) for place, end in zip(places, ends, strict=True)]
        before = body[: places[0] if places else None].trimmed()
        return [("", before), *found] if before.text else found

    def _filled(self, marked: Iterable[tuple[str, Piece]]) -> Iterator[tuple[str, Piece]]:
        """Without the answers that are empty, which are told."""
        for sign, piece in marked:
            if piece.text:
                yield sign, piece
            else:
                message = N_("question “%(title)s”: an empty answer was left out; write it, or remove its “%(sign)s”")
                self._warn(piece, message, sign=sign)

    def _weighed(self, piece: Piece) -> tuple[Decimal | None, Piece]:
        """The weight that the answer begins with, if it does, and the rest."""
        match = WEIGHT.match(piece.text)
        if match is None:
            return None, piece
        weight = Decimal(match[1])
        if not -100 <= weight <= 100:
            message = N_("question “%(title)s”: “%(weight)s” is no share of the points; write from %%-100%% to %%100%%")
            raise self._wrong(piece, message, weight=brief(match[0]))
        return weight, piece[match.end() :].trimmed()

    def _feedback(self, piece: Piece, own: Markup) -> tuple[Piece, Text | None]:
        """The answer, and the feedback behind its first “#”."""
        answer, feedback = piece.parted("#")
        return answer.trimmed(), said(feedback, own)

    def _choices(self, kind: Type, body: Piece, own: Markup) -> tuple[Answer, ...]:
        self._ask_about_signs(kind, body, "~=")
        found = []
        for sign, piece in self._filled(self._marked(body, "~=")):
            if not sign:
                message = N_(
                    "question “%(title)s”: the answer before the first sign is taken as wrong; write “~” before it"
                )
                self._warn(piece, message)
            weight, rest = (None, piece) if sign == "=" else self._weighed(piece)
            if sign == "=" and WEIGHT.match(piece.text):
                message = N_(
                    "question “%(title)s”: “=” is worth 100%% and takes no weight here, so “%(weight)s” is read as a "
                    "part of the answer; write “~%(weight)s…”"
                )
                self._warn(piece, message, weight=WEIGHT.match(piece.text)[0])  # type: ignore[index]
            answer, feedback = self._feedback(rest, own)
            text = answer.rich(own)
            if not text:
                raise self._wrong(piece, NO_TEXT)
            worth = Decimal(100) if sign == "=" else weight or Decimal(0)
            found.append(Answer(text=text, weight=worth, feedback=feedback))
        if len(found) < 2:
            raise self._wrong(body, N_("question “%(title)s” has only one answer; write at least two"))
        if not any(answer.weight > 0 for answer in found):
            message = N_("question “%(title)s” has no right answer; write “=” before it, or a weight: “~%%50%%…”")
            raise self._wrong(body, message)
        return tuple(found)

    def _true_false(self, body: Piece, own: Markup) -> dict[str, Any]:
        """The first feedback is for the wrong response, the second for the right one."""
        word, rest = body.parted("#")
        wrong, right = rest.parted("#") if rest is not None else (None, None)
        correct = RIGHT[word.plain()]
        when_wrong, when_right = said(wrong, own), said(right, own)
        return {
            "correct": correct,
            "feedback_if_true": when_right if correct else when_wrong,
            "feedback_if_false": when_wrong if correct else when_right,
        }

    def _matching(self, body: Piece, own: Markup) -> dict[str, Any]:
        pairs, distractors = [], []
        marked = list(self._filled(self._marked(body, "=")))
        for _, piece in marked:
            left, right = piece.parted("->")
            if right is None:
                message = N_(
                    "question “%(title)s”: this answer has no “->”; in a matching question each is “=left -> right”. "
                    "If it is none, write “→” instead of “->”, which makes it one"
                )
                raise self._wrong(piece, message)
            if not right.plain():
                raise self._wrong(
                    piece, N_("question “%(title)s”: nothing stands behind “->”; write what belongs there")
                )
            if "#" in piece.text:
                message = N_("question “%(title)s”: matching has no feedback, so “#” is read as a sign; write “\\#”")
                self._warn(piece, message)
            side = left.rich(own)
            if side:
                pairs.append(Pair(left=side, right=right.plain()))
            else:
                distractors.append(right.plain())
        if len(marked) < 2:
            raise self._wrong(body, N_("question “%(title)s” has only one pair; write at least two"))
        if not pairs:
            raise self._wrong(body, N_("question “%(title)s” has nothing to match; write “=left -> right”"))
        return {"pairs": tuple(pairs), "distractors": tuple(distractors)}

    def _short_texts(self, body: Piece, own: Markup) -> tuple[Answer, ...]:
        self._ask_about_signs(Type.SHORT_TEXT, body, "=")
        if body.parted("#")[0].plain().casefold() in MISTYPED:
            message = N_(
                "question “%(title)s” is read as one with a short text; write TRUE or FALSE if it is true/false"
            )
            self._warn(body, message)
        if STEPS.match(body.text):
            message = N_(
                "question “%(title)s”: “>” begins steps to put in order, which are not read here; write them anew"
            )
            self._warn(body, message)
        found = []
        for _, piece in self._filled(self._marked(body, "=")):
            weight, rest = self._weighed(piece)
            answer, feedback = self._feedback(rest, own)
            text = answer.rich(own)
            if not text:
                raise self._wrong(piece, NO_TEXT)
            worth = Decimal(100) if weight is None else weight
            found.append(Answer(text=Text(text=text.text, markup=Markup.PLAIN), weight=worth, feedback=feedback))
        if not found:
            raise self._wrong(body, N_("question “%(title)s” has no answer; write it behind “=”"))
        return tuple(found)

    def _numbers(self, body: Piece, own: Markup) -> tuple[Answer, ...]:
        self._ask_about_signs(Type.NUMERIC, body, "=~")
        body, otherwise = body.parted("~")
        found = []
        for _, piece in self._filled(self._marked(body, "=")):
            weight, rest = self._weighed(piece)
            answer, feedback = self._feedback(rest, own)
            value, tolerance = self._number(answer)
            worth = Decimal(100) if weight is None else weight
            found.append(Answer(value=value, tolerance=tolerance, weight=worth, feedback=feedback))
        if not found:
            raise self._wrong(body, N_("question “%(title)s” has no number; write it behind “#”"))
        if otherwise is not None and otherwise.plain():
            found.append(self._otherwise(otherwise, own))
        return tuple(found)

    def _otherwise(self, piece: Piece, own: Markup) -> Answer:
        """The feedback for any number that no answer took."""
        answer, feedback = self._feedback(piece, own)
        if answer.text:
            message = N_("question “%(title)s”: behind “~” a number has only “#” and the feedback for anything else")
            raise self._wrong(piece, message)
        if sign := SIGNS.search(piece.text):
            message = N_(
                "question “%(title)s”: everything behind “~#” is the feedback for anything else, also “%(sign)s”; write it last"
            )
            self._warn(piece[sign.start() :], message, sign=sign[0])
        return Answer(value=ANYTHING, weight=Decimal(0), feedback=feedback)

    def _number(self, answer: Piece) -> tuple[Decimal | str, Decimal | None]:
        """The value and how far one may be off; of a range its middle and half its width."""
        written = answer.plain()
        if written == ANYTHING:
            return ANYTHING, None
        low, _, high = written.partition("..") if written.find("..") > 0 else (written, "", "")
        value, _, margin = written.partition(":") if not high else (low, "", high)
        first, second = decimal(value), decimal(margin or "0")
        if first is None or second is None or (written.find(":") > 0 and not margin.strip()):
            message = N_(
                "question “%(title)s”: “%(written)s” is not a number; write for example 3.14, 3.14:0.01 or 3..4"
            )
            raise self._wrong(answer, message, written=brief(written))
        if (second < 0 and not high) or (high and second < first):
            message = N_(
                "question “%(title)s”: “%(written)s” accepts nothing; write the smaller number first, and no minus in a tolerance"
            )
            raise self._wrong(answer, message, written=brief(written))
        if not high:
            return first, second
        with localcontext(prec=80):
            return (first + second) / 2, (second - first) / 2

    def _ask_about_signs(self, kind: Type, body: Piece, signs: str) -> None:
        """Tell of a sign that looks like a part of the feedback before it, yet begins an answer."""
        text, first = body.text, re.search(f"[{signs}]", body.text)
        is_tight = bool(first and text[first.end() : first.end() + 1].strip())
        after = text.find("#")
        while after >= 0:
            mark = re.compile(f"[{signs}]").search(text, after)
            if mark is None:
                return
            before, behind = text[mark.start() - 1], text[mark.end() : mark.end() + 1]
            loose = is_tight and before == " " and behind == " "
            if (before.strip() and before != "#") or loose:
                message = N_(
                    "question “%(title)s”: “%(sign)s” in the feedback begins a new answer, and the question is read as "
                    "%(type)s; write “\\%(sign)s” where it is only a sign"
                )
                self._warn(body[mark.start() :], message, sign=mark[0], type=kind.value)
                return
            after = text.find("#", mark.end())


def _type(body: Piece | None) -> Type:
    """What the answers look like, asked in this order."""
    if body is None:
        return Type.DESCRIPTION
    text = body.text
    if not text:
        return Type.ESSAY
    if text.startswith("#"):
        return Type.NUMERIC
    if "~" in text:
        return Type.SINGLE_CHOICE if "=" in text else Type.MULTIPLE_CHOICE
    if "=" in text and "->" in text:
        return Type.MATCHING
    return Type.TRUE_FALSE if body.parted("#")[0].plain() in RIGHT else Type.SHORT_TEXT


def said(piece: Piece | None, own: Markup) -> Text | None:
    """The text of a feedback; None when there is none, or nothing in it."""
    return (piece.rich(own) or None) if piece is not None else None
