"""The courses that we ship keep their promises: a bank that its key answers, and that nothing but knowledge passes."""

import json
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, combinations, permutations
from pathlib import Path
from statistics import mean

import pytest

from lms.content import disk
from lms.course.document import CourseDoc, Quiz
from lms.course.parse import parse
from lms.course.questions import TYPES, Question
from lms.course.questions.choices import ChoiceQuestion
from lms.course.questions.cloze import Cloze
from lms.course.questions.matching import Matching
from lms.course.questions.multiple_choice import MultipleChoice
from lms.course.questions.numeric import Numeric
from lms.course.questions.ordering import Ordering
from lms.course.questions.short_text import ANYTHING, ShortText
from lms.course.questions.single_choice import SingleChoice
from lms.course.questions.true_false import TrueFalse
from lms.course.source import TEXT

FOLDERS = sorted(path for path in (Path(__file__).parents[2] / "courses").iterdir() if path.is_dir())
AUTOMATIC = {kind for kind in TYPES if kind not in {"essay", "file"}}
LEVELS = {"co-ban", "trung-binh", "kho"}
QUESTIONS_AT_LEAST = 60
OF_EACH_TYPE = 2
GUESSED_AT_MOST = 1 / 3
PERMUTED = 7
ORDERS = 2_000
ATTEMPTS = 300
ALIKE = 0.8
WORTH_OF_LENGTH = 0.10

pytestmark = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


@cache
def course(folder: Path) -> CourseDoc:
    doc, problems = parse(disk.read(folder))
    assert doc is not None
    assert not [str(problem) for problem in problems if problem.is_error]
    return doc


def bank(folder: Path) -> Quiz:
    """The final quiz: what the course's grade comes from."""
    doc = course(folder)
    found = doc.quiz(doc.grade_from or "")
    assert found is not None, "the course has no final quiz"
    return found


def everything(folder: Path) -> list[tuple[str, Question]]:
    """Each question of the course with the file in which it stands, self-checks too."""
    doc = course(folder)
    asked = [(quiz.path, one) for quiz in doc.quizzes for one in quiz.questions]
    return [*asked, *((lesson.path, one) for lesson in doc.lessons for one in lesson.checks)]


def automatic(folder: Path) -> list[tuple[str, Question]]:
    return [(path, one) for path, one in everything(folder) if not one.needs_person]


# What a learner sends


def typed(text: str) -> str:
    """An accepted answer as somebody types it who puts a word of her own for “…”."""
    return text.replace(ANYTHING, " gì đó ").strip()


def keys(asked: Question, order: tuple[int, ...]) -> list[list[str]]:
    """What the page sends for every answer that the key calls wholly right."""
    match asked:
        case ChoiceQuestion():
            right = [str(shown) for shown, place in enumerate(order) if asked.is_right(place)]
            return [right] if isinstance(asked, MultipleChoice) else [[one] for one in right]
        case Matching():
            return [[str(order.index(place)) for place in asked.right()]]
        case Ordering():
            return [[str(order.index(place)) for place in range(len(asked.steps))]]
        case ShortText():
            return [[typed(one.text)] for one in asked.answers if one.weight == 1]
        case Numeric():
            return [[f"{value}{unit}"] for value in (asked.low, asked.high) for unit in ("", f" {asked.unit}".rstrip())]
        case Cloze():
            return [[str(blank.low) if blank.low is not None else typed(blank.answers[0]) for blank in asked.blanks]]
    raise AssertionError(asked.kind)


def earned(asked: Question, answer: object) -> float:
    fraction = asked.grade(answer).fraction
    assert fraction is not None
    return fraction


# What chance earns


def by_chance(asked: Question) -> float:
    """What an answer at random earns on average: every possible one counted, where they are not too many."""
    match asked:
        case MultipleChoice():
            places = range(len(asked.options))
            chosen = chain.from_iterable(combinations(places, size) for size in range(len(places) + 1))
            return mean(earned(asked, list(some)) for some in chosen)
        case ChoiceQuestion():
            return mean(earned(asked, place) for place in range(len(asked.options)))
        case Matching():
            # The rows earn their shares apart from one another, so their averages add up.
            return sum(
                mean(earned(asked, alone(row, place, len(asked.rows))) for place in range(len(asked.partners)))
                for row in range(len(asked.rows))
            )
        case Ordering():
            return mean(earned(asked, list(given)) for given in some_orders(len(asked.steps)))
        case Cloze():
            return sum(
                mean(earned(asked, alone(gap, word, len(asked.blanks))) for word in blank.words or ("?",))
                for gap, blank in enumerate(asked.blanks)
            )
    return 0.0  # nobody types the answer by chance


def alone(place: int, given: object, length: int) -> list[object]:
    return [given if here == place else None for here in range(length)]


def some_orders(count: int) -> Iterator[tuple[int, ...]]:
    if count <= PERMUTED:
        yield from permutations(range(count))
    else:
        chance = random.Random(20261128)
        yield from (tuple(chance.sample(range(count), count)) for _ in range(ORDERS))


def at_random(asked: Question, chance: random.Random) -> float:
    """What one answer at random earns."""
    match asked:
        case MultipleChoice():
            return earned(asked, [place for place in range(len(asked.options)) if chance.random() < 0.5])
        case ChoiceQuestion():
            return earned(asked, chance.randrange(len(asked.options)))
        case Matching():
            return earned(asked, [chance.randrange(len(asked.partners)) for _ in asked.rows])
        case Ordering():
            return earned(asked, chance.sample(range(len(asked.steps)), len(asked.steps)))
        case Cloze():
            return earned(asked, [chance.choice(blank.words or ("?",)) for blank in asked.blanks])
    return 0.0


def part(questions: list[Question] | tuple[Question, ...], share) -> float:
    """Which part of all points is earned, when each question earns its share."""
    return sum(float(one.points) * share(one) for one in questions) / sum(float(one.points) for one in questions)


def by_length(asked: ChoiceQuestion, pick: Callable[..., int]) -> float:
    """What the longest or shortest option alone earns; where several are as long, their average."""
    wanted = pick(len(option.text) for option in asked.options)
    places = [place for place, option in enumerate(asked.options) if len(option.text) == wanted]
    return mean(earned(asked, only(asked, place)) for place in places)


def true_is_right(asked: TrueFalse) -> bool:
    return next(option.text.casefold() in {"đúng", "true"} for option in asked.options if option.ticked)


def one_option(asked: ChoiceQuestion) -> float:
    """What one option taken blindly earns."""
    return mean(earned(asked, only(asked, place)) for place in range(len(asked.options)))


def only(asked: ChoiceQuestion, place: int) -> int | list[int]:
    return [place] if isinstance(asked, MultipleChoice) else place


# The key


def test_every_automatic_question_is_answered_from_its_key_with_full_marks(folder):
    for path, asked in automatic(folder):
        for seed in range(5):
            order = asked.order(seed)
            for sent in keys(asked, order):
                stored = json.loads(json.dumps(asked.read(sent, order)))
                assert earned(asked, stored) == pytest.approx(1), f"{path}: {asked.id}: {sent}"


def test_nothing_answered_earns_nothing(folder):
    for path, asked in automatic(folder):
        assert earned(asked, None) == 0, f"{path}: {asked.id}"


# Guessing


def test_answering_at_random_earns_less_than_a_third_of_the_bank(folder):
    assert part(bank(folder).questions, by_chance) < GUESSED_AT_MOST


def test_nobody_passes_the_bank_by_answering_at_random(folder):
    quiz, chance = bank(folder), random.Random(20261128)
    scores = [part(quiz.draw(seed), lambda one: at_random(one, chance)) for seed in range(ATTEMPTS)]
    assert max(scores) * 100 < quiz.pass_percent
    assert mean(scores) == pytest.approx(part(quiz.questions, by_chance), abs=0.05), "whatever is drawn"


@pytest.mark.parametrize("pick", [max, min], ids=["longest", "shortest"])
@pytest.mark.parametrize("kinds", [(ChoiceQuestion,), (SingleChoice,)], ids=["all", "single"])
def test_choosing_an_option_by_its_length_is_no_better_than_blindly(folder, kinds, pick):
    choices = [one for one in bank(folder).questions if isinstance(one, kinds)]
    assert part(choices, lambda one: by_length(one, pick)) <= part(choices, one_option) + WORTH_OF_LENGTH


def test_saying_the_same_of_every_statement_does_not_pass(folder):
    said = Counter(true_is_right(one) for one in bank(folder).questions if isinstance(one, TrueFalse))
    assert not said or max(said.values()) * 100 < bank(folder).pass_percent * said.total()


# The bank


def test_the_bank_is_large_and_every_attempt_asks_of_each_of_its_parts(folder):
    quiz = bank(folder)
    sections = {one.section for one in quiz.questions}
    assert len(quiz.questions) >= QUESTIONS_AT_LEAST
    assert quiz.draws
    assert len(sections) > 1
    for seed in range(20):
        assert {one.section for one in quiz.draw(seed)} == sections


def test_every_option_of_the_bank_has_its_reason(folder):
    for asked in bank(folder).questions:
        if isinstance(asked, ChoiceQuestion):
            assert all(option.feedback.strip() for option in asked.options), asked.id
        else:
            assert asked.explanation.strip(), asked.id


def test_every_question_of_the_bank_says_its_lesson_and_how_hard_it_is(folder):
    doc = course(folder)
    lessons = {lesson.id for lesson in doc.lessons}
    for asked in bank(folder).questions:
        tags = set(asked.tags)
        assert tags & lessons, f"{asked.id}: {sorted(tags)} name no lesson"
        assert len(tags & LEVELS) == 1, f"{asked.id}: {sorted(tags)} name no level, or two"
    asked_of = set(chain.from_iterable(asked.tags for asked in bank(folder).questions))
    assert lessons <= asked_of, f"the bank asks nothing of {sorted(lessons - asked_of)}"


def test_the_bank_holds_questions_of_every_level(folder):
    assert set(chain.from_iterable(asked.tags for asked in bank(folder).questions)) >= LEVELS


def test_every_automatic_type_is_met_in_the_course_more_than_once(folder):
    met = Counter(asked.kind for _, asked in everything(folder))
    assert not {kind: met[kind] for kind in AUTOMATIC if met[kind] < OF_EACH_TYPE}


# The words


def words(asked: Question) -> frozenset[str]:
    """What is asked; a short question may stand in its heading."""
    return frozenset(re.findall(r"\w+", (asked.stem.strip() or asked.title).casefold()))


def test_no_two_stems_of_a_course_are_alike(folder):
    stems = [(f"{path}: {asked.id}", words(asked)) for path, asked in everything(folder)]
    alike = [
        (here, there)
        for (here, some), (there, others) in combinations(stems, 2)
        if len(some & others) >= ALIKE * len(some | others)
    ]
    assert not alike


def test_all_text_is_composed(folder):
    for path in folder.rglob("*"):
        if path.is_file():
            assert unicodedata.is_normalized("NFC", path.relative_to(folder).as_posix())
            if path.suffix in TEXT:
                assert unicodedata.is_normalized("NFC", path.read_text("utf-8")), path
