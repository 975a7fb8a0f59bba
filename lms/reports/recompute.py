"""What the records say an item and a course are worth, worked out anew: from grades, decisions, lessons read and words.

Nothing is changed. What was stored when it happened must be what comes out here, years later too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select

from lms.assessment import rules
from lms.assessment.models import Attempt, Grade
from lms.content.models import Course, Revision
from lms.content.queries import load_document
from lms.core.db import db
from lms.course import drills
from lms.course.completion import Done, grade, progress
from lms.course.document import CourseDoc, Lesson, Quiz
from lms.drills.models import DrillDecision, DrillRun
from lms.learning.models import Enrolment, ItemRecord, Override

AT_ONCE = 500


@dataclass(frozen=True)
class Graded:
    """One grade of an attempt: the order of the ids is the order in which they were given."""

    id: int
    attempt: int
    """The number of the attempt."""
    revision_id: int
    fraction: float
    at: datetime


@dataclass(frozen=True)
class Said:
    """One override."""

    passed: bool
    at: datetime


@dataclass(frozen=True)
class Read:
    """What is recorded of an item that has neither grades nor runs: a lesson finished then."""

    at: datetime | None


@dataclass(frozen=True)
class Played:
    """One ended run of a drill, and what its decisions come to."""

    number: int
    at: datetime
    stored: Done
    worked_out: Done


def worth(
    grades: Sequence[Graded], said: Sequence[Said], read: Read | None, quiz_of: Callable[[int], Quiz | None],
    until: datetime | None = None,
) -> Done:  # fmt: skip
    """What an item was worth at a moment, or is now.

    Every grade settles it anew and passed stays passed, but the trainer's last word holds whatever the grades say.
    Practice settles nothing.
    """
    passed, fraction = False, None
    newest: dict[int, float] = {}
    for one in sorted(grades, key=lambda one: one.id):
        quiz = quiz_of(one.revision_id)
        if quiz is None or quiz.practice or (until is not None and one.at > until):
            continue
        newest[one.attempt] = one.fraction
        fraction, enough = rules.overall(quiz, [newest[number] for number in sorted(newest)])
        passed = passed or enough
    if not grades and read is not None and read.at is not None:
        passed = until is None or read.at <= until
    return _as_said(Done(passed, fraction), said, until)


def worth_of_drill(runs: Sequence[Played], said: Sequence[Said], until: datetime | None = None) -> Done:
    """The same for a drill: of its runs the best counts, and passed stays passed."""
    counted = [one.worked_out for one in runs if until is None or one.at <= until]
    best = max((one.fraction for one in counted if one.fraction is not None), default=None)
    return _as_said(Done(any(one.passed for one in counted), best), said, until)


def _as_said(made: Done, said: Sequence[Said], until: datetime | None) -> Done:
    words = [word for word in said if until is None or word.at <= until]
    return Done(words[-1].passed if words else made.passed, made.fraction)


@dataclass(frozen=True)
class Difference:
    """An enrolment, or one item of it, that is stored otherwise than its records say."""

    enrolment_id: int
    item: str
    """Empty for the completion itself."""
    stored: Done | None
    """None where nothing was stored at all."""
    worked_out: Done
    run: int = 0
    """The number of the run of a drill, where it is the run that is stored otherwise than its decisions say."""


def differences(course_id: int | None = None) -> Iterator[Difference]:
    """Every enrolment looked at, some hundreds at a time."""
    after = 0
    while True:
        query = (
            select(Enrolment, Course.revision_id)
            .join(Course, Course.id == Enrolment.course_id)
            .where(Enrolment.id > after)
        )
        if course_id is not None:
            query = query.where(Enrolment.course_id == course_id)
        rows = db.session.execute(query.order_by(Enrolment.id).limit(AT_ONCE)).all()
        if not rows:
            return
        held = _Held([enrolment.id for enrolment, _revision in rows])
        for enrolment, revision_id in rows:
            at_end = enrolment.completed_revision_id or revision_id
            doc = load_document(at_end) if at_end else None
            yield from _of_items(enrolment.id, doc, held)
            if doc is not None:
                yield from _of_completion(enrolment, doc, held)
        after = rows[-1][0].id
        db.session.expunge_all()


class _Held:
    """All records of some enrolments, read in five statements."""

    def __init__(self, ids: list[int]) -> None:
        self.records: dict[int, dict[str, ItemRecord]] = {one: {} for one in ids}
        for row in db.session.scalars(select(ItemRecord).where(ItemRecord.enrolment_id.in_(ids))):
            self.records[row.enrolment_id][row.item] = row
        self.said: dict[tuple[int, str], list[Said]] = {}
        for word in db.session.scalars(select(Override).where(Override.enrolment_id.in_(ids)).order_by(Override.id)):
            self.said.setdefault((word.enrolment_id, word.item), []).append(Said(word.passed, word.at))
        self.grades: dict[tuple[int, str], list[Graded]] = {}
        self.digests: dict[int, str] = {}
        query = (
            select(
                Attempt.enrolment_id, Attempt.item, Grade.id, Attempt.number, Attempt.revision_id, Grade.fraction,
                Grade.graded_at, Revision.digest,
            )
            .join(Attempt, Attempt.id == Grade.attempt_id)
            .join(Revision, Revision.id == Attempt.revision_id)
            .where(Attempt.enrolment_id.in_(ids))
            .order_by(Grade.id)
        )  # fmt: skip
        for one in db.session.execute(query):
            self.digests[one.revision_id] = one.digest
            graded = Graded(one.id, one.number, one.revision_id, one.fraction, one.graded_at)
            self.grades.setdefault((one.enrolment_id, one.item), []).append(graded)
        self.runs = _runs(ids)

    def items(self, enrolment_id: int) -> set[str]:
        """Every item of which anything is known."""
        keys = {*self.grades, *self.said, *self.runs}
        return {item for owner, item in keys if owner == enrolment_id} | self.records[enrolment_id].keys()

    def worth(self, enrolment_id: int, item: str, doc: CourseDoc | None, until: datetime | None = None) -> Done:
        """What the item was worth then, or is now; a quiz or drill is not read but passed."""
        row, key = self.records[enrolment_id].get(item), (enrolment_id, item)
        if key in self.runs:
            return worth_of_drill(self.runs[key], self.said.get(key, []), until)
        is_read = doc is None or isinstance(doc.item(item), Lesson | None)
        read = Read(row.done_at) if row and is_read else None
        return worth(self.grades.get(key, []), self.said.get(key, []), read, lambda one: self._quiz(one, item), until)

    def _quiz(self, revision_id: int, item: str) -> Quiz | None:
        return load_document(revision_id, self.digests[revision_id]).quiz(item)

    def all_worth(self, enrolment_id: int, doc: CourseDoc, until: datetime | None) -> dict[str, Done]:
        """All items then."""
        return {item: self.worth(enrolment_id, item, doc, until) for item in self.items(enrolment_id)}


def _runs(ids: list[int]) -> dict[tuple[int, str], list[Played]]:
    """Every ended run of the enrolments, by enrolment and drill, with what its decisions come to."""
    ended = DrillRun.enrolment_id.in_(ids) & DrillRun.ended_at.is_not(None)
    decided: dict[int, list[int]] = {}
    places = select(DrillDecision.run_id, DrillDecision.choice).join(DrillRun, DrillRun.id == DrillDecision.run_id)
    for one in db.session.execute(places.where(ended).order_by(DrillDecision.run_id, DrillDecision.step)):
        decided.setdefault(one.run_id, []).append(one.choice)
    found: dict[tuple[int, str], list[Played]] = {}
    query = select(
        DrillRun.id, DrillRun.enrolment_id, DrillRun.item, DrillRun.number, DrillRun.revision_id, DrillRun.ended_at,
        DrillRun.fraction, DrillRun.passed, Revision.digest,
    ).join(Revision, Revision.id == DrillRun.revision_id)  # fmt: skip
    for run in db.session.execute(query.where(ended).order_by(DrillRun.id)):
        played = Played(
            run.number, run.ended_at, Done(run.passed, run.fraction), _came_to(run, decided.get(run.id, []))
        )
        found.setdefault((run.enrolment_id, run.item), []).append(played)
    return found


def _came_to(run: Row, places: list[int]) -> Done:
    """What the decisions of a run come to, as far as they can be made in the revision in which it was played."""
    drill = load_document(run.revision_id, run.digest).drill(run.item)
    if drill is None:
        return Done(passed=False)
    found = drills.outcome(drill, drills.play(drill, drills.possible(drill, places)).state)
    return Done(found.passed, found.fraction)


def _of_items(enrolment_id: int, doc: CourseDoc | None, held: _Held) -> Iterator[Difference]:
    """Where the record of an item is not what its grades, runs and words make of it, or a run not what was decided."""
    for item in sorted(held.items(enrolment_id)):
        for one in held.runs.get((enrolment_id, item), []):
            if not _same(one.stored, one.worked_out):
                yield Difference(enrolment_id, item, one.stored, one.worked_out, one.number)
        row, made = held.records[enrolment_id].get(item), held.worth(enrolment_id, item, doc)
        stored = Done(row.passed, row.fraction) if row else None
        if stored is None or not _same(stored, made):
            yield Difference(enrolment_id, item, stored, made)


def _of_completion(enrolment: Enrolment, doc: CourseDoc, held: _Held) -> Iterator[Difference]:
    """Where completed, or the result, is not what the records said at that moment; or say now."""
    at = enrolment.completed_at
    if at is None and enrolment.withdrawn_at is not None:
        return
    done = held.all_worth(enrolment.id, doc, at)
    is_complete = progress(doc, done).is_complete
    stored = Done(at is not None, enrolment.fraction)
    made = Done(is_complete, grade(doc, done) if is_complete else None)
    if not _same(stored, made):
        yield Difference(enrolment.id, "", stored, made)


def _same(one: Done, other: Done) -> bool:
    if one.passed != other.passed or (one.fraction is None) != (other.fraction is None):
        return False
    return abs((one.fraction or 0) - (other.fraction or 0)) < 1e-9
