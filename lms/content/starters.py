"""What a trainer starts from: a new course, lesson, quiz or drill, and pieces of text to insert where the cursor stands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import LazyString

from lms.core.i18n import N_, _, _l
from lms.core.text import slug
from lms.course.source import Source

FIRST_LESSON = "bai/01.md"


def course(slug: str, title: str) -> Source:
    """A course of one lesson."""
    lesson_title = _("The first lesson")
    files = {
        "course.md": f"---\nformat: 1\nid: {slug}\ntitle: {title}\n---\n\n"
        + _("Say in two sentences what the course is for and whom it helps.")
        + f"\n\n## {_('Part 1')}\n\n- [{lesson_title}]({FIRST_LESSON})\n",
        FIRST_LESSON: lesson("bai-01", lesson_title),
    }
    return Source({path: text.encode() for path, text in files.items()})


def lesson(identity: str, title: str) -> str:
    """A lesson to be written."""
    return f"---\nid: {identity}\ntitle: {title}\nminutes: 10\n---\n\n{_('Write the lesson here.')}\n"


def quiz(identity: str, title: str) -> str:
    """A quiz with a question to be written."""
    return f"---\nid: {identity}\nkind: quiz\ntitle: {title}\npass: 80%\n---\n\n{_(QUESTIONS[0].text)}"


def drill(identity: str, title: str) -> str:
    """A drill of three scenes to be written."""
    facts = f"---\nid: {identity}\nkind: drill\ntitle: {title}\nminutes: 15\n"
    return facts + _(DRILL)


DRILL = N_(
    "starts: 2026-12-07 07:50\nscales: Points\nbands: 80 Handled well; 50 Passed, to be improved; 0 To be drilled again\npass: 50\n"
    "deadlines: 24 hours First notice\n---\n\nSay where the story takes place, who the learner is in it, and what there is to work with.\n\n"
    "## What is seen first {#n1}\nSay what happens and who says it.\n\n> after 3 minutes: What happens meanwhile, whatever is done.\n\n"
    "- [A choice that makes it worse](#n2) -10 · 20 minutes · T0 · set late\n  > Why it is bad.\n"
    "- [The right choice](#n2) +50 · 5 minutes · T0\n  > Why it is right.\n\n"
    "## What comes next {#n2}\nSay what has become of it.\n\n"
    "- if not late: [Report at once](#end) +50 · 15 minutes · done First notice\n  > Why it is right.\n"
    "- [Wait until tomorrow](#end) -20 · 30 hours\n  > Why it is bad.\n"
    "- if late: [Report, and say what was done late](#end) +30 · 30 minutes · done First notice\n  > Why it is right.\n\n"
    "## The end {#end}\nSay how the story ends.\n"
)


def references(today: date) -> str:
    """The list of cited law with one text to be replaced."""
    name = _("Name of the law or decree")
    return (
        f"- id: nd331\n  number: 331/2025/NĐ-CP\n  name: {name}\n  in_force_from: {today.isoformat()}\n"
        f"  checked_on: {today.isoformat()}\n"
    )


KINDS: dict[str, tuple[str, Callable[[str, str], str]]] = {
    "lesson": ("bai", lesson),
    "quiz": ("kiem-tra", quiz),
    "drill": ("dien-tap", drill),
}
"""The folder in which a new file of the kind lies, and what stands in it."""


def identity(title: str, taken: set[str]) -> str:
    """An id made of the title that no other item of the course has."""
    base = slug(title)[:60].strip("-") or "muc"
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(one for one in numbered if one not in taken)


@dataclass(frozen=True)
class Insertion:
    """A piece of text that the editor puts where the cursor stands."""

    label: LazyString
    text: str
    """A message, translated when it is inserted: labels work in both languages."""


QUESTIONS = (
    Insertion(
        _l("One right answer"),
        N_("## What is first {#viec-dau}\nWhat has to be done first?\n\n- [x] The right answer\n  > Why it is right.\n- [ ] A wrong answer\n  > Why it is wrong.\n- [ ] Another wrong answer\n\n> What to read again.\n"),
    ),
    Insertion(
        _l("Several right answers"),
        N_("## What belongs to it {#gom-nhung-gi}\nWhich of these belong to it?\n\n- [x] The first right answer\n- [x] The second right answer\n- [ ] A wrong answer\n\n> Why.\n"),
    ),
    Insertion(_l("True or false"), N_("## True or false {#dung-hay-sai}\nA statement to judge.\n\n- [x] True\n- [ ] False\n  > Why it is not false.\n")),
    Insertion(_l("Short text"), N_("## A name {#ten-goi}\nWhat is it called?\n\nAnswer: the name | another name\n\n> Where it is explained.\n")),
    Insertion(_l("Number"), N_("## How much {#bao-nhieu}\nWithin how many hours?\n\nAnswer: 72 hours\n\n> Where it is said.\n")),
    Insertion(_l("Matching"), N_("## Match them {#ghep-doi}\nMatch each with what belongs to it.\n\n- The first -> what belongs to it\n- The second -> what belongs to it\n- -> what belongs to none\n")),
    Insertion(_l("Ordering"), N_("## In order {#thu-tu}\nPut the steps in order.\n\n1. The first step\n2. The second step\n3. The third step\n")),
    Insertion(_l("Gaps"), N_("## Fill in {#dien-vao}\nThe deadline is [[24 | twenty-four]] hours; the report goes to the [[*province* | commune | ministry]].\n")),
    Insertion(_l("Essay, marked by a person"), N_("## Describe it {#trinh-bay points=10}\nDescribe how you would act.\n\nResponse: essay, 100–300 words\n\nRubric:\n- 4 points: the right steps\n- 6 points: an example from work\n")),
    Insertion(_l("File, marked by a person"), N_("## Hand it in {#nop-tep points=10}\nHand in your report.\n\nResponse: file .docx .pdf, at most 2 files, 5 MB\n")),
)  # fmt: skip
BLOCKS = (
    Insertion(_l("Table"), N_("| What | Who | When |\n|---|---|---|\n| First | | |\n| Second | | |\n")),
    Insertion(_l("Picture"), N_("![What the picture shows](media/picture.png)\n")),
    Insertion(_l("Video with subtitles"), N_("![What the video shows](media/video.mp4)\n")),
    Insertion(_l("Cited law"), "[@nd331]"),
    Insertion(_l("Local value"), "{{kenh_bao_su_co}}"),
    Insertion(_l("Checklist"), N_("- [ ] The first thing to do\n- [ ] The second thing to do\n")),
    Insertion(_l("Collapsed text"), N_('??? "More about it"\n    Text that opens when it is pressed.\n')),
)
SCENES = (
    Insertion(
        _l("Scene"),
        N_("## What happens {#n3}\nSay what happens and who says it.\n\n- [A choice](#n4) +10 · 5 minutes\n  > Why it is right.\n- [Another choice](#n4) -10 · 20 minutes\n  > Why it is bad.\n"),
    ),
    Insertion(_l("Choice"), N_("- [What is done](#n4) +10 · 5 minutes\n  > Why it is right or wrong.\n")),
    Insertion(_l("Choice with a condition"), N_("- if flag: [What is done](#n4) +10 · 5 minutes · set other_flag\n  > Why it is right or wrong.\n")),
    Insertion(_l("What happens later"), N_("> after 3 minutes: What happens, whatever is done.\n")),
    Insertion(_l("Ending"), N_("## The end {#end}\nSay how the story ends. A scene without choices is an ending.\n")),
)  # fmt: skip
CALLOUTS = (
    Insertion(_l("Remember"), N_("!!! ghi-nho\n    What has to be remembered.\n")),
    Insertion(_l("Note"), N_("!!! luu-y\n    What is easily overlooked.\n")),
    Insertion(_l("Example"), N_("!!! vi-du\n    An example.\n")),
    Insertion(_l("Case"), N_("!!! tinh-huong\n    A case from work.\n")),
    Insertion(_l("To do"), N_("!!! can-lam\n    What to do today.\n")),
)


def insertions(kind: str) -> list[dict[str, object]]:
    """The pieces that a file of this kind can hold, in groups; in lessons questions are self-checks."""
    questions = [(one.label, _(one.text)) for one in QUESTIONS]
    if kind != "quiz":
        questions = [(label, f"```quiz\n{text}```\n") for label, text in questions[:-2]]
    scenes = [(one.label, _(one.text)) for one in SCENES] if kind == "drill" else []
    groups = [
        (_("Scene"), scenes),
        (_("Question") if kind == "quiz" else _("Self-check"), questions if kind in ("quiz", "lesson") else []),
        (_("Frame"), [(one.label, _(one.text)) for one in CALLOUTS]),
        (_("Other"), [(one.label, _(one.text)) for one in BLOCKS]),
    ]
    return [{"group": group, "label": label, "text": text} for group, pairs in groups for label, text in pairs]
