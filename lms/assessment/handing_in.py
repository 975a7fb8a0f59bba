"""Files that learners hand in: looked at, kept by their content, given out as attachments and never as pages."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response, abort, send_file
from sqlalchemy import Row, func, select

from lms.assessment import queries, rules, service
from lms.assessment.models import Attempt, HandedIn
from lms.assessment.rules import AttemptOver, NotAFile
from lms.assessment.service import Given, Saved
from lms.content.queries import load_document
from lms.core import blobs
from lms.core.db import db, insert_if_absent
from lms.core.i18n import _
from lms.course import kinds
from lms.course.questions import Question
from lms.course.questions.file import REFUSED, FileUpload

SENT_LIMIT, BYTES_LIMIT = 60, 500 * 1024 * 1024
"""Files of one attempt, and bytes of one learner, those included that are taken out again: nobody fills the disk."""
NAME_LIMIT = 150


@dataclass(frozen=True)
class Kept:
    """A file whose bytes are stored, to be entered for a question."""

    digest: str
    name: str
    size: int

    @property
    def value(self) -> str:
        """How an answer names it."""
        return f"{self.digest}/{self.name}"


def refuse_over(learner_id: int, attempt_id: int, question: FileUpload, brought: Sequence[tuple[str, bytes]]) -> None:
    """NotAFile for more than the question takes, or anybody needs; asked before anything is stored."""
    name, size = brought[0][0][:NAME_LIMIT], sum(len(data) for _name, data in brought)
    if len(brought) > question.most_files:
        why = _("at most %(count)d files can be handed in; choose fewer.", count=question.most_files)
        raise NotAFile(name=name, why=why)
    count = func.count().filter(HandedIn.attempt_id == attempt_id)
    query = select(count, func.coalesce(func.sum(HandedIn.size), 0)).join(Attempt, Attempt.id == HandedIn.attempt_id)
    files, stored = db.session.execute(query.where(Attempt.learner_id == learner_id)).one()
    if files + len(brought) > SENT_LIMIT or stored + size > BYTES_LIMIT:
        raise NotAFile(name=name, why=_("too much was sent already; keep to the files that you have."))


def question_of(learner_id: int, attempt_id: int, number: int) -> FileUpload:
    """The question at this place of one's own open attempt; 404 when it takes no files."""
    row = queries.get_attempt(learner_id, attempt_id)
    quiz = load_document(row.revision_id, row.digest).quiz(row.item)
    if quiz is None or row.submitted_at is not None or not 1 <= number <= len(row.paper):
        abort(404)
    question = quiz.question(row.paper[number - 1]["question"])
    return question if isinstance(question, FileUpload) else abort(404)


def keep(question: FileUpload, name: str, data: bytes) -> Kept:
    """Look at a file and store its bytes; NotAFile says why it is not taken. Nothing is entered yet."""
    shown = _plain_name(name)
    ending = kinds.ending_of(shown)
    if ending in REFUSED or (question.suffixes and ending not in question.suffixes):
        wanted = " ".join(question.suffixes) or _("documents and pictures")
        raise NotAFile(name=shown, why=_("this kind is not taken; hand in %(kinds)s.", kinds=wanted))
    if len(data) > question.most_mib * 1024 * 1024:
        raise NotAFile(name=shown, why=_("the file is larger than %(mib)d MB; make it smaller.", mib=question.most_mib))
    if not data:
        raise NotAFile(name=shown, why=_("The file is empty; save it again and choose it once more."))
    # An ending that the author asked for and we do not know, such as .log or .pcap, is taken as it is: only data.
    if ending in kinds.ENDINGS or not question.suffixes:
        try:
            kinds.kind_of(shown, data)
        except kinds.NotAKind as refusal:
            raise NotAFile(name=shown, why=_(refusal.message) % refusal.values) from None
    return Kept(blobs.put(data), shown, len(data))


def _plain_name(name: str) -> str:
    """What the file is called, without folders and what no name needs; the ending stays."""
    base = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    base = "".join(c for c in base if unicodedata.category(c)[0] != "C").strip() or "tep"
    stem, dot, ending = base.rpartition(".")
    return f"{stem[:NAME_LIMIT]}{dot}{ending[:10]}" if dot else base[:NAME_LIMIT]


def enter(
    learner_id: int, attempt_id: int, number: int, files: Sequence[Kept], *, at: datetime | None = None, now: datetime
) -> Saved:
    """Add stored files to the answer; what becomes of it is told as for every answer. `at` is when they were chosen."""
    attempt, _quiz = service.locked(learner_id, attempt_id)
    if attempt.submitted_at is not None:
        raise AttemptOver
    if not rules.counts(attempt.deadline_at, now, at):
        raise NotAFile(name=files[0].name, why=_("The time was up before this answer was given; it does not count."))
    entry = attempt.paper[number - 1]
    question, held = entry["question"], queries.responses(attempt_id).get(entry["question"])
    for file in files:
        values = {
            "attempt_id": attempt_id, "question": question, "digest": file.digest, "name": file.name,
            "size": file.size, "sent_at": now,
        }  # fmt: skip
        insert_if_absent(HandedIn, values, ("attempt_id", "question", "digest", "name"))
    before = _entered(attempt.revision_id, attempt.item, question, held)
    named = list(dict.fromkeys([*before, *(file.value for file in files)]))
    given = Given(number, named, held.revision if held else 0, at=at)
    return service.save(learner_id, attempt_id, [given], now=now)[1][0]


def _entered(revision_id: int, item: str, question_id: str, held: Row | None) -> list[str]:
    quiz = load_document(revision_id).quiz(item)
    question: Question | None = quiz.question(question_id) if quiz else None
    return question.entered(held.answer) if question and held else []


def sent(digest: str, name: str) -> Response:
    """The bytes as an attachment that no browser shows or runs."""
    response = send_file(
        blobs.path(digest), mimetype="application/octet-stream", as_attachment=True, download_name=name
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
