"""What stands in any text: links, pictures, cited law, local values, addresses and words that wait to be written."""

import posixpath
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from lms.course.desk import LOCAL
from lms.course.fences import prose, without_code
from lms.course.problems import N_, Problem, error, warning

LINK = re.compile(r"(?<!\\)(!?)\[((?:[^\[\]]|\[[^\[\]]*\](?:\([^()]*\))?)*)\]\(((?:[^()]|\([^()]*\))*)\)")
DEFINED = re.compile(r"[ ]{0,3}\[(?![\^@])([^\[\]]+)\]:[ ]*(<[^<>]*>|\S+)")
CITE = re.compile(r"\[@([A-Za-z0-9-]+)(?:[ ][^\[\]]*)?\]")
BARE = re.compile(r"(?<![\w/<\"'=@.-])(?:https?://|www\.)[^\s<>|]+")
AUTOLINK = re.compile(r"<(?:https?|mailto|tel):[^<>\s]*>")
SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
SAFE_SCHEME = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
OUTSIDE = re.compile(r"(?:https?:)?//[^\s/]", re.IGNORECASE)
UNWRITTEN = re.compile(
    r"\b(?:TODO|FIXME|TBD)\b|(?<![\d] )(?<!xxx )(?<![./-])\b(?:xxx+)\b(?![./-])|lorem ipsum"
    r"|[\[(](?:bổ sung|viết|điền)(?: sau)?[\])]",
    re.IGNORECASE,
)
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg")
VIDEOS = (".mp4", ".webm")
SAYS_NOTHING = {"tại đây", "ở đây", "đây", "xem", "xem thêm", "bấm vào đây", "here", "click here", "link", "more"}
SHOWS_NOTHING = {"ảnh", "hình", "hình ảnh", "hình minh họa", "ảnh minh họa", "image", "picture", "photo", "img"}
ADDRESS_LIMIT = 100


@dataclass(frozen=True)
class Link:
    """A link or picture that leads to a file of the course, or to a heading; the file is the text's own for “#…”."""

    line: int
    is_picture: bool
    file: str
    fragment: str = ""


@dataclass(frozen=True)
class Text:
    """What a text asks of the rest of the course: line by line."""

    links: tuple[Link, ...] = ()
    cites: tuple[tuple[int, str], ...] = ()
    names: tuple[tuple[int, str], ...] = ()
    """The local values."""


def look(path: str, body: str, first_line: int) -> tuple[Text, list[Problem]]:
    """Everything that can be said of the text without the rest of the course."""
    found = _Look(path)
    for number, line in prose(body, first_line):
        found.read(number, without_code(line))
    return Text(tuple(found.links), tuple(found.cites), tuple(found.names)), found.problems


@dataclass
class _Look:
    """A text while it is read line by line."""

    path: str
    links: list[Link] = field(default_factory=list)
    cites: list[tuple[int, str]] = field(default_factory=list)
    names: list[tuple[int, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def read(self, number: int, line: str) -> None:
        if "[" in line:
            self._brackets(number, line)
        if "{{" in line:
            self.names += [(number, match[1]) for match in LOCAL.finditer(line)]
        if "://" in line or "www." in line:
            self._bare(number, line)
        if left := UNWRITTEN.search(line):
            message = N_("“%(words)s” was left in the text; write what is missing, or take it out")
            self.problems.append(warning(self.path, number, message, words=left[0]))

    def _brackets(self, number: int, line: str) -> None:
        for is_picture, words, inside in found_links(line):
            self._link(number, words, target_of(inside), is_picture=is_picture)
        if defined := DEFINED.match(line):
            self._link(number, defined[1], target_of(defined[2]), is_picture=False)
        self.cites += [(number, match[1]) for match in CITE.finditer(line)]

    def _link(self, line: int, words: str, target: str, *, is_picture: bool) -> None:
        say = _Say(self.path, line, self.problems)
        if is_picture:
            _picture(say, words, target)
        else:
            _words(say, words, target)
        if target and not SCHEME.match(target):
            self.links.append(Link(line, is_picture, resolve(self.path, target), target.partition("#")[2]))

    def _bare(self, number: int, line: str) -> None:
        """An address that is no link: nobody can follow it."""
        plain = AUTOLINK.sub("", LINK.sub("", line))
        if DEFINED.match(line):
            return
        for match in BARE.finditer(plain):
            address = match[0].rstrip(".,;:!?)”’\"'*_")[:ADDRESS_LIMIT]
            message = N_(
                "the address %(address)s is no link as it stands; write “[what is to be found there](%(address)s)”, or “`%(address)s`” for one that nobody should open"
            )
            self.problems.append(warning(self.path, number, message, address=address))


@dataclass
class _Say:
    """Where a problem stands, for all that may be wrong with one link."""

    path: str
    line: int
    problems: list[Problem]

    def error(self, message: str, **values: str | int) -> None:
        self.problems.append(error(self.path, self.line, message, **values))

    def warning(self, message: str, **values: str | int) -> None:
        self.problems.append(warning(self.path, self.line, message, **values))


def _picture(say: _Say, words: str, target: str) -> None:
    name = target.rpartition("/")[2].lower()
    said = " ".join(words.lower().split())
    if not said:
        say.error(N_("the picture has no description; write it between the brackets: ![what it shows](…)"))
    elif re.sub(r"[\s\d.:]+$", "", said) in SHOWS_NOTHING or said in {name, name.rpartition(".")[0]}:
        message = N_("the description “%(words)s” does not say what the picture shows; write it in a few words")
        say.warning(message, words=words[:60])
    if SCHEME.match(target):
        say.error(N_("pictures come with the course; put the file into media/ and link it"))
    elif not name.partition("#")[0].endswith((*PICTURES, *VIDEOS)):
        message = N_(
            "“%(file)s” cannot be shown; pictures are %(pictures)s, videos .mp4 or .webm, everything else is linked without “!”"
        )
        say.error(message, file=name[:60] or "…", pictures=", ".join(PICTURES))


def _words(say: _Say, words: str, target: str) -> None:
    """What is clicked has to say where it leads, and lead somewhere."""
    said = " ".join(words.lower().split())
    if not said:
        say.error(N_("the link has no words; write between the brackets what is to be found there"))
    elif said in SAYS_NOTHING:
        message = N_("the words “%(words)s” do not say where the link leads; write what is to be found there")
        say.warning(message, words=words)
    if SCHEME.match(target) and not SAFE_SCHEME.match(target):
        message = N_("the link “%(target)s” leads nowhere a browser may go; write https://… or a file of the course")
        say.error(message, target=target[:100])
    elif not target:
        say.error(N_("the link leads nowhere; write the address or file between the round brackets"))


def found_links(line: str) -> Iterator[tuple[bool, str, str]]:
    """Every link and picture of a line: whether it is a picture, its words, and what stands in the round brackets."""
    for match in LINK.finditer(line):
        yield bool(match[1]), match[2], match[3]
        if "](" in match[2]:
            yield from found_links(match[2])


def addresses(text: str, first_line: int = 1) -> Iterator[tuple[int, str]]:
    """Line and address of every link of the text that leads to the outside."""
    for number, line in prose(text, first_line):
        plain = without_code(line)
        targets = [target_of(inside) for _, _, inside in found_links(plain)]
        if defined := DEFINED.match(plain):
            targets.append(target_of(defined[2]))
        targets += [match[0][1:-1] for match in AUTOLINK.finditer(LINK.sub("", plain))]
        yield from ((number, target) for target in dict.fromkeys(targets) if OUTSIDE.match(target))


def target_of(inside: str) -> str:
    """Where a link leads: the title in quotation marks left out, and the angle brackets that are allowed around it."""
    inside = inside.strip()
    if inside.startswith("<") and ">" in inside:
        return inside[1 : inside.index(">")]
    for mark in ('"', "'"):
        if inside.endswith(mark) and (start := inside.rfind(f" {mark}", 0, -1)) >= 0:
            return inside[:start].rstrip()
    return inside


def resolve(base: str, target: str) -> str:
    """A path relative to the file that names it, from the course's root; that file itself for a mere “#…”."""
    plain = unicodedata.normalize("NFC", unquote(target.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0]))
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), plain)) if plain else base
