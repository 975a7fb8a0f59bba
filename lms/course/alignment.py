"""Which items of two sequences are the same, in order; bounded, so that no pair of files takes long."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

Pairs = list[tuple[int, int]]
Gap = tuple[range, range]


def anchors(before: Sequence[str], after: Sequence[str]) -> Pairs:
    """What stands once in each: the longest run of it that keeps its order (as in patience sorting)."""
    alone = {item for item, count in Counter(before).items() if count == 1}
    alone &= {item for item, count in Counter(after).items() if count == 1}
    places = {item: place for place, item in enumerate(after) if item in alone}
    return _rising([(place, places[item]) for place, item in enumerate(before) if item in alone])


def _rising(pairs: Pairs) -> Pairs:
    """The longest choice of pairs whose second places rise too."""
    ends: list[int] = []  # ends[n]: the lowest second place that a choice of n + 1 pairs can end with
    last: list[int] = []  # the pair that it ends with
    previous: list[int] = []
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(ends, place)
        previous.append(last[at - 1] if at else -1)
        ends[at : at + 1], last[at : at + 1] = [place], [number]
    found, number = [], last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = previous[number]
    return found[::-1]


def gaps(pairs: Pairs, gap: Gap) -> Iterator[Gap]:
    """What lies between the pairs, and before the first and after the last of them."""
    left, right = gap
    i, j = left.start, right.start
    for x, y in [*pairs, (left.stop, right.stop)]:
        if x > i or y > j:
            yield range(i, x), range(j, y)
        i, j = x + 1, y + 1


def blocks(pairs: Pairs) -> Iterator[tuple[int, int, int]]:
    """Pairs that follow each other on both sides as one: where it begins in each, and its length."""
    first = length = 0
    for number, (x, y) in enumerate(pairs):
        if length and (x, y) != (pairs[first][0] + length, pairs[first][1] + length):
            yield *pairs[first], length
            first, length = number, 0
        length += 1
    if length:
        yield *pairs[first], length


def ends(before: Sequence[str], after: Sequence[str], gap: Gap) -> tuple[Pairs, Gap, Pairs]:
    """What a gap begins and ends with on both sides, and the rest of it."""
    left, right = gap
    most, head, tail = min(len(left), len(right)), 0, 0
    while head < most and before[left[head]] == after[right[head]]:
        head += 1
    while tail < most - head and before[left[-1 - tail]] == after[right[-1 - tail]]:
        tail += 1
    rest = left[head : len(left) - tail], right[head : len(right) - tail]
    closing = list(zip(left[len(left) - tail :], right[len(right) - tail :], strict=True))
    return list(zip(left[:head], right[:head], strict=True)), rest, closing


def common(before: Sequence[str], after: Sequence[str], gap: Gap, most: int) -> Pairs:
    """A longest common subsequence within the gap; none when more than `most` items on a side could be part of it."""
    shared = {before[i] for i in gap[0]} & {after[j] for j in gap[1]}
    left = [i for i in gap[0] if before[i] in shared]
    right = [j for j in gap[1] if after[j] in shared]
    if max(len(left), len(right)) > most:
        return []
    found = _longest([before[i] for i in left], [after[j] for j in right])
    return [(left[row], right[column]) for row, column in found]


def _longest(before: Sequence[str], after: Sequence[str]) -> Pairs:
    """A whole row of the table is one number: a bit is 0 where the subsequence grows (Crochemore, Hyyrö)."""
    bits: dict[str, int] = {}
    for column, item in enumerate(after):
        bits[item] = bits.get(item, 0) | 1 << column
    full = (1 << len(after)) - 1
    table, row = [full], full
    for item in before:
        match = row & bits.get(item, 0)
        row = (row + match | row - match) & full
        table.append(row)
    found, i, j = [], len(before), len(after)
    while i and j:
        if table[i] >> j - 1 & 1:
            j -= 1
        elif not table[i - 1] >> j - 1 & 1:
            i -= 1
        else:
            i, j = i - 1, j - 1
            found.append((i, j))
    return found[::-1]
