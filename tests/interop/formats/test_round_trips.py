"""What is written is read again as the same, whatever stands in it; as far as the format can hold it."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from lms.interop.formats import aiken, gift, moodle_xml
from lms.interop.formats.exchange import (
    Answer,
    Attachment,
    ExchangeQuestion,
    Hint,
    Markup,
    Pair,
    Response,
    Text,
    Type,
    Unit,
)
from lms.interop.formats.losses import LEGAL
from lms.interop.formats.moodle_xml.cloze import escaped, gaps
from lms.interop.formats.reading import BLANK

pieces = st.sampled_from([
    "a", "Đ", "\u0302", "🙂", "\u00a0", " ", "\n", "\t", "\\", "\\n", "#", "####", "=", "~", "{", "}", ":", "::", "->", "%", "%50%",
    "//", "[html]", "[x]", "]", "]]>", "<b>", "&", "&amp;", '"', "'", "$CATEGORY:", "TRUE", "*", "0", "1..2", "@@", "A)", "{1:SA:=a}",
])  # fmt: skip
raw = st.lists(pieces, max_size=8).map("".join)
trimmed = raw.map(lambda text: text.strip(BLANK))
words = trimmed.filter(bool)
labels = st.text(st.characters(categories=["L", "N"]) | st.sampled_from("[]\\{}:#/.-"), min_size=1, max_size=8).filter(
    lambda t: not t.endswith("\\")
)
names = st.lists(labels, max_size=3).map(tuple)
markups = st.sampled_from(Markup)
legal = st.sampled_from(LEGAL) | st.sampled_from(LEGAL).map(lambda weight: -weight if weight else weight)
positive = st.sampled_from([weight for weight in LEGAL if weight])
numbers = st.decimals(-(10**9), 10**9, allow_nan=False, places=4)
small = st.decimals(0, 10**6, allow_nan=False, places=6)


@st.composite
def texts(draw, of=trimmed, *, files=False, markup=None):
    attached = draw(st.lists(attachments, max_size=2, unique_by=lambda file: (file.folder, file.name))) if files else []
    return Text(text=draw(of), markup=markup or draw(markups), files=tuple(attached))


attachments = st.builds(
    Attachment,
    name=st.text(st.characters(categories=["L", "N"]) | st.sampled_from(" &<>\"'.-"), min_size=1, max_size=8).map(str.strip).filter(lambda name: name and name not in {".", ".."}),
    folder=st.sampled_from(["/", "/a/", "/a b/c/"]),
    data=st.binary(max_size=20),
)  # fmt: skip


def maybe(strategy):
    return st.none() | strategy.filter(bool)


@st.composite
def answers(draw, weights, *, least=2, plain=False, files=False):
    rows = draw(
        st.lists(st.tuples(texts(words, files=files), weights, maybe(texts(files=files))), min_size=least, max_size=4)
    )
    return tuple(
        Answer(text=Text(text=text.text, markup=Markup.PLAIN) if plain else text, weight=weight, feedback=feedback)
        for text, weight, feedback in rows
    )


@st.composite
def numeric_answers(draw, files=False):
    rows = draw(st.lists(st.tuples(numbers, small, legal, maybe(texts(files=files))), min_size=1, max_size=3))
    found = [
        Answer(value=value, tolerance=margin, weight=weight, feedback=said) for value, margin, weight, said in rows
    ]
    if draw(st.booleans()):
        at = draw(st.integers(0, len(found)))
        found.insert(at, Answer(value="*", weight=Decimal(0), feedback=draw(maybe(texts(files=files)))))
    return tuple(found)


@st.composite
def fields(  # noqa: PLR0911 - one for each type
    draw, kind, *, files=False
):
    """What the type has, as far as GIFT and Moodle XML can say it."""
    if kind is Type.SINGLE_CHOICE:
        found = draw(answers(legal, files=files))
        right = Answer(text=draw(texts(words)), weight=Decimal(100))
        return {"answers": tuple(draw(st.permutations([*found, right])))}
    if kind is Type.MULTIPLE_CHOICE:
        found = draw(answers(legal, files=files))
        return {"answers": (*found, Answer(text=draw(texts(words)), weight=draw(positive)))}
    if kind is Type.TRUE_FALSE:
        said = {f"feedback_if_{word}": draw(maybe(texts(files=files))) for word in ("true", "false")}
        return {"correct": draw(st.booleans()), **said}
    if kind is Type.SHORT_TEXT:
        found = draw(answers(legal, least=1, plain=True))
        hidden = [text.text for one in found for text in (one.text, one.feedback) if text]
        return {"answers": found[:1] if any("->" in text for text in hidden) else found, "case_sensitive": False}
    if kind is Type.NUMERIC:
        return {"answers": draw(numeric_answers(files=files))}
    if kind is Type.MATCHING:
        left = texts(words.filter(lambda text: "->" not in text), files=files)
        pairs = draw(st.lists(st.builds(Pair, left=left, right=words), min_size=2, max_size=4))
        return {"pairs": tuple(pairs), "distractors": tuple(draw(st.lists(words, max_size=2)))}
    return {}


@st.composite
def gift_questions(draw):
    kind = draw(st.sampled_from([*gift.writer.TYPES]))
    return ExchangeQuestion(
        type=kind,
        name=draw(trimmed),
        text=draw(texts(words)),
        points=Decimal(kind is not Type.DESCRIPTION),
        tags=tuple(dict.fromkeys(draw(st.lists(labels, max_size=3)))),
        category=draw(names),
        id=draw(st.just("") | labels),
        general_feedback=None if kind is Type.DESCRIPTION else draw(maybe(texts())),
        **draw(fields(kind)),
    )


@settings(deadline=None)
@given(st.lists(gift_questions(), min_size=1, max_size=4).map(tuple))
def test_gift(questions):
    data, losses = gift.write(questions)
    found, problems = gift.read(data)
    assert found == questions, (data.decode(), [str(problem) for problem in problems])
    assert [problem for problem in losses if "left out" in problem.text()] == []


@st.composite
def responses(draw, editor):
    return Response(
        editor=editor,
        required=draw(st.booleans()),
        **{
            name: draw(st.none() | st.integers(0, 1000))
            for name in ("lines", "least_words", "most_words", "files", "files_required", "most_bytes")
        },
        file_types=draw(st.sampled_from(["", ".pdf", ".docx,.odt"])),
        grader_info=draw(maybe(texts(files=True))),
        template=draw(maybe(texts())),
    )


gap = st.tuples(
    st.sampled_from(["", "0", "1", "20"]),
    st.sampled_from(["SA", "SHORTANSWER_C", "MC", "MCHS", "MULTIRESPONSE"]),
    st.lists(
        st.tuples(st.sampled_from(["", "=", "%50%", "%-33.33333%"]), words, st.none() | words), min_size=1, max_size=3
    ),
)


@st.composite
def with_gaps(draw):
    """A text with gaps around other words, each gap with a right answer."""
    parts = [draw(st.sampled_from(["", "a <b>\n", "x = 1 "]))]
    for points, kind, rows in draw(st.lists(gap, min_size=1, max_size=3)):
        alternatives = [("=", draw(words), None), *rows]
        written = "~".join(
            mark + escaped(text) + (f"#{escaped(said)}" if said else "") for mark, text, said in alternatives
        )
        parts += [f"{{{points}:{kind}:{written}}}", draw(st.sampled_from(["", ".", " và\n"]))]
    return "".join(parts).strip(BLANK)


@st.composite
def xml_questions(draw):
    kind = draw(st.sampled_from([*moodle_xml.writer.TYPES]))
    text = draw(texts(with_gaps() if kind is Type.CLOZE else words, files=True))
    more = draw(fields(kind, files=True))
    points = draw(small)
    if kind is Type.CLOZE:
        more = {"gaps": gaps(text.text)}
        points = sum((one.points for one in more["gaps"]), Decimal(0))
    if kind in (Type.ESSAY, Type.FILE):
        more = {"response": draw(responses("noinline" if kind is Type.FILE else "editor"))}
    if kind in (Type.SINGLE_CHOICE, Type.MULTIPLE_CHOICE):
        more["numbering"] = draw(st.sampled_from(["abc", "none"]))
    if kind in (Type.SINGLE_CHOICE, Type.MULTIPLE_CHOICE, Type.MATCHING):
        more["shuffle"] = draw(st.booleans())
    if kind is Type.SHORT_TEXT:
        more["case_sensitive"] = draw(st.booleans())
    if kind is Type.NUMERIC:
        more["units"] = tuple(draw(st.lists(st.builds(Unit, name=words, multiplier=small), max_size=2)))
    hint = st.builds(Hint, text=texts(words, files=True), shows_count=st.booleans(), clears_wrong=st.booleans())
    return ExchangeQuestion(
        type=kind,
        name=draw(trimmed),
        text=text,
        points=Decimal(0) if kind is Type.DESCRIPTION else points,
        tags=tuple(dict.fromkeys(draw(st.lists(words, max_size=3)))),
        category=draw(names),
        id=draw(trimmed),
        hints=tuple(draw(st.lists(hint, max_size=2))),
        penalty=draw(st.none() | st.sampled_from([Decimal(0), Decimal("0.1"), Decimal("0.3333333"), Decimal(1)])),
        hidden=draw(st.booleans()),
        **{
            name: draw(maybe(texts(files=True)))
            for name in ("general_feedback", "correct_feedback", "partially_correct_feedback", "incorrect_feedback")
        },
        **more,
    )


@settings(deadline=None)
@given(st.lists(xml_questions(), min_size=1, max_size=3).map(tuple))
def test_moodle_xml(questions):
    data, losses = moodle_xml.write(questions)
    found, problems = moodle_xml.read(data)
    assert found == questions, (data.decode(), [str(problem) for problem in problems])
    assert losses == []


@st.composite
def aiken_questions(draw):
    line = words.map(lambda text: " ".join(text.split()))
    stem = line.map(lambda text: f"Câu {text}.")
    options = draw(st.lists(line.filter(bool), min_size=2, max_size=26))
    right = draw(st.integers(0, len(options) - 1))
    return ExchangeQuestion(
        type=Type.SINGLE_CHOICE,
        text=draw(texts(stem, markup=Markup.PLAIN)),
        answers=tuple(
            Answer(text=Text(text=option, markup=Markup.PLAIN), weight=Decimal(100 * (place == right)))
            for place, option in enumerate(options)
        ),
    )


@settings(deadline=None)
@given(st.lists(aiken_questions(), min_size=1, max_size=4).map(tuple))
def test_aiken(questions):
    data, losses = aiken.write(questions)
    assert aiken.read(data)[0] == questions
    assert losses == []
