"""What differs between two courses or two texts: by file, by line, and by word inside a line that was edited."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import groupby

from lms.course.alignment import Gap, Pairs, anchors, blocks, common, ends, gaps
from lms.course.source import TEXT, plain

CONTEXT = 2
MOST_LINES = 10_000  # repeated lines in one gap; a longer one is told as removed and added
MOST_WORDS = 2_000  # words and spaces in one line
MOST_EDITED = 2_000_000  # letters of all edited lines of a file; in a longer one they are told line by line
MOST_COMPARED = 900  # pairs of lines in one gap that are looked at for being versions of each other
MOST_READ = 40_000  # letters in such a gap
MOST_RENAMED = 400  # pairs of a removed and an added file
ALIKE = 0.4  # lines
ALIKE_FILES = 0.5


class Op(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Kind(StrEnum):
    """What became of a file."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


@dataclass(frozen=True)
class Segment:
    """A piece of a line; the line's end is part of the last."""

    op: Op
    text: str


@dataclass(frozen=True)
class Row:
    """A line with its numbers; one number is None where the line was added or removed as a whole."""

    before: int | None
    after: int | None
    segments: tuple[Segment, ...]

    @property
    def op(self) -> Op | None:
        """What became of the line; None: parts of it changed."""
        ops = {segment.op for segment in self.segments}
        return ops.pop() if len(ops) == 1 else None


@dataclass(frozen=True)
class Hunk:
    """Changed lines with a little of what stands around them; `skipped` unchanged ones before it are left out."""

    skipped: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Version:
    """A file as one of the two courses has it."""

    path: str
    size: int
    digest: str
    """SHA-256."""


@dataclass(frozen=True)
class FileChange:
    """A file that differs; without hunks when it was only renamed or is no text."""

    kind: Kind
    before: Version | None
    after: Version | None
    is_text: bool
    hunks: tuple[Hunk, ...]

    @property
    def path(self) -> str:
        """Where it is now, or was last."""
        found = self.after or self.before
        return found.path if found else ""

    @property
    def row_count(self) -> int:
        """How long the change is to read."""
        return sum(len(hunk.rows) for hunk in self.hunks)

    @cached_property
    def words_added(self) -> int:
        return count_words(self.hunks, Op.ADDED)

    @cached_property
    def words_removed(self) -> int:
        return count_words(self.hunks, Op.REMOVED)


def changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[FileChange, ...]:
    """Every file that differs, by path; none for two courses of the same digest."""
    old = {path: plain(path, data) for path, data in before.items()}
    new = {path: plain(path, data) for path, data in after.items()}
    gone = {path: old[path] for path in sorted(old.keys() - new.keys())}
    come = {path: new[path] for path in sorted(new.keys() - old.keys())}
    pairs: list[tuple[str | None, str | None]] = [(p, p) for p in old.keys() & new.keys() if old[p] != new[p]]
    renamed = _renamed(gone, come)
    pairs += [*renamed.items()]
    pairs += [(path, None) for path in gone if path not in renamed]
    pairs += [(None, path) for path in come if path not in renamed.values()]
    found = [
        _change(
            None if x is None else (x, old[x]),
            None if y is None else (y, new[y]),
        )
        for x, y in pairs
    ]
    return tuple(sorted(found, key=lambda change: change.path))


def _change(before: tuple[str, bytes] | None, after: tuple[str, bytes] | None) -> FileChange:
    texts = [_text(*side) if side else "" for side in (before, after)]
    hunks = () if None in texts else lines(texts[0] or "", texts[1] or "")
    match before, after:
        case None, _:
            kind = Kind.ADDED
        case _, None:
            kind = Kind.REMOVED
        case (x, _), (y, _):
            kind = Kind.CHANGED if x == y else Kind.RENAMED
    return FileChange(kind, _version(before), _version(after), None not in texts, hunks)


def _version(side: tuple[str, bytes] | None) -> Version | None:
    return side and Version(side[0], len(side[1]), hashlib.sha256(side[1]).hexdigest())


def _text(path: str, data: bytes) -> str | None:
    """What a person reads in the file; None: it holds no text."""
    if not path.lower().endswith(TEXT):
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _renamed(gone: Mapping[str, bytes], come: Mapping[str, bytes]) -> dict[str, str]:
    """Removed files that were added again under another name, the same or edited: from path to path."""
    found: dict[str, str] = {}
    by_content = {data: path for path, data in gone.items() if data}
    for path, data in come.items():
        if data in by_content:
            found[by_content.pop(data)] = path
    gone = {path: data for path, data in gone.items() if path not in found}
    come = {path: data for path, data in come.items() if path not in found.values()}
    if len(gone) * len(come) > MOST_RENAMED:
        return found
    counts = {path: frozenset(_lines(_text(path, data) or "")) for path, data in (gone | come).items()}
    likeness = {(x, y): _likeness(counts[x], counts[y]) for x in gone for y in come}
    for x, y in sorted(likeness, key=lambda pair: (-likeness[pair], pair)):
        if likeness[x, y] > ALIKE_FILES and x not in found and y not in found.values():
            found[x] = y
    return found


def lines(before: str, after: str, context: int = CONTEXT) -> tuple[Hunk, ...]:
    """The changed lines with some unchanged ones around them; none for equal texts."""
    return _folded(rows(before, after), context)


def _folded(every: Sequence[Row], context: int) -> tuple[Hunk, ...]:
    hunks, skipped, kept = [], 0, list[Row]()
    stretches = [(same, list(some)) for same, some in groupby(every, lambda row: row.op is Op.SAME)]
    for number, (is_same, some) in enumerate(stretches):
        head = context if number else 0
        tail = context if number < len(stretches) - 1 else 0
        if not is_same or (head and tail and len(some) <= head + tail + 1):  # a fold of one line saves nothing
            kept += some
            continue
        kept += some[:head]
        if kept:
            hunks.append(Hunk(skipped, tuple(kept)))
        rest = some[head:]
        kept = rest[len(rest) - tail :]
        skipped = len(rest) - len(kept)
    if any(row.op is not Op.SAME for row in kept):
        hunks.append(Hunk(skipped, tuple(kept)))
    return tuple(hunks)


def rows(before: str, after: str) -> list[Row]:
    """Every line of both texts: what is same or removed gives the one, what is same or added gives the other."""
    old, new = _lines(before), _lines(after)
    pairs = _partners(old, new)
    by_word = sum(len(old[x]) + len(new[y]) for x, y in pairs if old[x] != new[y]) <= MOST_EDITED
    found, i, j = [], 0, 0
    for x, y in [*pairs, (len(old), len(new))]:
        found += [Row(n + 1, None, (Segment(Op.REMOVED, old[n]),)) for n in range(i, x)]
        found += [Row(None, n + 1, (Segment(Op.ADDED, new[n]),)) for n in range(j, y)]
        if x < len(old):
            found.append(Row(x + 1, y + 1, _line(old[x], new[y], by_word=by_word)))
        i, j = x + 1, y + 1
    return found


def _lines(text: str) -> list[str]:
    """With their ends, counted as editors count: only a line feed ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _partners(before: Sequence[str], after: Sequence[str]) -> Pairs:
    """Lines that are the same or versions of each other, in order."""
    whole = range(len(before)), range(len(after))
    fixed = anchors(before, after)
    found = [*fixed]
    for gap in gaps(fixed, whole):
        head, rest, tail = ends(before, after, gap)
        found += head + tail
        if _is_small(before, after, rest):
            found += _versions(before, after, rest)
            continue
        equal = common(before, after, rest, MOST_LINES)
        found += equal
        for smaller in gaps(equal, rest):
            if _is_small(before, after, smaller):
                found += _versions(before, after, smaller)
            elif len(smaller[0]) == len(smaller[1]):
                found += [(i, j) for i, j in zip(*smaller, strict=True) if _are_alike(before[i], after[j])]
    return sorted(found)


def _is_small(before: Sequence[str], after: Sequence[str], gap: Gap) -> bool:
    left, right = gap
    if len(left) * len(right) > MOST_COMPARED:
        return False
    return sum(len(before[i]) for i in left) + sum(len(after[j]) for j in right) <= MOST_READ


def _are_alike(before: str, after: str) -> bool:
    return len(before) + len(after) <= MOST_READ and _likeness(_bag(before), _bag(after)) >= ALIKE


def _versions(before: Sequence[str], after: Sequence[str], gap: Gap) -> Pairs:
    """The choice of pairs in a small gap, both sides rising, that together are most alike."""
    left, right = gap
    old, new = [_bag(before[i]) for i in left], [_bag(after[j]) for j in right]
    if len(old) == len(new) and all(_likeness(x, y) >= ALIKE for x, y in zip(old, new, strict=True)):
        return list(zip(left, right, strict=True))
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    gain = [[0.0] * len(right) for _ in left]
    for i in range(len(left)):
        for j in range(len(right)):
            if before[left[i]] == after[right[j]]:
                gain[i][j] = 1.0 if old[i] else 0.1  # an empty line alone holds nothing together
            else:
                likeness = _likeness(old[i], new[j])
                gain[i][j] = likeness if likeness >= ALIKE else 0.0
            best[i + 1][j + 1] = max(best[i][j] + gain[i][j], best[i][j + 1], best[i + 1][j])
    found, i, j = [], len(left), len(right)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            found.append((left[i], right[j]))
    return found[::-1]


def _bag(line: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", line))


def _likeness(before: frozenset[str], after: frozenset[str]) -> float:
    """From 0 to 1: how much of both is the same words (or lines), by their letters."""
    size = len("".join(before)) + len("".join(after))
    return 2 * len("".join(before & after)) / size if size else 0.0


PLAIN_TOKEN = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")
ODD_SIGN = re.compile(r"[^\w\s\x00-\x7f]")


def tokens(text: str) -> list[str]:
    """Words, spaces and signs; joined they are the text. A mark stays with the letter it stands on."""
    marks = "".join(sorted(c for c in set(ODD_SIGN.findall(text)) if unicodedata.category(c)[0] == "M"))
    if not marks:
        return PLAIN_TOKEN.findall(text)
    mark = f"[{re.escape(marks)}]"
    return re.findall(rf"\n{mark}*|[^\S\n]+{mark}*|\w(?:\w|{mark})*|[^\w\s]{mark}*", text)


def _is_word(token: str) -> bool:
    return token[0].isalnum() or token[0] == "_"


def _line(before: str, after: str, *, by_word: bool) -> tuple[Segment, ...]:
    """A line and its other version; with too many words as a whole."""
    if before == after:
        return (Segment(Op.SAME, before),)
    if not by_word:
        return Segment(Op.REMOVED, before), Segment(Op.ADDED, after)
    old, new = tokens(before), tokens(after)
    head, rest, tail = ends(old, new, (range(len(old)), range(len(new))))
    edits, i, j = [], 0, 0
    for x, y, length in [*blocks([*head, *common(old, new, rest, MOST_WORDS), *tail]), (len(old), len(new), 0)]:
        edits.append(("".join(old[i:x]), "".join(new[j:y]), "".join(old[x : x + length])))
        i, j = x + length, y + length
    return tuple(_segments(edits))


def _segments(edits: Sequence[tuple[str, str, str]]) -> Iterator[Segment]:
    """What was removed, what was added, what follows and is the same; a lone space between two changes joins them."""
    removed, added = "", ""
    for number, (gone, come, same) in enumerate(edits):
        removed, added = removed + gone, added + come
        is_last = not any(edits[number + 1][:2]) if number + 1 < len(edits) else True
        if same.isspace() and "\n" not in same and (removed or added) and not is_last:
            removed, added = removed + same, added + same
            continue
        for op, text in ((Op.REMOVED, removed), (Op.ADDED, added), (Op.SAME, same)):
            if text:
                yield Segment(op, text)
        removed, added = "", ""


def count_words(hunks: Sequence[Hunk], op: Op) -> int:
    """How many words were added or removed."""
    pieces = (segment.text for hunk in hunks for row in hunk.rows for segment in row.segments if segment.op is op)
    return sum(_is_word(token) for text in pieces for token in tokens(text))
