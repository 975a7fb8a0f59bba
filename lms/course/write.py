"""CourseDoc → Source: a course made or imported here as the text an author would write; parse(write(doc)) == doc.

Pictures and downloads are no part of a document: whoever has them adds them to the source.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from lms.course import numerals
from lms.course.document import Choice, CourseDoc, Draw, Drill, Entry, Lesson, Quiz, Reference, Scene, When
from lms.course.questions import Question
from lms.course.source import Source

Facts = Mapping[str, object]
Named = list[tuple[str, str]]


def write(doc: CourseDoc) -> Source:
    """Every text of the course."""
    files = {"course.md": course(doc)}
    if doc.references:
        files["references.yaml"] = references(doc.references)
    files |= {item.path: lesson(item) for item in doc.lessons}
    files |= {item.path: quiz(item) for item in doc.quizzes}
    files |= {item.path: drill(item) for item in doc.drills}
    return Source({path: text.encode() for path, text in files.items()})


def course(doc: CourseDoc) -> str:
    """course.md: the facts, the introduction and the outline."""
    facts = {
        "format": "1",
        "id": doc.id,
        "title": doc.title,
        "language": doc.language,
        "hours": _number(doc.hours),
        "audience": doc.audience,
        "objectives": list(doc.objectives),
        "content_group": doc.content_group,
        "complete": "all" if doc.complete == 100 else f"{doc.complete}%",
        "grade_from": doc.grade_from,
        "valid_months": doc.valid_months,
        "certificate": doc.certificate,
    }
    lines = [doc.introduction] if doc.introduction else []
    for part in doc.parts:
        lines += ["", f"## {part.title}", ""] if part.title is not None else [""]
        lines += [_entry(entry) for entry in part.entries]
    return _with_facts(facts, "\n".join(lines))


def _entry(entry: Entry) -> str:
    optional = " *(không bắt buộc)*" if entry.optional and entry.item else ""
    return f"- [{entry.title}](<{entry.path}>){optional}"


def lesson(item: Lesson) -> str:
    """A lesson's file; its text is the author's own, letter by letter."""
    facts = {
        "id": item.id,
        "title": item.title,
        "minutes": item.minutes,
        "practice": item.practice,
        "objectives": list(item.objectives),
        "tags": list(item.tags),
    }
    return _with_facts(facts, item.text, apart=False)


def quiz(item: Quiz) -> str:
    """A quiz's file; what is as when silent is left out."""
    silent = Quiz(id="", title="", path="")
    facts = {
        "id": item.id,
        "kind": "quiz",
        "title": item.title,
        "pass": f"{_number(item.pass_percent)}%",
        "minutes": item.minutes,
        "attempts": item.attempts,
        "draw": [_draw(draw) for draw in item.draws],
        "penalty": f"{_number(item.penalty_percent)}%" if item.penalty_percent else None,
        "opens": _when(item.opens),
        "closes": _when(item.closes),
        "practice": "yes" if item.practice else None,
    }
    for key in ("grade", "show", "show_when", "shuffle"):
        facts[key] = getattr(item, key) if getattr(item, key) != getattr(silent, key) else None
    parts, section = [item.introduction] if item.introduction else [], ""
    for one in item.questions:
        if one.section != section:
            section = one.section
            parts.append(f"# {section}")
        parts.append(question(one))
    return _with_facts(facts, "\n\n".join(parts))


def drill(item: Drill) -> str:
    """A drill's file: scene by scene its text, what happens later, and the choices."""
    facts = {
        "id": item.id,
        "kind": "drill",
        "title": item.title,
        "minutes": item.minutes,
        "starts": item.starts.replace("T", " "),
        "scales": ", ".join(item.scales),
        "bands": [f"{band.least} {band.name}" for band in item.bands],
        "pass": item.pass_points,
        "deadlines": [f"{deadline.hours} giờ {deadline.name}" for deadline in item.deadlines],
    }
    parts = [item.introduction] if item.introduction else []
    return _with_facts(facts, "\n\n".join([*parts, *(_scene(scene, item.scales[0]) for scene in item.scenes)]))


def _scene(scene: Scene, first: str) -> str:
    injects = ["\n".join(_quoted(f"sau {inject.minutes} phút: {inject.text}")) for inject in scene.injects]
    choices = "\n".join(_choice(choice, first) for choice in scene.choices)
    parts = [f"## {scene.title} {{#{scene.id}}}", scene.text, *injects, choices]
    return "\n\n".join(part for part in parts if part)


def _choice(choice: Choice, first: str) -> str:
    conditions = [*choice.needs, *(f"không {flag}" for flag in choice.forbids)]
    before = f"nếu {' và '.join(conditions)}: " if conditions else ""
    gains = [f"{'' if gain.scale == first else gain.scale + ' '}{gain.points:+d}" for gain in choice.gains]
    changes = [
        *gains,
        *([f"{choice.minutes} phút"] if choice.minutes else []),
        *(["T0"] if choice.starts_deadlines else []),
        *([f"đặt {', '.join(choice.sets)}"] if choice.sets else []),
        *(f"xong {name}" for name in choice.meets),
    ]
    line = f"- {before}[{choice.text}](#{choice.target}) {' · '.join(changes)}".rstrip()
    return "\n".join([line, *(f"  {quoted}" for quoted in (_quoted(choice.reason) if choice.reason else []))])


def question(one: Question) -> str:
    """A question as a block: heading, what is asked, the answers, hint and explanation."""
    top = heading(one.title, one.id, one.tags, numerals.comma_unmistakable(one.points), one.own_settings())
    answers = [("rows", line) for line in one.answer_lines()]
    return "\n".join(line for _, line in named_lines(top, one.stem, answers, one.hint, one.explanation))


def heading(title: str, identity: str, tags: Iterable[str], points: str, settings: Mapping[str, str]) -> str:
    """The first line of a question; one point is what silence says."""
    words = [f"#{identity}", *(f".{tag}" for tag in tags)]
    if points != "1":
        words.append(f"points={points.replace(',', '.')}")
    words += [f"{name}={value}" for name, value in settings.items()]
    return f"## {title} {{{' '.join(words)}}}"


def named_lines(top: str, stem: str, answers: Named, hint: str, explanation: str) -> Named:
    """The lines of a question, each with the name of what it holds; a blank line parts what is not heading and text."""
    asked = [("title", top), *(("stem", line) for line in stem.rstrip().split("\n") if stem.strip())]
    hinted = [("hint", line) for line in _quoted(f"Gợi ý: {hint}")] if hint else []
    explained = [("explanation", line) for line in _quoted(explanation)] if explanation else []
    return [*asked, *(line for part in (answers, hinted, explained) if part for line in [("", ""), *part])]


def references(cited: Iterable[Reference]) -> str:
    """references.yaml; every value is text in quotation marks, so that YAML reads nothing into it."""
    lines = []
    for one in cited:
        values = {
            "id": one.id,
            "number": one.number,
            "name": one.name,
            "in_force_from": one.in_force_from.isoformat(),
            "in_force_to": one.in_force_to.isoformat() if one.in_force_to else "",
            "replaced_by": one.replaced_by or "",
            "checked_on": one.checked_on.isoformat(),
            "note": one.note or "",
        }
        written = [f"{key}: {_in_yaml(value)}" for key, value in values.items() if value]
        lines += [f"- {written[0]}", *(f"  {line}" for line in written[1:])]
    return "\n".join(lines) + "\n"


def _in_yaml(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _with_facts(facts: Facts, body: str, *, apart: bool = True) -> str:
    """Front matter and body; a value that begins or ends like a quotation is quoted once more."""
    lines = ["---"]
    for key, value in facts.items():
        if isinstance(value, list):
            lines += [f"{key}:", *(f"  - {_fact(str(one))}" for one in value)] if value else []
        elif value not in (None, ""):
            lines.append(f"{key}: {_fact(str(value))}")
    text = "\n".join([*lines, "---", *([""] if apart else []), body.strip("\n") if apart else body])
    return text if text.endswith("\n") or not apart else text + "\n"


def _fact(value: str) -> str:
    return f'"{value}"' if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'" else value


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _draw(draw: Draw) -> str:
    words = [
        str(draw.count),
        *(["from", draw.section] if draw.section else []),
        *(["tagged", draw.tag] if draw.tag else []),
    ]
    return " ".join(words)


def _when(when: When | None) -> str | None:
    if when is None:
        return None
    return when.moment.replace("T", " ")[:16] if when.moment else f"{when.days} days after enrolment"


def _quoted(text: str) -> list[str]:
    """As a quotation; two spaces at the end of a line are a line break in Markdown and stay."""
    return [f"> {line}" if line else ">" for line in text.split("\n")]
