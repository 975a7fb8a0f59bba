"""lms questions …: questions from and to the files of other systems."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask_babel import force_locale

from lms.core import i18n
from lms.course.problems import N_, Problem
from lms.interop.formats import FORMATS
from lms.interop.formats.exchange import Answer, ExchangeQuestion, Type

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FORMAT = click.option(
    "--format", "name", type=click.Choice(list(FORMATS)), required=True, help="What FILE is written in."
)
LANGUAGE = click.option("--lang", type=click.Choice(i18n.LOCALES), default="vi", show_default=True)
WORDS = {
    Type.SINGLE_CHOICE: N_("single choice"),
    Type.MULTIPLE_CHOICE: N_("multiple choice"),
    Type.TRUE_FALSE: N_("true/false"),
    Type.SHORT_TEXT: N_("short text"),
    Type.NUMERIC: N_("number"),
    Type.MATCHING: N_("matching"),
    Type.ORDERING: N_("ordering"),
    Type.CLOZE: N_("text with gaps"),
    Type.ESSAY: N_("essay"),
    Type.FILE: N_("file upload"),
    Type.DESCRIPTION: N_("text without a question"),
}


@click.group()
def questions() -> None:
    """Questions in the formats of other systems."""


@questions.command("read")
@click.argument("file", type=FILE)
@FORMAT
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@LANGUAGE
def read(file: Path, name: str, as_json: bool, lang: str) -> None:
    """Show what an import of FILE would understand; exit 1 when it would be refused."""
    found, problems = FORMATS[name].read(file.read_bytes(), str(file))
    with force_locale(lang):
        if as_json:
            said = {"questions": [one.to_json() for one in found], "problems": [_row(problem) for problem in problems]}
            click.echo(json.dumps(said, ensure_ascii=False, indent=1))
        else:
            for number, question in enumerate(found, start=1):
                _show(number, question)
            _tell(problems)
            _count(len(found), problems)
    if any(problem.is_error for problem in problems):
        sys.exit(1)


def _row(problem: Problem) -> dict[str, Any]:
    message = problem.text(i18n.gettext_now)
    return {"path": problem.path, "line": problem.line, "level": problem.level.value, "message": message}


def _tell(problems: list[Problem], *, err: bool = False) -> None:
    for problem in problems:
        mark = "✖" if problem.is_error else "⚠"
        place = f"{problem.path}:{problem.line}: " if problem.path else ""
        click.echo(f"{mark} {place}{problem.text(i18n.gettext_now)}", err=err)


def _count(count: int, problems: list[Problem], *, err: bool = False) -> None:
    errors = sum(problem.is_error for problem in problems)
    line = (
        N_("Refused: %(errors)s errors, %(warnings)s warnings. Nothing is taken until the errors are corrected.")
        if errors
        else N_("%(count)s questions, %(warnings)s warnings.")
    )
    values = {"count": count, "errors": errors, "warnings": len(problems) - errors}
    click.echo(i18n.gettext_now(line) % values, err=err)


def _show(number: int, question: ExchangeQuestion) -> None:
    """One question for people: what it asks and what is right."""
    points = f"{question.points.normalize():f}"
    title = " — ".join(part for part in (question.name, i18n.gettext_now(WORDS[question.type])) if part)
    click.echo(f"{number}. {title} ({i18n.gettext_now(N_('%(points)s points')) % {'points': points}})")
    if question.category:
        click.echo(f"   [{' / '.join(question.category)}]")
    click.echo("   " + " ".join(question.text.text.split()))
    if question.correct is not None:
        click.echo(f"   ✓ {i18n.gettext_now(N_('True') if question.correct else N_('False'))}")
    for answer in question.answers:
        _answer(answer)
    for pair in question.pairs:
        click.echo(f"   {' '.join(pair.left.text.split())} → {pair.right}")
    for distractor in question.distractors:
        click.echo(f"   → {distractor}")
    for place, gap in enumerate(question.gaps, start=1):
        click.echo(f"   ({place}) {i18n.gettext_now(WORDS[gap.type])}")
        for answer in gap.answers:
            _answer(answer)
    click.echo("")


def _answer(answer: Answer) -> None:
    mark = "✓" if answer.weight > 0 else "✗"
    margin = f" ± {answer.tolerance}" if answer.tolerance else ""
    shown = " ".join(answer.text.text.split()) if answer.text else f"{answer.value}{margin}"
    feedback = f"  ({' '.join(answer.feedback.text.split())})" if answer.feedback else ""
    click.echo(f"   {mark} {answer.weight.normalize():f}%  {shown}{feedback}")
