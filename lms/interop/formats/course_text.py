"""Questions → the text of a quiz of ours: each as its own type, every loss named, and proven by reading it again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from lms.course import questions, write
from lms.course.blocks import block, chunks
from lms.course.problems import N_, Problem, in_order, warning
from lms.course.questions import BadQuestion, Question
from lms.course.questions.base import one_line
from lms.interop.formats.exchange import ExchangeQuestion, Type
from lms.interop.formats.losses import told
from lms.interop.formats.made_ours import Made, Unholdable, unsaid
from lms.interop.formats.prose import Prose, Shelf, slug

WORDS = {
    "vi": {"true": "Đúng", "false": "Sai", "essay": "tự luận", "words": "từ", "most": "tối đa", "least": "ít nhất", "file": "tệp", "other": "Khác", "question": "Câu"},
    "en": {"true": "True", "false": "False", "essay": "essay", "words": "words", "most": "at most", "least": "at least", "file": "file", "other": "Other", "question": "Question"},
}  # fmt: skip
UNREADABLE = N_("question “%(title)s” was left out: our format cannot hold it as it stands")


@dataclass(frozen=True)
class CourseText:
    """The questions as a quiz holds them below its facts; the files they show, by path; and what was lost."""

    text: str
    count: int
    files: Mapping[str, bytes]
    problems: list[Problem]


def course_text(
    exchanged: Iterable[ExchangeQuestion],
    *,
    language: str = "vi",
    taken: Collection[str] = (),
    media: str = "media",
) -> CourseText:
    """The text of the questions; their ids differ from those `taken`, their files stand in the folder `media`."""
    quiz = _Quiz(WORDS[language], set(taken), Shelf(media))
    for question in exchanged:
        quiz.add(question)
    text = "\n\n".join(quiz.parts) + "\n" if quiz.parts else ""
    return CourseText(text, quiz.count, quiz.shelf.files, in_order(quiz.problems))


class _Quiz:
    """The text so far, with its sections and ids."""

    def __init__(self, words: Mapping[str, str], taken: set[str], shelf: Shelf) -> None:
        self.words, self.taken, self.shelf = words, taken, shelf
        self.parts: list[str] = []
        self.problems: list[Problem] = []
        self.section = ""
        self.count = 0

    def add(self, one: ExchangeQuestion) -> None:
        if one.type is Type.DESCRIPTION:
            self._description(one)
            return
        made = Made(one, self.words, self.shelf)
        section = self._section(one)
        try:
            draft = made.block(self._title(one), self._id(one))
            question = questions.from_block(draft, section)
        except BadQuestion as bad:
            reason = warning("", one.line, bad.message, **bad.values)
            self.problems += [reason, told(one, UNREADABLE)]
            return
        except Unholdable as cause:
            self.problems += [told(one, cause.message, **cause.values)]
            return
        text = write.question(question)
        kinds = (one.type.value, "true_false") if one.type is Type.SINGLE_CHOICE else (one.type.value,)
        if question.kind not in kinds or not _is_same(question, text, section):
            self.problems.append(told(one, UNREADABLE))
            return
        self.problems += made.problems()
        self.count += 1
        self.taken.add(question.id)
        if section != self.section:
            self.section = section
            self.parts.append(f"# {section}")
        self.parts.append(text)

    def _description(self, one: ExchangeQuestion) -> None:
        """Before all questions it introduces the quiz; elsewhere a quiz of ours has no text."""
        if self.count:
            message = N_(
                "the text “%(title)s” was left out: between questions there is none here; move it into a question"
            )
            self.problems.append(told(one, message))
            return
        prose = Prose(self.shelf)
        self.parts.append(prose.stem(one.text))
        self.problems += unsaid(one, prose)

    def _title(self, one: ExchangeQuestion) -> str:
        return one_line(one.name) or f"{self.words['question']} {self.count + 1}"

    def _section(self, one: ExchangeQuestion) -> str:
        names = " / ".join(one_line(name) for name in one.category).replace("{", "(").replace("}", ")")
        return names or (self.words["other"] if self.section else "")

    def _id(self, one: ExchangeQuestion) -> str:
        """The question's own id as far as ours may look so, else one made from its name."""
        base = slug(one.id) or slug(one.name) or f"{slug(self.words['question'])}-{self.count + 1}"
        found, number = base, 1
        while found in self.taken:
            number += 1
            found = f"{base}-{number}"
        if one.id and found != one.id:
            message = N_("question “%(title)s”: the id “%(id)s” became “%(new)s”")
            self.problems.append(told(one, message, id=one.id, new=found))
        return found


def _is_same(question: Question, text: str, section: str) -> bool:
    """Whether the text is read as this question."""
    found = chunks(text, 1)
    if [chunk.level for chunk in found] != [0, 2]:
        return False
    draft, problems = block("", found[1])
    try:
        return draft is not None and not problems and questions.from_block(draft, section) == question
    except BadQuestion:
        return False
