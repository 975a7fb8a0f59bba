"""The trainer's desk without a server: a course of 10, 100 and 300 questions checked, checked again, shown.

Each time is the median of its rounds; `ceiling` is how long a piece of plain Python took between them, `ratio` how many
times as long the work took. `python -m benchmarks.desk` prints the table.
"""

import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import flask_migrate

from benchmarks.figures import MEDIAN, Figure
from lms.app import create_app
from lms.content import disk, rendering, service
from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_reading, begin_writing, db
from lms.course.document import CourseDoc
from lms.course.parse import parse
from lms.course.reading import Memory
from lms.course.source import Source
from lms.settings import ROOT, Settings

SIZES = (10, 100, 300)
ROUNDS = 5
CHECK, AGAIN, PREVIEW, PUBLISH = (
    "full check",
    "check after one change",
    "preview of one changed lesson",
    "whole publish",
)
LIMITS = {CHECK: 1_000, PREVIEW: 150, PUBLISH: 2_000}
"""Milliseconds that a course of 60 files with 300 questions may take."""
GROWTH = "times as long from 100 to 300 questions"
LINEAR = 3.6
"""Three times as many questions may take so many times as long: three, and what noise adds."""
Work = Callable[[], object]


@dataclass
class Course:
    """A course made for the measurement, which changes a little before each round."""

    source: Source
    memory: Memory
    changes: int = 0

    def changed(self) -> Source:
        """The same with one lesson edited; every file is a new string of bytes, as it comes from disk."""
        self.changes += 1
        files = {path: bytes(bytearray(data)) for path, data in self.source.items()}
        files["bai/0.md"] += f"\nĐổi lần {self.changes}.\n".encode()
        return Source(files)

    def read(self, source: Source) -> CourseDoc:
        doc, problems = parse(source, self.memory)
        errors = [str(problem) for problem in problems if problem.is_error]
        assert doc is not None, errors
        assert not errors, errors[:3]
        return doc


LEADS_ON = re.compile(rb"\]\(\.\./(?:kiem-tra|thuc-hanh|dien-tap)/")


def course(questions: int) -> Course:
    """So many questions by 30 to a quiz, a lesson for every six of them; texts are those of the sample course."""
    whole = disk.read(ROOT / "courses" / "ung-cuu-su-co")
    # Lessons that lead to quizzes, tasks or drills stay behind with them.
    sample = {path: data for path, data in whole.items() if not path.endswith(".md") or not LEADS_ON.search(data)}
    lesson = next(data.decode() for path, data in sorted(sample.items()) if path.startswith("bai/"))
    body = lesson.split("---\n", 2)[2].replace("](0", "](../mau/0")
    lessons, quizzes = max(1, questions // 6), max(1, questions // 30)
    links = [f"- [Bài {n}](bai/{n}.md)" for n in range(lessons)] + [f"- [Thi {n}](thi/{n}.md)" for n in range(quizzes)]
    links += [f"- [Mẫu]({path.replace('bai/', 'mau/')})" for path in sorted(sample) if path.startswith("bai/")]
    files = {"course.md": "---\nformat: 1\nid: lon\ntitle: Lớn\n---\n\n## Phần\n\n" + "\n".join(links) + "\n"}
    for number in range(lessons):
        files[f"bai/{number}.md"] = f"---\nid: b{number}\ntitle: Bài {number}\n---\n" + body.replace(
            "{#", f"{{#b{number}-"
        )
    each = -(-questions // quizzes)
    for number in range(quizzes):
        asked = "\n".join(_question(number, place) for place in range(each))
        files[f"thi/{number}.md"] = f"---\nid: t{number}\nkind: quiz\ntitle: Thi {number}\n---\n\n{asked}"
    kept = {path.replace("bai/", "mau/"): data for path, data in sample.items() if not path.endswith(".md")}
    kept |= {path.replace("bai/", "mau/"): data for path, data in sample.items() if path.startswith("bai/")}
    return Course(Source({**kept, **{path: text.encode() for path, text in files.items()}}), Memory())


def _question(quiz: int, place: int) -> str:
    return (
        f"## Câu {quiz} {place} {{#c{quiz}-{place}}}\nTình huống {quiz} {place}: máy của cơ quan có dấu hiệu lạ, làm gì trước?\n\n"
        f"- [x] Rút dây mạng {place}\n  > Đúng, vì giữ chứng cứ.\n- [ ] Tắt nguồn ngay, chờ người tới xem rồi tính\n"
        f"  > Sai.\n- [ ] Cài lại\n- [ ] Gửi thư\n\n> Giải thích {quiz} {place}.\n"
    )


@contextmanager
def publishing() -> Iterator[Callable[[Source, CourseDoc], object]]:
    """What publishing does with a course that was read, on a database that is thrown away: files, renderings, rows."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(instance=Path(folder)))
        with app.app_context():
            flask_migrate.upgrade()

            yield publishing_of
            db.session.remove()
            db.engine.dispose()


def publishing_of(source: Source, doc: CourseDoc) -> None:
    """Publish a course that was read, in the database of the application that is open."""
    begin_reading()
    ready = service.prepare(source, doc, [])
    begin_writing()
    service.publish(ready, by=SYSTEM, now=clock.now())
    db.session.commit()


def _check(made: Course) -> None:
    parse(made.source, Memory())


def _check_again(made: Course) -> None:
    parse(made.changed(), made.memory)


def _preview(made: Course) -> None:
    rendering.pieces(made.read(made.changed()), "b0", {})


def measure() -> list[Figure]:
    """Everything at each size."""
    with publishing() as publish:
        return _measured(publish)


def _measured(publish: Callable[[Source, CourseDoc], object]) -> list[Figure]:
    found: list[Figure] = []
    for size in SIZES:
        made = course(size)
        doc = made.read(made.source)
        works: dict[str, tuple[Work, int]] = {
            CHECK: (partial(_check, made), ROUNDS),
            AGAIN: (partial(_check_again, made), 3 * ROUNDS),
            PREVIEW: (partial(_preview, made), 2 * ROUNDS),
            PUBLISH: (partial(publish, made.source, doc), 1),
        }
        for name, (work, rounds) in works.items():
            found.append(timed(f"{name}, {size} questions", work, rounds))
    return [*found, *(_growth(name, found) for name in (CHECK, AGAIN, PREVIEW, PUBLISH))]


def timed(name: str, work: Work, rounds: int) -> Figure:
    """The median round; its ratio is the median of each round's to the plain Python that ran around it."""
    times, ceilings = [], [_clocked(_plain)]
    for _ in range(rounds):
        times.append(_clocked(work))
        ceilings.append(_clocked(_plain))
    around = zip(times, ceilings, ceilings[1:], strict=False)
    ratio = statistics.median(2 * took / (before + after) for took, before, after in around)
    value, ceiling = statistics.median(times), statistics.median(ceilings)
    return Figure(name=name, value=round(value, 2), unit=MEDIAN, ceiling=round(ceiling, 2), ratio=round(ratio, 3))


def _clocked(work: Work) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def _plain() -> int:
    """Words counted in half a megabyte: what no reader of text can do without."""
    return sum(len(line.split()) for line in ("mười hai chữ cho mỗi dòng của văn bản này\n" * 10_000).split("\n"))


def _growth(name: str, found: Sequence[Figure]) -> Figure:
    """By ratio, so that a machine that slows down meanwhile changes nothing."""
    ratio = {figure.name: figure.ratio or 0 for figure in found}
    some, many = (ratio[f"{name}, {size} questions"] for size in SIZES[1:])
    return Figure(name=name, value=round(many / some, 2), unit=GROWTH)


def main() -> None:
    """Print the figures, and say which limits are missed."""
    print(f"| {'Desk':<50} | {'value':>8} | {'of plain Python':>15} |\n|{'-' * 52}|{'-' * 10}|{'-' * 17}|")
    missed = []
    for figure in measure():
        limits: dict[str, float] = {f"{name}, {SIZES[-1]} questions": most for name, most in LIMITS.items()}
        limit = LINEAR if figure.unit == GROWTH else limits.get(figure.name)
        share = f"{figure.ratio:.2f} ×" if figure.ratio else ""
        name = f"{figure.name}, {'ms' if figure.unit == MEDIAN else 'growth 100 → 300'}"
        print(f"| {name:<50} | {figure.value:>8} | {share:>15} |")
        missed += [f"{name}: {figure.value} > {limit}"] if limit and figure.value > limit else []
    print("\n".join(missed) or "every limit is met", file=sys.stderr)


if __name__ == "__main__":
    main()
