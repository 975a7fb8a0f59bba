"""The text of a drill: its facts, its scenes, and the choices that lead from one to another."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from lms.course.blocks import Chunk, chunks
from lms.course.check_text import CITE
from lms.course.desk import ID, ID_LIMIT, Desk, local_names, percent, slug, title, whole
from lms.course.document import Band, Choice, Deadline, Drill, Gain, Inject, Scene
from lms.course.fences import Fence
from lms.course.frontmatter import FrontMatter
from lms.course.problems import N_

KEYS = {"id", "kind", "title", "minutes", "starts", "scales", "bands", "pass", "deadlines"}
SILENT_SCALE = "Điểm"
STARTS = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2})$")
BAND = re.compile(r"(\d{1,3})[ ]+(\S.*)$")
DEADLINE = re.compile(r"(\d{1,4})[ ]*(?:giờ|hours?|h)[ ]+(\S.*)$", re.IGNORECASE)
HEADING = re.compile(r"(.*?)[ ]*\{[ ]*#([^\s{}]+)[ ]*\}$")
CHOICE = re.compile(
    r"[-*+] +(?:(?:nếu|if)[ ]+(?P<when>[^\[\]:]*):[ ]*)?"
    r"\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\(#(?P<target>[^()\s]*)\)(?P<rest>.*)$",
    re.IGNORECASE,
)
CONDITION = re.compile(r"[-*+] +(?:nếu|if)[ ]", re.IGNORECASE)
BULLET = re.compile(r"[-*+][ ]")
INJECT = re.compile(r">[ ]*(?:sau|after)[ ]+(\d{1,5})[ ]*(phút|minutes?|giờ|hours?)[ ]*:[ ]*(.*)$", re.IGNORECASE)
NEARLY_INJECT = re.compile(r">[ ]*(?:sau|after)[ ]+\d+[ ]*(?:phút|minutes?|giờ|hours?)", re.IGNORECASE)
QUOTED = re.compile(r"[ \t]+>[ ]?(.*)$")
SPACES = re.compile(r"(?<=\S)[ \t]{2,}")
SEPARATOR = re.compile(r"[·•|;]")
POINTS = re.compile(r"(?P<scale>.*?)[ ]*(?P<sign>[+\-−–])[ ]?(?P<number>\d{1,4})$")
TAKES = re.compile(r"(\d{1,5})[ ]*(phút|minutes?|giờ|hours?|ngày|days?)$", re.IGNORECASE)
SETS = re.compile(r"(?:đặt|set)[ ]+(.*)$", re.IGNORECASE)
MEETS = re.compile(r"(?:xong|done)[ ]+(.*)$", re.IGNORECASE)
AND = re.compile(r" (?:và|and) | ?, ?", re.IGNORECASE)
NOT = re.compile(r"(?:không|not)[ ]+(.*)$", re.IGNORECASE)
FLAG = re.compile(r"[^\W\d_][\w-]{0,59}")
NO_BUTTON = re.compile(r"\]\(|\]\[|\[[@^]|<[a-z]+:", re.IGNORECASE)
MINUTES_IN = {"p": 1, "m": 1, "g": 60, "h": 60, "n": 1440, "d": 1440}
SCENES_LIMIT, CHOICES_LIMIT, STORY_LIMIT = 300, 20, 100_000
NAME_LIMIT = 80
YEARS = range(1990, 2200)


def drill(desk: Desk, facts: FrontMatter) -> Drill:
    """The drill of a file."""
    desk.unknown(facts, KEYS)
    identity = desk.identity(facts)
    scales, deadlines = _scales(desk, facts), _deadlines(desk, facts)
    introduction, scenes = _scenes(desk, facts, _Words(scales, tuple(one.name for one in deadlines)))
    return Drill(
        id=identity,
        title=title(desk, facts),
        path=facts.path,
        minutes=whole(desk, facts, "minutes", 1, 600),
        starts=_starts(desk, facts),
        scales=scales,
        bands=_bands(desk, facts),
        pass_points=_pass(desk, facts),
        deadlines=deadlines,
        introduction=introduction,
        scenes=scenes,
        cites=tuple(dict.fromkeys(match[1] for match in CITE.finditer(facts.body))),
        local_names=local_names(facts.body),
    )


# The facts


def _starts(desk: Desk, facts: FrontMatter) -> str:
    value, line = facts.text("starts"), facts.line("starts")
    match = STARTS.match(value)
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]:0>5}") if match else None
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        desk.wrong(line, N_("starts: write when the story begins, for example “starts: 2026-12-07 07:50”"))
        return "2026-01-01T08:00"
    return moment.isoformat(timespec="minutes")


def _pass(desk: Desk, facts: FrontMatter) -> int:
    value = percent(desk, facts, "pass", Decimal(50))
    if value != int(value):
        desk.wrong(facts.line("pass"), N_("pass: write whole points from 0 to 100"))
    return int(value)


def _scales(desk: Desk, facts: FrontMatter) -> tuple[str, ...]:
    found, line = facts.texts("scales"), facts.line("scales")
    for name in found:
        if len(name) > NAME_LIMIT or SEPARATOR.search(name) or POINTS.match(name) or TAKES.match(name):
            message = N_(
                "scales: “%(name)s” cannot be the name of a scale; write a short word without signs and numbers"
            )
            desk.wrong(line, message, name=name[:60])
            return (SILENT_SCALE,)
    if len({name.casefold() for name in found}) < len(found):
        desk.wrong(line, N_("scales: a name stands twice; keep one"))
        return tuple({name.casefold(): name for name in found}.values())
    return found or (SILENT_SCALE,)


def _listed(facts: FrontMatter, key: str) -> list[tuple[int, str]]:
    """The values of a list, or of a line in which “;” stands between them, with their lines."""
    value = facts.values.get(key, "")
    if isinstance(value, list):
        return [(line, text) for line, text in zip(facts.item_lines.get(key, []), value, strict=False) if text]
    return [(facts.line(key), " ".join(part.split())) for part in value.split(";") if part.strip()]


def _bands(desk: Desk, facts: FrontMatter) -> tuple[Band, ...]:
    found: list[Band] = []
    for line, text in _listed(facts, "bands"):
        match = BAND.match(text)
        if match is None or int(match[1]) > 100 or len(match[2]) > NAME_LIMIT or ";" in match[2]:
            message = N_("bands: “%(value)s” is not understood; write points from 0 to 100 and a name: “80 Xử lý tốt”")
            desk.wrong(line, message, value=text[:60])
        else:
            found.append(Band(least=int(match[1]), name=match[2]))
    line = facts.line("bands")
    if not found:
        message = N_(
            "bands: how results are called is missing; write “bands: 80 Xử lý tốt; 50 Đạt; 0 Phải diễn tập lại”"
        )
        desk.wrong(line, message)
    elif found[-1].least:
        message = N_("bands: results under %(points)s have no name; add a last band that begins with 0")
        desk.wrong(line, message, points=found[-1].least)
    elif any(one.least <= other.least for one, other in pairwise(found)):
        desk.wrong(line, N_("bands: write them from the highest to the lowest, each number once"))
    return tuple(found)


def _deadlines(desk: Desk, facts: FrontMatter) -> tuple[Deadline, ...]:
    found: dict[str, Deadline] = {}
    for line, text in _listed(facts, "deadlines"):
        match = DEADLINE.match(text)
        if match is None or not 1 <= int(match[1]) <= 1000 or len(match[2]) > NAME_LIMIT or SEPARATOR.search(match[2]):
            message = N_("deadlines: “%(value)s” is not understood; write hours and a name: “24 giờ Thông báo ban đầu”")
            desk.wrong(line, message, value=text[:60])
        elif match[2].casefold() in found:
            desk.wrong(line, N_("deadlines: “%(name)s” stands twice; keep one"), name=match[2])
        else:
            found[match[2].casefold()] = Deadline(hours=int(match[1]), name=match[2])
    return tuple(found.values())


# The scenes


@dataclass(frozen=True)
class _Words:
    """What choices may name."""

    scales: tuple[str, ...]
    deadlines: tuple[str, ...]


def _scenes(desk: Desk, facts: FrontMatter, words: _Words) -> tuple[str, tuple[Scene, ...]]:
    introduction, scenes = "", list[Scene]()
    for chunk in chunks(facts.body, facts.body_line):
        if chunk.level == 0:
            introduction = "\n".join(line for _, line in chunk.lines).strip()
        elif chunk.level == 2:
            scenes.append(_Reader(desk, chunk, words).scene())
        else:
            desk.wrong(chunk.line, N_("a scene begins with “## ”; other headings have no place in a drill"))
    if not scenes:
        desk.wrong(1, N_("the drill has no scene; write “## Title {#n1}”, what happens, and the choices"))
    if len(scenes) > SCENES_LIMIT:
        desk.wrong(1, N_("the drill has more than %(limit)s scenes; split it"), limit=SCENES_LIMIT)
        scenes = scenes[:SCENES_LIMIT]
    return introduction, tuple(scenes)


@dataclass
class _Reader:
    """A scene while its lines are read."""

    desk: Desk
    chunk: Chunk
    words: _Words
    text: list[str] = field(default_factory=list)
    injects: list[tuple[int, list[str]]] = field(default_factory=list)
    choices: list[tuple[Choice, list[str]]] = field(default_factory=list)
    in_inject: bool = False

    def scene(self) -> Scene:
        """The scene; what is wrong in it is noted."""
        identity, name = self._heading()
        fence = Fence()
        for number, line in self.chunk.lines:
            is_code = fence.covers(line)
            self._line(number, line, is_code=is_code)
        if len(self.choices) > CHOICES_LIMIT:
            self.desk.wrong(
                self.chunk.line, N_("the scene has more than %(limit)s choices; split it"), limit=CHOICES_LIMIT
            )
        return Scene(
            id=identity,
            title=name,
            text="\n".join(self.text).strip(),
            injects=tuple(Inject(minutes=minutes, text="\n".join(lines).strip()) for minutes, lines in self.injects),
            choices=tuple(_with_reason(choice, lines) for choice, lines in self.choices[:CHOICES_LIMIT]),
            line=self.chunk.line,
        )

    def _heading(self) -> tuple[str, str]:
        match = HEADING.match(SPACES.sub(" ", self.chunk.title))
        if match is None:
            message = N_("scene “%(title)s” has no id; write it behind the title, for example “{#%(id)s}”")
            name = self.chunk.title
            self.desk.wrong(self.chunk.line, message, title=name[:80], id=slug(name)[:40].strip("-") or "n1")
            return "", name
        if not ID.fullmatch(match[2]) or len(match[2]) > ID_LIMIT:
            message = N_("the id “%(id)s” may only have a–z, 0–9 and single hyphens")
            self.desk.wrong(self.chunk.line, message, id=match[2][:100])
        if not match[1]:
            self.desk.wrong(
                self.chunk.line, N_("the scene has no title; write it before “{#%(id)s}”"), id=match[2][:100]
            )
        return match[2], match[1]

    def _line(self, number: int, line: str, *, is_code: bool) -> None:
        # Patterns try every way to share spaces out: runs of them are one, so that they cannot take long.
        if is_code:
            self._prose(number, line)
        elif match := CHOICE.match(SPACES.sub(" ", line)):
            self.in_inject = False
            self.choices.append((self._choice(number, match), []))
        elif match := INJECT.match(line):
            self._inject(number, match)
        elif self.in_inject and line.startswith(">"):
            self.injects[-1][1].append(line[1:].removeprefix(" "))
        elif NEARLY_INJECT.match(line):
            self.desk.wrong(
                number, N_("what happens later is written “> sau 3 phút: …”, with a colon; correct the line")
            )
        elif self.choices and (match := QUOTED.match(line)):
            self.choices[-1][1].append(match[1].rstrip())
        else:
            self._prose(number, line)

    def _inject(self, number: int, match: re.Match[str]) -> None:
        self.in_inject = True
        if not match[3].strip():
            self.desk.wrong(number, N_("nothing is said to happen; write it behind the colon"))
        self.injects.append((int(match[1]) * MINUTES_IN[match[2][0].lower()], [match[3]]))

    def _prose(self, number: int, line: str) -> None:
        self.in_inject = False
        if not self.choices:
            if CONDITION.match(line):
                self.desk.wrong(
                    number, N_("a choice is a link to its scene: “- nếu X: [what is done](#n2)”; correct the line")
                )
            else:
                self.text.append(line)
        elif BULLET.match(line):
            self.desk.wrong(number, N_("this is no choice: it needs a link to its scene, “- [what is done](#n2) +10”"))
        elif line.strip():
            message = N_("text after the choices; move it above them, or begin it with “  > ” if it explains a choice")
            self.desk.wrong(number, message)

    # Choices

    def _choice(self, number: int, match: re.Match[str]) -> Choice:
        text = " ".join(match["text"].split())
        if not text:
            self.desk.wrong(number, N_("the choice has no words; write between the brackets what is done"))
        elif NO_BUTTON.search(text):
            message = N_(
                "the words of a choice are a button, which holds no link; put links and cited law into the reason"
            )
            self.desk.wrong(number, message)
        needs, forbids = self._condition(number, match["when"])
        made = _Made(self.desk, number, self.words)
        for part in SEPARATOR.split(match["rest"]):
            made.read(" ".join(part.split()))
        return Choice(
            text=text,
            target=match["target"],
            gains=tuple(made.gains.values()),
            minutes=made.minutes or 0,
            starts_deadlines=made.starts_deadlines,
            sets=tuple(dict.fromkeys(made.sets)),
            meets=tuple(dict.fromkeys(made.meets)),
            needs=needs,
            forbids=forbids,
            line=number,
        )

    def _condition(self, number: int, when: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        needs: list[str] = []
        forbids: list[str] = []
        for part in AND.split(" ".join(when.split())) if when is not None else ():
            negated = NOT.match(part)
            name = negated[1].strip() if negated else part
            if _is_flag(self.desk, number, name):
                (forbids if negated else needs).append(name)
        return tuple(dict.fromkeys(needs)), tuple(dict.fromkeys(forbids))


def _with_reason(choice: Choice, lines: list[str]) -> Choice:
    return Choice(**{**vars(choice), "reason": "\n".join(lines).strip()})


def _is_flag(desk: Desk, line: int, name: str) -> bool:
    if FLAG.fullmatch(name):
        return True
    message = N_("“%(name)s” is no flag: a flag is one word of letters, digits and “_”, as in “đặt giu_sao_luu”")
    desk.wrong(line, message, name=name[:60])
    return False


@dataclass
class _Made:
    """What a choice changes, part by part."""

    desk: Desk
    line: int
    words: _Words
    gains: dict[str, Gain] = field(default_factory=dict)
    minutes: int | None = None
    starts_deadlines: bool = False
    sets: list[str] = field(default_factory=list)
    meets: list[str] = field(default_factory=list)

    def read(self, part: str) -> None:
        """Take the part, or say why not."""
        readers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], None]], ...] = (
            (TAKES, self._takes),
            (SETS, self._sets),
            (MEETS, self._meets),
            (POINTS, self._points),
        )
        if part.upper() == "T0":
            self.starts_deadlines = True
            return
        found = next(((read, match) for pattern, read in readers if (match := pattern.match(part))), None)
        if found:
            found[0](found[1])
        elif part.isdigit():
            self._wrong(N_("“%(part)s”: points or minutes? Write “+%(part)s” or “%(part)s phút”"), part=part[:10])
        elif part:
            message = N_(
                "“%(part)s” is not understood; write points “+10”, “Scale +10”, time “5 phút”, “T0”, “đặt flag” or “xong deadline”, with “·” between them"
            )
            self._wrong(message, part=part[:60])

    def _wrong(self, message: str, **values: str | int) -> None:
        self.desk.wrong(self.line, message, **values)

    def _takes(self, match: re.Match[str]) -> None:
        minutes = int(match[1]) * MINUTES_IN[match[2][0].lower()]
        if self.minutes is not None:
            self._wrong(N_("the choice takes time twice; keep one"))
        elif minutes > STORY_LIMIT:
            self._wrong(N_("the choice takes more than %(limit)s minutes; write less"), limit=STORY_LIMIT)
        else:
            self.minutes = minutes

    def _sets(self, match: re.Match[str]) -> None:
        names = [name.strip() for name in match[1].split(",")]
        self.sets += [name for name in names if _is_flag(self.desk, self.line, name)]

    def _meets(self, match: re.Match[str]) -> None:
        name = _same(match[1], self.words.deadlines)
        if name is None:
            message = N_("there is no deadline “%(name)s”; the deadlines are: %(there)s")
            self._wrong(message, name=match[1][:60], there=", ".join(self.words.deadlines)[:200] or "–")
        else:
            self.meets.append(name)

    def _points(self, match: re.Match[str]) -> None:
        scale = _same(match["scale"], self.words.scales) if match["scale"] else self.words.scales[0]
        number = int(match["number"]) * (1 if match["sign"] == "+" else -1)
        if scale is None:
            message = N_("there is no scale “%(name)s”; the scales are: %(there)s")
            self._wrong(message, name=match["scale"][:60], there=", ".join(self.words.scales)[:200])
        elif scale in self.gains:
            self._wrong(N_("the choice changes “%(scale)s” twice; keep one"), scale=scale)
        elif number:
            self.gains[scale] = Gain(scale=scale, points=number)


def _same(name: str, names: tuple[str, ...]) -> str | None:
    """The name as it was declared, however its letters are written."""
    return next((one for one in names if one.casefold() == name.casefold()), None)
