"""The page of a result: the score, why each mistake was one, and what to do next; or what still waits for people."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from flask import render_template, url_for
from sqlalchemy import Row

from lms.assessment import marking, queries, rules
from lms.assessment.allowance import Extra, allowance
from lms.assessment.rules import CORRECTION_LABELS
from lms.content import rendering
from lms.content.queries import load_document, local_values, pieces
from lms.core import clock
from lms.core.i18n import _
from lms.course.document import Quiz
from lms.course.markdown import fill
from lms.course.reread import lessons_for
from lms.learning.outline import item_title, url_of
from lms.learning.queries import Standing, records


def page(row: Row, found: Quiz) -> str:
    """What `queries.get_result` found of an attempt at the quiz, as its learner may see it."""
    standing = Standing(row, load_document(row.current_id, row.current_digest), row, records(row.enrolment_id))
    if row.fraction is None:
        return _waiting_page(row, found, standing)
    current, next_item = standing.doc.quiz(row.item), standing.next_item
    extra = Extra(row.extra_minutes, int(row.extra_attempts), row.extended_to)
    allowed = allowance(current, row.enrolled_at, extra).attempts if current else None
    now, closes_at = clock.now(), allowance(found, row.enrolled_at, extra).closes_at
    show = rules.shows(found, passed=row.passed, is_closed=rules.is_closed(closes_at, now))
    counted = standing.done.get(row.item)
    left = None if allowed is None or current is None else max(0, allowed - queries.used_of(row, current))
    passed = counted is not None and counted.passed
    by_people = any(one.needs_person for one in found.questions)
    reviews = (
        _reviews(row, found, row.marks, standing)
        if show in ("mistakes", "answers") or (by_people and show == "score")
        else []
    )
    marked = [review for review in reviews if review["feedback"].get("marks")]
    reviews = [review for review in reviews if review not in marked] if show != "score" else []
    return render_template(
        "assessment/result.html",
        attempt=row,
        quiz=found,
        show=show,
        grade=row,
        needed=float(found.pass_percent) / 100,
        marked=marked,
        mistakes=[review for review in reviews if review["feedback"]["fraction"] < 1],
        right=[review for review in reviews if review["feedback"]["fraction"] >= 1] if show == "answers" else [],
        left=left,
        counted=counted,
        passed=passed,
        may_try=not passed and left != 0 and (closes_at is None or now < closes_at),
        completed=row.completed_at is not None,
        corrections=_told_corrections(row, found),
        next_url=url_of(standing, next_item) if next_item else None,
        next_is_this=next_item == row.item,
    )


def _told_corrections(row: Row, found: Quiz) -> list[dict[str, Any]]:
    """What was decided about questions of this attempt after it was graded, and why."""
    if row.correction_id is None:
        return []
    made = queries.corrections(row.course_id, row.item)
    standing = queries.corrected(made, row.revision_id)
    places = {entry["question"]: number for number, entry in enumerate(row.paper, start=1)}
    newest = {one.question: one for one in made if one.question in standing and one.question in places}
    return [
        {"number": places[name], "label": CORRECTION_LABELS[standing[name].how], "reason": one.reason}
        for name, one in sorted(newest.items(), key=lambda pair: places[pair[0]])
    ]


def _waiting_page(row: Row, found: Quiz, standing: Standing) -> str:
    """Submitted, and people still have to mark some of it: how many answers, and what the rest is worth so far."""
    corrected = queries.corrected(queries.corrections(row.course_id, row.item), row.revision_id)
    so_far = rules.grade_paper(found, row.paper, queries.answers(row.id), corrected=corrected)
    at_once = sum(
        float(question.points)
        for name, fraction in so_far.marks.items()
        if fraction is not None and (question := found.question(name))
    )
    next_item = standing.next_item
    return render_template(
        "assessment/waiting.html",
        attempt=row,
        quiz=found,
        awaited=len(so_far.awaited),
        points=so_far.points if found.show != "nothing" else None,
        most=at_once,
        next_url=url_of(standing, next_item) if next_item and next_item != row.item else None,
    )


def _reviews(row: Row, found: Quiz, marks: Mapping[str, float], standing: Standing) -> list[dict[str, Any]]:
    """Every question with the learner's answer, the right one and the reason, made on the server after submission."""
    html, held = pieces(row.revision_id, row.item, row.digest), queries.answers(row.id)
    fill_in = partial(fill, values=local_values(), missing_label=_("not filled in yet"))
    has_hand_marks = any(one.needs_person for one in found.questions)
    by_hand = marking.hand_marks([row.id])[row.id] if has_hand_marks else {}
    made = []
    for number, entry in enumerate(row.paper, start=1):
        question, order = found.question(entry["question"]), entry["order"]
        said = replace(question.feedback(held.get(question.id), order), fraction=marks.get(question.id, 0.0))
        if question.id not in marks:
            continue  # it was dropped after all
        feedback = rendering.reviewed(html[question.id], said, order, fill_in)
        if question.needs_person:
            feedback["marks"] = marking.told(question, by_hand.get(question.id, []))
            feedback["files"] = [
                (file["name"], url_for("assessment.own_file", attempt_id=row.id, digest=file["digest"]))
                for file in (held.get(question.id) or [] if question.kind == "file" else [])
            ]
        lessons = [
            (item_title(standing.doc, one.id), url_of(standing, one.id)) for one in lessons_for(standing.doc, question)
        ]
        made.append({"number": number, "view": question.view(order), "feedback": feedback, "lessons": lessons})
    return made
