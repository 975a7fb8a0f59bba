"""Publishing a draft: what changed, what is wrong with it, whom it touches, and the trainer's word on it."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.content import drafts, members, publications
from lms.content.bench import bench
from lms.content.forms import PublishForm
from lms.content.models import Course, Draft
from lms.content.queries import find_revision, load_document
from lms.content.rules import WRITERS, CourseRole, DraftChanged, PublicationState
from lms.core import clock
from lms.core.db import begin_writing
from lms.core.i18n import _, format_datetime
from lms.core.permissions import Permission
from lms.course.check import changed_ids
from lms.course.difference import changes
from lms.course.source import Source
from lms.drills.queries import count_open
from lms.learning.queries import count_learning
from lms.web.access import requires, slow_first

bp = Blueprint("publishing", __name__)
Answer = str | tuple[str, int] | AnyResponse


@bp.get("/soan/<slug>/xuat-ban")
@requires(Permission.COURSE_WRITE)
def publish(slug: str) -> Answer:
    """Look once more before learners see it."""
    course, role = members.get_worked_on(current_user, slug, WRITERS)
    draft = drafts.find_draft(course.id)
    if draft is None:
        return redirect(url_for("content.course", slug=slug), 303)
    return _page(course, role, draft, PublishForm(formdata=None))


def _page(course: Course, role: CourseRole, draft: Draft, form: PublishForm) -> str:
    table = bench(course, role, draft)
    current = draft.base if draft.base_id == course.revision_id else find_revision(course.revision_id)
    before = publications.source_of(current.files) if current else Source({})
    published = load_document(current.id, current.digest) if current else None
    attempts, runs = count_open(course.id)
    return render_template(
        "home/publish.html",
        course=course,
        form=form,
        bench=table,
        problems=table.shown_problems(),
        digest=table.source.digest(),
        changes=changes(before, table.source),
        gone=changed_ids(table.doc, published) if table.doc and published else [],
        learning=count_learning(course.id),
        attempts=attempts,
        runs=runs,
        needs_approval=_needs_approval(),
    )


def _needs_approval() -> bool:
    return bool(current_app.config["SETTINGS"].publishing_needs_approval)


@bp.post("/soan/<slug>/xuat-ban")
@requires(Permission.COURSE_WRITE)
@slow_first
def do_publish(slug: str) -> Answer:
    """Publish what was looked at: at once, at its hour, or when a second person has approved it."""
    course, role = members.get_worked_on(current_user, slug, WRITERS)
    draft = drafts.get_draft(course.id)
    form = PublishForm()
    if not form.validate():
        return _page(course, role, draft, form), 422
    source = drafts.source_of(draft.id)
    if source.digest() != request.form.get("digest"):
        raise DraftChanged
    ready = publications.prepared(source)
    begin_writing()
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    wish = publications.Wish(form.note.data or "", form.weight.data == "material", form.publish_at)
    made = publications.ask(course, ready, wish, needs_approval=_needs_approval(), by=current_user, now=clock.now())
    if made.state is PublicationState.PUBLISHED:
        flash(_("Published; learners read it from now on. Attempts that are open keep their questions."), "ok")
    elif made.state is PublicationState.SCHEDULED and made.publish_at:
        flash(_("It will be published on %(moment)s.", moment=format_datetime(made.publish_at)), "ok")
    else:
        flash(_("The request stands. Another owner or a reviewer of the course has to approve it."), "ok")
    return redirect(url_for("content.course", slug=slug), 303)
