"""A course is read again at the price of what changed, and nothing else differs for it."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.course.document import dump
from lms.course.parse import parse
from lms.course.reading import MEMORY_LIMIT, Memory
from lms.course.source import Source

FACTS = "---\nid: {id}\ntitle: {id}\n---\n\n"
LINKS = ["[b](b.md)", "[b](b.md#muc-mot)", "![a](a.png)", "[c](../c.md)", "[@luat]", "{{ten}}", "## Một", "", "```"]
TEXTS = st.builds(
    lambda name, lines: (FACTS.format(id=name) + "\n".join(lines)).encode(),
    st.sampled_from(["a", "b", "c", "a b"]),
    st.lists(st.sampled_from(LINKS), max_size=4),
)
QUIZZES = st.builds(
    lambda name, ids: (
        f"---\nid: {name}\nkind: quiz\ntitle: T\n---\n\n"
        + "".join(f"## C {{#{one}}}\nHỏi?\n\n- [x] a\n- [ ] b\n\n" for one in ids)
    ).encode(),
    st.sampled_from(["a", "b", "q"]),
    st.lists(st.sampled_from(["a", "x", "y", ""]), max_size=3),
)
OUTLINES = st.lists(st.sampled_from(["a.md", "b.md", "c.md", "q.md", "a.png", "course.md"]), max_size=5).map(
    lambda paths: (
        "---\nformat: 1\nid: khoa\ntitle: K\nhours: 2\ngrade_from: q\n---\n\n## P\n"
        + "".join(f"- [x]({path})\n" for path in paths)
    ).encode()
)
LAWS = st.sampled_from([
    b"- id: luat\n  number: '1'\n  name: L\n  in_force_from: 2020-01-01\n  checked_on: 2026-01-01\n", b"- x", b"",
])  # fmt: skip
STATES = st.builds(
    lambda outline, items, laws: Source({"course.md": outline, **items, **laws}),
    OUTLINES,
    st.fixed_dictionaries(
        {}, optional={"a.md": TEXTS, "b.md": TEXTS, "c.md": TEXTS, "q.md": QUIZZES, "a.png": st.just(b"x")}
    ),
    st.fixed_dictionaries({}, optional={"references.yaml": LAWS}),
)


def seen(source: Source, memory: Memory) -> tuple[object, list[object]]:
    doc, problems = parse(source, memory)
    return doc and dump(doc), [(str(problem), problem.level, problem.values) for problem in problems]


@given(st.lists(STATES, min_size=2, max_size=6), st.sampled_from([0, 900, MEMORY_LIMIT]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_remembered_changes_no_result(states, limit):
    memory = Memory(limit)
    for state in [*states, *reversed(states)]:  # files, links, ids and laws come, go and come again
        assert seen(state, memory) == seen(state, Memory())


def test_only_the_changed_file_is_read_again():
    files = {f"{name}.md": (FACTS.format(id=name) + "Một đoạn.").encode() for name in "abc"}
    outline = "---\nformat: 1\nid: k\ntitle: K\n---\n\n" + "".join(f"- [x]({name}.md)\n" for name in "abc")
    memory = Memory()
    before, _ = parse(Source({"course.md": outline.encode(), **files}), memory)
    files["b.md"] += "\n\nThêm.".encode()
    after, _ = parse(Source({"course.md": outline.encode(), **files}), memory)
    assert [new is old for new, old in zip(after.lessons, before.lessons, strict=True)] == [True, False, True]


def test_a_memory_holds_no_more_than_it_is_told():
    memory = Memory(10_000)
    outline = b"---\nformat: 1\nid: k\ntitle: K\n---\n\n- [a](a.md)\n"
    for number in range(100):
        parse(Source({"course.md": outline, "a.md": FACTS.format(id="a").encode() + b"%d" % number * 500}), memory)
        assert memory._shelf._weight <= 10_000
    assert memory._shelf._weight == sum(weight for _, weight in memory._shelf._things.values())
