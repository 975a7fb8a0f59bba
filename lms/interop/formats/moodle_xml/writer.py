"""Questions → Moodle XML."""

import base64
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from lms.course.problems import N_, Problem
from lms.interop.formats.exchange import Answer, ExchangeQuestion, Response, Text, Type
from lms.interop.formats.losses import LEFT_OUT, snapped, told, written
from lms.interop.formats.moodle_xml.texts import NAMES
from lms.interop.formats.reading import category_path

NAME = "Moodle XML"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
TYPES = {
    Type.SINGLE_CHOICE: "multichoice",
    Type.MULTIPLE_CHOICE: "multichoice",
    Type.TRUE_FALSE: "truefalse",
    Type.SHORT_TEXT: "shortanswer",
    Type.NUMERIC: "numerical",
    Type.MATCHING: "matching",
    Type.CLOZE: "cloze",
    Type.ESSAY: "essay",
    Type.FILE: "essay",
    Type.DESCRIPTION: "description",
}
# What XML cannot hold in any way
FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(questions: Iterable[ExchangeQuestion]) -> tuple[bytes, list[Problem]]:
    """The file, and what it does not hold."""
    parts: list[str] = [HEAD]
    problems: list[Problem] = []
    names: tuple[str, ...] = ()
    for question in questions:
        if question.type not in TYPES:
            problems.append(told(question, LEFT_OUT, format=NAME, type=question.type.value))
            continue
        if question.category != names:
            names = question.category
            parts += _category(names)
        parts += _question(question, problems)
    parts.append("</quiz>\n")
    return "".join(parts).encode(), problems


def _category(names: tuple[str, ...]) -> list[str]:
    path = _element("text", category_path(names), "      ")
    return [f'  <question type="category">\n    <category>\n{path}    </category>\n  </question>\n']


def _question(question: ExchangeQuestion, problems: list[Problem]) -> Iterator[str]:
    if any(FORBIDDEN.search(text) for text in (question.name, question.id, *(text.text for text in question.texts))):
        problems.append(
            told(question, N_("question “%(title)s”: control characters were left out, because XML has none"))
        )
    yield f"  <question type={quoteattr(TYPES[question.type])}>\n"
    yield f"    <name>\n{_element('text', question.name, '      ')}    </name>\n"
    yield _rich("questiontext", question.text)
    yield _rich("generalfeedback", question.general_feedback)
    if question.type is not Type.CLOZE:
        yield _element("defaultgrade", written(question.points))
    if question.penalty is not None:
        yield _element("penalty", written(question.penalty))
    yield _element("hidden", str(int(question.hidden)))
    yield _element("idnumber", question.id)
    yield from _answers(question, problems)
    yield _rich("correctfeedback", question.correct_feedback)
    yield _rich("partiallycorrectfeedback", question.partially_correct_feedback)
    yield _rich("incorrectfeedback", question.incorrect_feedback)
    for hint in question.hints:
        flags = "      <shownumcorrect/>\n" * hint.shows_count + "      <clearwrong/>\n" * hint.clears_wrong
        yield _rich("hint", hint.text, more=flags)
    if question.tags:
        tags = "".join(f"      <tag>\n{_element('text', tag, '        ')}      </tag>\n" for tag in question.tags)
        yield f"    <tags>\n{tags}    </tags>\n"
    yield "  </question>\n"


def _answers(question: ExchangeQuestion, problems: list[Problem]) -> Iterator[str]:
    """What the type has of its own."""
    if question.type in (Type.SINGLE_CHOICE, Type.MULTIPLE_CHOICE):
        yield _element("single", _yes(question.type is Type.SINGLE_CHOICE))
        yield _element("shuffleanswers", _yes(question.shuffle is not False))
        yield _element("answernumbering", question.numbering or "abc")
    if question.type is Type.SHORT_TEXT:
        yield _element("usecase", str(int(bool(question.case_sensitive))))
    if question.type is Type.MATCHING:
        yield _element("shuffleanswers", _yes(question.shuffle is not False))
        yield from _pairs(question)
    if question.type is Type.TRUE_FALSE:
        yield _answer("100" if question.correct else "0", "true", question.feedback_if_true)
        yield _answer("0" if question.correct else "100", "false", question.feedback_if_false)
    for answer in question.answers:
        weight, more = snapped(question, answer.weight)
        problems += more
        yield _answer(written(weight), _shown(answer), answer.feedback, _tolerance(answer), answer.text)
    if question.units:
        units = "".join(
            f"      <unit>\n{_element('multiplier', written(unit.multiplier), '        ')}"
            f"{_element('unit_name', unit.name, '        ')}      </unit>\n"
            for unit in question.units
        )
        yield f"    <units>\n{units}    </units>\n"
    if question.type in (Type.ESSAY, Type.FILE):
        yield from _response(
            question.response or Response(editor="noinline" if question.type is Type.FILE else "editor")
        )


def _shown(answer: Answer) -> str:
    """A number, or the text."""
    if isinstance(answer.value, Decimal):
        return written(answer.value)
    return answer.value or (answer.text.text if answer.text else "")


def _tolerance(answer: Answer) -> str:
    return _element("tolerance", written(answer.tolerance), "      ") if answer.tolerance is not None else ""


def _answer(fraction: str, text: str, feedback: Text | None, more: str = "", rich: Text | None = None) -> str:
    markup = f" format={quoteattr(NAMES[rich.markup])}" if rich else ""
    files = _files(rich) if rich else ""
    said = _rich("feedback", feedback, indent="      ")
    return f"    <answer fraction={quoteattr(fraction)}{markup}>\n{_element('text', text, '      ')}{files}{more}{said}    </answer>\n"


def _pairs(question: ExchangeQuestion) -> Iterator[str]:
    sides = [(pair.left, pair.right) for pair in question.pairs]
    for left, right in [
        *sides,
        *((Text(markup=question.text.markup), distractor) for distractor in question.distractors),
    ]:
        answer = f"      <answer>\n{_element('text', right, '        ')}      </answer>\n"
        yield _rich("subquestion", left, more=answer, is_empty_told=True)


def _response(response: Response) -> Iterator[str]:
    yield _element("responseformat", response.editor)
    numbers = {
        "responserequired": None if response.required is None else int(response.required),
        "responsefieldlines": response.lines,
        "minwordlimit": response.least_words,
        "maxwordlimit": response.most_words,
        "attachments": response.files,
        "attachmentsrequired": response.files_required,
        "maxbytes": response.most_bytes,
    }
    for tag, number in numbers.items():
        if number is not None:
            yield _element(tag, str(number))
    if response.file_types:
        yield _element("filetypeslist", response.file_types)
    yield _rich("graderinfo", response.grader_info)
    yield _rich("responsetemplate", response.template)


def _rich(tag: str, text: Text | None, *, indent: str = "    ", more: str = "", is_empty_told: bool = False) -> str:
    """An element with its markup, text and files; nothing for no text, but for what must be there."""
    if text is None or not (text or is_empty_told or tag == "questiontext"):
        return ""
    inner = f"{_element('text', text.text, f'{indent}  ')}{_files(text)}{more}"
    return f"{indent}<{tag} format={quoteattr(NAMES[text.markup])}>\n{inner}{indent}</{tag}>\n"


def _files(text: Text) -> str:
    return "".join(
        f'      <file name={_quoted(file.name)} path={_quoted(file.folder)} encoding="base64">'
        f"{base64.b64encode(file.data).decode()}</file>\n"
        for file in text.files
    )


def _quoted(name: str) -> str:
    return quoteattr(FORBIDDEN.sub("", name))


def _element(tag: str, text: str, indent: str = "    ") -> str:
    """One line, as CDATA where the text has signs of XML."""
    text = FORBIDDEN.sub("", text)
    shown = escape(text)
    if shown != text:
        shown = "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return f"{indent}<{tag}>{shown}</{tag}>\n"


def _yes(is_so: bool) -> str:
    return "true" if is_so else "false"
