"""lms questions …: questions from and to the files of other systems."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask_babel import force_locale

from lms.content import disk
from lms.core import i18n
from lms.course.parse import parse
from lms.course.problems import N_, Problem, in_order
from lms.interop.formats import FORMATS
from lms.interop.formats.course_text import course_text
from lms.interop.formats.exchange import WORDS, Answer, ExchangeQuestion
from lms.interop.formats.from_course import exchanged
from lms.interop.told import text as told

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FORMAT = click.option(
    "--format", "name", type=click.Choice(list(FORMATS)), required=True, help="What FILE is written in."
)
LANGUAGE = click.option("--lang", type=click.Choice(i18n.LOCALES), default="vi", show_default=True)


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


@questions.command("convert")
@click.argument("file", type=FILE)
@FORMAT
@click.option(
    "--media", type=click.Path(file_okay=False, path_type=Path), help="The folder for the pictures, made when needed."
)
@click.option("--language", type=click.Choice(i18n.LOCALES), default="vi", show_default=True, help="Of the course.")
@LANGUAGE
def convert(file: Path, name: str, media: Path | None, language: str, lang: str) -> None:
    """Print the questions of FILE as Markdown of our quizzes, and to the error output what was lost."""
    found, problems = FORMATS[name].read(file.read_bytes(), str(file))
    made = course_text(found, language=language, media=media.as_posix() if media else "media")
    problems = in_order([*problems, *(replace(problem, path=str(file)) for problem in made.problems)])
    if not any(problem.is_error for problem in problems):
        click.echo(made.text, nl=False)
        for path, data in made.files.items() if media else ():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(data)
    with force_locale(lang):
        _tell(problems, err=True)
        if made.files and not media:
            message = i18n.gettext_now(N_("Files that the questions show; --media puts them into a folder: %(files)s"))
            click.echo(message % {"files": ", ".join(made.files)}, err=True)
        _count(made.count, problems, err=True)
    if any(problem.is_error for problem in problems):
        sys.exit(1)


@questions.command("export")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("quiz_id")
@FORMAT
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write."
)
@LANGUAGE
def export(folder: Path, quiz_id: str, name: str, output: Path, lang: str) -> None:
    """Write the quiz QUIZ_ID of the course in FOLDER as a file of another system; say what that cannot hold."""
    source, _ = disk.read(folder).normalised()
    doc, problems = parse(source)
    quiz = doc.quiz(quiz_id) if doc else None
    with force_locale(lang):
        if quiz is None:
            _tell([problem for problem in problems if problem.is_error], err=True)
            ids = ", ".join(one.id for one in doc.quizzes) if doc else ""
            raise click.ClickException(
                i18n.gettext_now(N_("there is no quiz %(id)s here; those there are: %(ids)s"))
                % {"id": quiz_id, "ids": ids}
            )
        if broken := [problem for problem in problems if problem.is_error and problem.path == quiz.path]:
            _tell(broken, err=True)
            raise click.ClickException(i18n.gettext_now(N_("the quiz has errors; correct them first")))
        told = [exchanged(question, path=quiz.path, files=source) for question in quiz.questions]
        data, losses = FORMATS[name].write(question for question, _ in told)
        output.write_bytes(data)
        lost = [*(problem for _, found in told for problem in found), *losses]
        _tell(in_order([replace(problem, path=quiz.path) for problem in lost]), err=True)
        line = i18n.gettext_now(N_("%(count)s questions in %(file)s, %(warnings)s warnings."))
        written = len(FORMATS[name].read(data, "")[0])
        click.echo(line % {"count": written, "file": str(output), "warnings": len(lost)})


def _row(problem: Problem) -> dict[str, Any]:
    message = told(problem)
    return {"path": problem.path, "line": problem.line, "level": problem.level.value, "message": message}


def _tell(problems: list[Problem], *, err: bool = False) -> None:
    for problem in problems:
        mark = "✖" if problem.is_error else "⚠"
        place = f"{problem.path}:{problem.line}: " if problem.path else ""
        click.echo(f"{mark} {place}{told(problem)}", err=err)


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
