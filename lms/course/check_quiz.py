"""A quiz by itself: questions that say nothing, say it twice, or give their answers away."""

import re
from collections import Counter
from collections.abc import Iterator

from lms.course.document import Quiz
from lms.course.fences import prose
from lms.course.frontmatter import FrontMatter
from lms.course.problems import N_, Problem, error, warning
from lms.course.questions import Question
from lms.course.questions.choices import ChoiceQuestion
from lms.course.questions.true_false import TrueFalse

FEW = 4
SECONDS_A_QUESTION = 15
NO_SPACE = re.compile(r"#{1,2}[^#\s].*\{[^{}]*\}\s*$")
TAB = re.compile(r"(?:[-*+]|\d{1,3}[.)])\t")
ABOVE = re.compile(
    r"(?:tất cả|cả|không(?: có)?)(?: (?:các|những|hai|ba|bốn|năm|\d))?"
    r"(?: (?:phương án|đáp án|lựa chọn|ý|câu|điều|trường hợp|việc|cách|biện pháp))?(?: nào)?(?: (?:ở|bên|nêu|kể))? trên"
    r"(?: đều (?:đúng|sai))?\W*$|cả [a-e](?:(?:, | và |, và )[a-e])+\W*$|(?:all|none|both) of the above\W*$",
    re.IGNORECASE,
)


def look(quiz: Quiz, facts: FrontMatter) -> Iterator[Problem]:
    """What a good editor would say of the quiz alone."""
    stems = Counter(_folded(question.stem) for question in quiz.questions)
    for question in quiz.questions:
        if not question.stem.strip():
            message = N_("question “%(title)s” has no text; write what is asked under the heading")
            yield error(quiz.path, question.line, message, title=question.title)
        elif stems[_folded(question.stem)] > 1:
            message = N_("question “%(title)s”: another question has the same text")
            yield warning(quiz.path, question.line, message, title=question.title)
        if question.needs_person and quiz.practice:
            message = N_(
                "question “%(title)s” is marked by a person, but nobody marks practice; ask it in a quiz that counts"
            )
            yield error(quiz.path, question.line, message, title=question.title)
        is_shuffled = question.shuffle and quiz.shuffle in {"options", "both"}
        yield from one_question(quiz.path, question, is_shuffled=is_shuffled)
    yield from _given_away(quiz)
    yield from _settings(quiz, facts)
    yield from _lines(quiz.path, facts)


def one_question(path: str, question: Question, *, is_shuffled: bool) -> Iterator[Problem]:
    """What can be wrong with a question wherever it stands."""
    if not isinstance(question, ChoiceQuestion):
        return
    seen = Counter(_folded(option.text) for option in question.options)
    for text, count in seen.items():
        if count > 1:
            message = N_("question “%(title)s”: the option “%(option)s” stands twice; change one")
            yield error(path, question.line, message, title=question.title, option=text[:60])
        if is_shuffled and len(text) < 80 and ABOVE.match(text):
            message = N_(
                "question “%(title)s”: “%(option)s” speaks of an order, but the options are shuffled; name what is meant, or write shuffle=no in the braces"
            )
            yield warning(path, question.line, message, title=question.title, option=text)


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


def _given_away(quiz: Quiz) -> Iterator[Problem]:
    """What lets one pass without knowing anything."""
    choices = [q for q in quiz.questions if isinstance(q, ChoiceQuestion) and len(q.options) > 2]
    if len(choices) >= FEW and all(_is_longest_right(question) for question in choices):
        message = N_("in every question the longest option is right, which gives the answers away; vary their length")
        yield warning(quiz.path, 1, message)
    fixed = [q for q in choices if quiz.shuffle in {"none", "questions"} or not q.shuffle]
    if len(fixed) >= FEW and all(question.is_right(0) for question in fixed):
        message = N_("in every question the first option is right and the options are not shuffled; vary their order")
        yield warning(quiz.path, 1, message)
    judged = [_true_option(question) for question in quiz.questions if isinstance(question, TrueFalse)]
    if len(judged) >= FEW and len(set(judged)) == 1:
        message = N_("every statement to be judged has the same answer; turn some of them round")
        yield warning(quiz.path, 1, message)


def _true_option(question: TrueFalse) -> str:
    return next(_folded(option.text) for option in question.options if option.ticked)


def _is_longest_right(question: ChoiceQuestion) -> bool:
    longest = max(range(len(question.options)), key=lambda place: len(question.options[place].text))
    return question.is_right(longest)


def _settings(quiz: Quiz, facts: FrontMatter) -> Iterator[Problem]:
    """Settings that each make sense and together do not."""
    if quiz.minutes and quiz.asked and quiz.minutes * 60 < quiz.asked * SECONDS_A_QUESTION:
        message = N_("minutes: %(minutes)s is too short for %(count)s questions; give more time")
        yield warning(quiz.path, facts.line("minutes"), message, minutes=quiz.minutes, count=quiz.asked)
    if quiz.show == "answers" and quiz.show_when == "at once" and quiz.attempts != 1 and not quiz.practice:
        message = N_(
            "show: answers tells the right answers while attempts are left; add “show_when: passed”, or “attempts: 1”"
        )
        yield warning(quiz.path, facts.line("show"), message)
    if quiz.pass_percent == 0 and not quiz.practice:
        message = N_("pass: 0%% lets everybody pass; write “practice: yes” if nothing is to be passed")
        yield warning(quiz.path, facts.line("pass"), message)


def _lines(path: str, facts: FrontMatter) -> Iterator[Problem]:
    """Slips of the keyboard that make a line mean something else."""
    for number, line in prose(facts.body, facts.body_line):
        if "\t" in line and TAB.match(line):
            yield error(path, number, N_("a tab stands after the mark of the list; write a space"))
        elif line.startswith("#") and NO_SPACE.match(line):
            yield error(path, number, N_("a heading needs a space after “#”; write it"))
