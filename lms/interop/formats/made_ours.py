"""One question of elsewhere, made ours: cut into the parts that its author would have written here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from lms.course import numerals, questions
from lms.course.problems import N_, Problem
from lms.course.questions import Block, Item, Shape
from lms.course.questions.base import one_line, share
from lms.course.questions.essay import CRITERION
from lms.course.questions.file import COUNT_LIMIT, SIZE_LIMIT
from lms.course.questions.matching import escaped
from lms.course.questions.numeric import UNIT
from lms.interop.formats.exchange import Answer, ExchangeQuestion, Gap, Response, Text, Type
from lms.interop.formats.losses import losses, told, written
from lms.interop.formats.prose import GAP, Prose, Shelf
from lms.interop.formats.typed_answers import LOOKED_AT, contested, measured, pattern, shown, taken_before, typed

NAME = "Tam Kỳ"
KEPT = frozenset({"name", "points", "tags", "category", "id", "general_feedback", "hints", "files"})
OWN = {
    Type.SINGLE_CHOICE: {"feedback", "shuffle"},
    Type.MULTIPLE_CHOICE: {"feedback", "shuffle"},
    Type.TRUE_FALSE: {"feedback", "shuffle"},
    Type.SHORT_TEXT: {"feedback", "case"},
    Type.NUMERIC: {"units"},
    Type.MATCHING: {"shuffle"},
    Type.CLOZE: {"case"},
    Type.ESSAY: {"response"},
    Type.FILE: {"response"},
}
EVEN = Decimal("0.1")
HUNDREDTH = Decimal("0.01")
LOOSE = re.compile(r" …|… ")
CONTESTED = N_(
    "question “%(title)s”: some answers fit “%(first)s” as well as “%(second)s”; here the one worth more counts, "
    "not the first"
)


class Unholdable(Exception):
    """Our format has no way to say this."""

    def __init__(self, message: str, **values: str | int) -> None:
        super().__init__(message)
        self.message, self.values = message, values


class Made:
    """One question while it is made ours."""

    def __init__(self, one: ExchangeQuestion, words: Mapping[str, str], shelf: Shelf) -> None:
        self.one, self.say = one, words
        self.prose = Prose(shelf)
        self.settings: dict[str, str] = {}
        self.kept = KEPT | OWN.get(one.type, set())
        self.stem = ""
        self.response = ""
        self.told: list[Problem] = []

    def problems(self) -> list[Problem]:
        """Everything that was lost on the way."""
        return [*losses(self.one, NAME, self.kept), *self.told, *unsaid(self.one, self.prose)]

    def tell(self, message: str, **values: str | int) -> None:
        self.told.append(told(self.one, message, **values))

    def block(self, title: str, id: str) -> Block:
        """The question cut into its parts, as its author would have written it here."""
        makers = {
            Type.SINGLE_CHOICE: (Shape.TICKS, self.single_choice),
            Type.MULTIPLE_CHOICE: (Shape.TICKS, self.multiple_choice),
            Type.TRUE_FALSE: (Shape.TICKS, self.true_false),
            Type.SHORT_TEXT: (Shape.ANSWER, self.short_text),
            Type.NUMERIC: (Shape.ANSWER, self.number),
            Type.MATCHING: (Shape.PAIRS, self.matching),
            Type.ORDERING: (Shape.STEPS, self.ordering),
            Type.CLOZE: (Shape.GAPS, self.cloze),
            Type.ESSAY: (Shape.RESPONSE, self.essay),
            Type.FILE: (Shape.RESPONSE, self.file),
        }
        shape, make = makers[self.one.type]
        if self.one.type is not Type.CLOZE:
            self.stem = self.prose.stem(self.one.text)
        items = tuple(make())
        self.points()
        return Block(
            id=id,
            title=title,
            line=1,
            shape=shape,
            items=items,
            answer_line=1,
            response=self.response,
            stem=self.stem.strip(),
            tags=self.tags(),
            settings=self.settings,
            explanation=self.prose.note(self.one.general_feedback).strip(),
            hint="\n\n".join(self.prose.note(hint.text).strip() for hint in self.one.hints),
        )

    def points(self) -> None:
        """Above 0, with at most two decimals, which read one way only."""
        said = self.one.points
        points = max(said.quantize(HUNDREDTH, ROUND_HALF_EVEN), HUNDREDTH) if said else Decimal(1)
        if points != said:
            message = N_("question “%(title)s”: %(points)s points became %(new)s")
            self.tell(message, points=written(said), new=written(points))
        if points != 1:
            self.settings["points"] = written(points)

    def tags(self) -> tuple[str, ...]:
        """A tag of ours is one word."""
        words = (re.sub(r"[\s{}#.=]+", "-", tag).strip("-") for tag in self.one.tags)
        return tuple(dict.fromkeys(word for word in words if word))

    def keep_order(self) -> None:
        if self.one.shuffle is False:
            self.settings["shuffle"] = "no"

    # Choices

    def option(self, answer: Answer, mark: str) -> Item:
        return Item(line=1, text=self.prose.line(answer.text), mark=mark, feedback=self.prose.line(answer.feedback))

    def single_choice(self) -> list[Item]:
        """One option is ticked; others may be worth all or a part."""
        items: list[Item] = []
        for answer in self.one.answers:
            is_first = not any(item.mark == "x" for item in items)
            mark = "x" if answer.weight == 100 and is_first else self.mark(answer.weight) if answer.weight else ""
            items.append(self.option(answer, mark))
        self.tell_cost(self.one.answers)
        if questions.true_false.is_true_false([item.text for item in items]):
            return [replace(item, mark="") if (item.mark or "").startswith("-") else item for item in items]
        self.keep_order()
        return items

    def tell_cost(self, answers: Sequence[Answer]) -> None:
        """Where one option is chosen, Moodle can take points away for it."""
        if cost := [answer for answer in answers if answer.weight < 0]:
            message = N_("question “%(title)s”: choosing %(others)s cost points; here it earns none and costs none")
            self.tell(message, others="; ".join(shown(answer) for answer in cost))

    def multiple_choice(self) -> list[Item]:
        """Right options that are worth the same are ticked; wrong ones cost what the file says."""
        right = [answer.weight for answer in self.one.answers if answer.weight > 0]
        if not right:
            raise Unholdable(N_("question “%(title)s” was left out: it has no right answer; mark one in the file"))
        total, is_even = sum(right, Decimal(0)), max(right) - min(right) < EVEN
        if not 99 <= total <= 101:
            message = N_("question “%(title)s”: the right options added up to %(total)s%%; here they share 100%%")
            self.tell(message, total=written(round(total, 2)))
        cost = Decimal(100) / len(right)
        items = []
        for answer in self.one.answers:
            weight = answer.weight
            if weight > 0:
                mark = (
                    "x"
                    if is_even
                    else self.mark(weight * 100 / max(total, Decimal(100)) if total > 99 else weight * 100 / total)
                )
            else:
                mark = "" if abs(weight + cost) < EVEN else self.mark(weight)
            items.append(self.option(answer, mark))
        if len(right) < 2 or not is_even:
            self.settings["select"] = "many"
        self.keep_order()
        return items

    def mark(self, weight: Decimal) -> str:
        """A weight as it stands in a box, with two decimals at most."""
        return share(weight.quantize(HUNDREDTH, ROUND_DOWN) / 100)

    def true_false(self) -> list[Item]:
        said = ((True, "true", self.one.feedback_if_true), (False, "false", self.one.feedback_if_false))
        return [
            Item(
                line=1,
                text=self.say[word],
                mark="x" if self.one.correct is meant else "",
                feedback=self.prose.line(feedback),
            )
            for meant, word, feedback in said
        ]

    # Typed answers

    def short_text(self) -> list[Item]:
        items = []
        for answer in self.one.answers:
            text = self.accepted(answer)
            if answer.weight <= 0:
                if answer.feedback:
                    message = N_("question “%(title)s”: the feedback for “%(text)s”, which is wrong, was left out")
                    self.tell(message, text=text)
                continue
            self.tell_loose(text)
            mark = None if answer.weight == 100 else self.mark(answer.weight)
            items.append(Item(line=1, text=f"“{text}”", mark=mark, feedback=self.prose.line(answer.feedback)))
        if not items:
            raise Unholdable(N_("question “%(title)s” was left out: it has no right answer; mark one in the file"))
        if self.one.case_sensitive:
            self.settings["case"] = "yes"
        self.tell_contested(self.one.answers, case=bool(self.one.case_sensitive))
        return items

    def tell_loose(self, text: str) -> None:
        if LOOSE.search(text):
            message = N_("question “%(title)s”: in “%(text)s” the space beside “…” need not be typed here")
            self.tell(message, text=text)

    def tell_contested(self, answers: Sequence[Answer], *, case: bool) -> None:
        """Here the best of several answers counts, in Moodle the first."""
        said = [(pattern(answer.text.text), answer.weight) for answer in answers if answer.text]
        if len(said) > LOOKED_AT and len({weight for _, weight in said}) > 1:
            message = N_(
                "question “%(title)s” has more than %(limit)s answers; where two of them fit, the one worth more counts "
                "here, not the first"
            )
            self.tell(message, limit=LOOKED_AT)
        elif found := contested(said, case=case):
            self.tell(CONTESTED, first=found[0], second=found[1])

    def accepted(self, answer: Answer) -> str:
        """“*” stands for anything there, “…” here."""
        text = one_line(answer.text.text if answer.text else "")
        if "…" in text:
            self.tell(N_("question “%(title)s”: “…” in the answer “%(text)s” stands for anything here"), text=text)
        return pattern(text)

    def number(self) -> list[Item]:
        """One number with its tolerance, the first that is worth all."""
        right = [answer for answer in self.one.answers if answer.weight == 100 and isinstance(answer.value, Decimal)]
        if not right:
            raise Unholdable(N_("question “%(title)s” was left out: no number in it is worth all points"))
        if others := [answer for answer in self.one.answers if answer is not right[0] and answer.weight > 0]:
            message = N_("question “%(title)s”: here one number is right; left out: %(others)s")
            self.tell(message, others="; ".join(shown(answer) for answer in others))
        self.tell_taken(self.one.answers, right[0])
        return [Item(line=1, text=f"{measured(right[0])} {self.unit()}".strip())]

    def tell_taken(self, answers: Sequence[Answer], right: Answer) -> None:
        """In Moodle a wrong number that stands before the right one takes what both accept."""
        if wrong := taken_before(answers, right):
            self.tell(CONTESTED, first=shown(wrong), second=shown(right))

    def unit(self) -> str:
        """The unit in which the number is given."""
        own = [unit.name for unit in self.one.units if unit.multiplier == 1]
        unit = own[0] if own and re.fullmatch(UNIT, own[0]) else ""
        if others := [one.name for one in self.one.units if one.name != unit]:
            message = N_("question “%(title)s”: here a number has one unit; left out: %(others)s")
            self.tell(message, others=", ".join(others))
        return unit

    # Pairs, steps, gaps

    def matching(self) -> list[Item]:
        self.keep_order()
        pairs = [(escaped(self.prose.words(pair.left)), one_line(pair.right)) for pair in self.one.pairs]
        pairs += [("", one_line(distractor)) for distractor in self.one.distractors]
        return [Item(line=1, text=f"{left} -> {right}".strip()) for left, right in pairs]

    def ordering(self) -> list[Item]:
        return [Item(line=1, text=self.prose.line(step)) for step in self.one.steps]

    def cloze(self) -> list[Item]:
        """The gaps go into the text after it has become Markdown."""
        text, parts, last = self.one.text, [], 0
        for place, gap in enumerate(self.one.gaps):
            parts += [text.text[last : gap.start], GAP.format(place)]
            last = gap.end
        holed = Text(text="".join([*parts, text.text[last:]]), markup=text.markup, files=text.files)
        stem = self.prose.stem(holed, gaps=True)
        for place, gap in enumerate(self.one.gaps):
            stem = stem.replace(GAP.format(place), f"[[{self.gap(gap)}]]")
        self.stem = stem
        if len({gap.points for gap in self.one.gaps}) > 1:
            self.tell(N_("question “%(title)s”: its gaps were worth different points; here they share them evenly"))
        cases = [gap.case_sensitive for gap in self.one.gaps if gap.type is Type.SHORT_TEXT]
        if any(cases):
            self.settings["case"] = "yes"
            if not all(cases):
                self.tell(N_("question “%(title)s”: upper and lower case now differ in each of its gaps"))
        return []

    def gap(self, gap: Gap) -> str:
        if gap.type is Type.MULTIPLE_CHOICE:
            raise Unholdable(N_("question “%(title)s” was left out: it has a gap with several right words"))
        right = [answer for answer in gap.answers if answer.weight == 100]
        if part := [answer for answer in gap.answers if 0 < answer.weight < 100]:
            message = N_("question “%(title)s”: in a gap an answer is right or wrong; left out: %(others)s")
            self.tell(message, others="; ".join(shown(answer) for answer in part))
        if gap.type is Type.NUMERIC:
            return self.number_gap(gap, right)
        if gap.type is Type.SINGLE_CHOICE:
            self.tell_cost(gap.answers)
            left = [answer for answer in gap.answers if answer.weight <= 0 or answer is right[0]]
            self.one_of(right)
            words = [(one_line(self.word(answer)), answer is right[0]) for answer in left]
            return " | ".join(f"*{word}*" if is_right else word for word, is_right in words)
        self.tell_contested(gap.answers, case=bool(gap.case_sensitive))
        texts = [self.accepted(answer) for answer in right]
        for text in texts:
            self.tell_loose(text)
        return " | ".join(typed(text) for text in texts)

    def number_gap(self, gap: Gap, right: Sequence[Answer]) -> str:
        numbers = [answer for answer in right if isinstance(answer.value, Decimal)]
        if not numbers:
            raise Unholdable(N_("question “%(title)s” was left out: no number in it is worth all points"))
        self.one_of(numbers)
        self.tell_taken(gap.answers, numbers[0])
        return measured(numbers[0])

    def one_of(self, right: Sequence[Answer]) -> None:
        """A gap has no place for further right words or numbers."""
        if others := right[1:]:
            message = N_("question “%(title)s”: in a gap one word or number is right; left out: %(others)s")
            self.tell(message, others="; ".join(shown(answer) for answer in others))

    def word(self, answer: Answer) -> str:
        """A word to choose, without markup."""
        text = questions.base.plain(self.prose.words(answer.text))
        return re.sub(r"\\([\\`*_\[\]{}()#+.!-])", r"\1", text).replace("|", "\\|")

    # Marked by a person

    def essay(self) -> list[Item]:
        said = self.one.response or Response()
        low, high = said.least_words or 0, said.most_words or 0
        words = (
            f"{low}–{high}"
            if low and high
            else f"{self.say['most']} {high}"
            if high
            else f"{self.say['least']} {low}"
            if low
            else ""
        )
        self.response = f"{self.say['essay']}, {words} {self.say['words']}" if words else self.say["essay"]
        if said.files:
            self.tell(N_("question “%(title)s”: the files that could be handed in with the text were left out"))
        return self.rubric(said)

    def rubric(self, said: Response) -> list[Item]:
        """What those who mark should know, where it is a list of points that adds up to the question's."""
        lines = [
            line.strip().removeprefix("- ") for line in self.prose.note(said.grader_info).split("\n") if line.strip()
        ]
        criteria = [CRITERION.match(line) for line in lines]
        points = [numerals.readings(match["points"]) for match in criteria if match]
        if not lines or len(points) < len(lines) or sum((one[0] for one in points), Decimal(0)) != self.one.points:
            return []
        self.kept |= {"grader_info"}
        return [Item(line=1, text=line) for line in lines]

    def file(self) -> list[Item]:
        said = self.one.response or Response(editor="noinline")
        wanted = [word.lower() for word in re.split(r"[,;\s]+", said.file_types) if word]
        kinds = [word for word in wanted if re.fullmatch(r"\.[a-z0-9]{1,8}", word)]
        if others := [word for word in wanted if word not in kinds and word != "*"]:
            message = N_("question “%(title)s”: kinds of files are told by their endings here; left out: %(others)s")
            self.tell(message, others=", ".join(others))
        count = said.files if said.files and said.files > 0 else COUNT_LIMIT if said.files else 1
        size = -(-said.most_bytes // 2**20) if said.most_bytes and said.most_bytes > 0 else 5
        if count > COUNT_LIMIT or size > SIZE_LIMIT:
            message = N_(
                "question “%(title)s”: at most %(count)s files of at most %(size)s MB each can be handed in here"
            )
            self.tell(message, count=COUNT_LIMIT, size=SIZE_LIMIT)
        limits = f"{self.say['most']} {min(count, COUNT_LIMIT)} {self.say['file']}, {min(size, SIZE_LIMIT)} MB"
        self.response = f"{' '.join([self.say['file'], *kinds])}, {limits}"
        return self.rubric(said)


def unsaid(one: ExchangeQuestion, prose: Prose) -> list[Problem]:
    """What Markdown could not say of its texts."""
    if not prose.lost.names:
        return []
    message = N_("question “%(title)s”: Markdown has nothing for %(names)s; look over the text")
    return [told(one, message, names=", ".join(prose.lost.names))]
