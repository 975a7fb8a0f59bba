"""A problem of an import in the reader's words, also the name of a question type in it."""

from dataclasses import replace

from lms.core import i18n
from lms.course.problems import Problem
from lms.interop.formats.exchange import WORDS, Type


def text(problem: Problem) -> str:
    """The message in the reader's language."""
    type_ = problem.values.get("type")
    values = {"type": i18n.gettext_now(WORDS[Type(type_)])} if type_ in set(Type) else {}
    return replace(problem, values={**problem.values, **values}).text(i18n.gettext_now)
