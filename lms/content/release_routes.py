"""What becomes of a draft: approved, withdrawn, discarded; revisions compared and restored; who works on the course."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from lms.content import drafting, drafts, members, publications, queries
from lms.content.forms import MemberForm
from lms.content.models import Course, CourseMember
from lms.content.rules import APPROVERS, COURSE_ROLE_LABELS, WRITERS, CourseRole, DraftChanged
from lms.core import clock
from lms.core.db import begin_writing, db
from lms.core.i18n import _
from lms.core.permissions import Permission
from lms.course.difference import changes
from lms.course.source import Source
from lms.people.models import User
from lms.people.queries import find_by_login
from lms.web.access import requires, slow_first
from lms.web.pages import as_id

bp = Blueprint("release", __name__)
Answer = str | tuple[str, int] | AnyResponse
OWNER = frozenset({CourseRole.OWNER})


def _back(slug: str) -> AnyResponse:
    return redirect(url_for("content.course", slug=slug), 303)


# Drafts


@bp.post("/soan/<slug>/ban-nhap")
@requires(Permission.COURSE_WRITE)
@slow_first
def open_draft(slug: str) -> Answer:
    """A draft that begins as what learners read."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    if course.revision_id is None:
        abort(404)
    base_id, files = course.revision_id, drafting.laid_out(drafts.source_at(course.revision_id))
    begin_writing()
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    if course.revision_id != base_id:
        raise DraftChanged
    drafting.begin(course, files, base_id, by=current_user, now=clock.now())
    return redirect(url_for("desk.edit", slug=slug, path=drafting.COURSE), 303)


@bp.post("/soan/<slug>/ban-nhap/bo")
@requires(Permission.COURSE_WRITE)
def discard(slug: str) -> Answer:
    """Give the draft up; one press takes it back."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    draft = drafts.get_draft(course.id, to_change=True)
    drafting.discard(draft, by=current_user, now=clock.now())
    undo = url_for(".take_back", slug=slug, draft_id=draft.id)
    flash({"text": _("The draft is given up; learners read what is published."), "undo_url": undo}, "ok")
    return _back(slug)


@bp.post("/soan/<slug>/ban-nhap/<int:draft_id>/lay-lai")
@requires(Permission.COURSE_WRITE)
def take_back(slug: str, draft_id: int) -> Answer:
    """The draft that was given up or replaced is open again."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    drafting.take_back(course, draft_id, by=current_user, now=clock.now())
    flash(_("The draft is open again."), "ok")
    return _back(slug)


@bp.post("/soan/<slug>/phien-ban/<int:number>/khoi-phuc")
@requires(Permission.COURSE_WRITE)
@slow_first
def restore(slug: str, number: int) -> Answer:
    """An older revision becomes the draft; learners see it once that is published."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    files = drafting.laid_out(drafts.source_at(queries.get_revision(course.id, number).id))
    begin_writing()
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    before = drafts.find_draft(course.id)
    drafting.replace(course, files, by=current_user, now=clock.now())
    said = _("Revision %(number)d is the draft now. Look at it, then publish it.", number=number)
    undo = url_for(".take_back", slug=slug, draft_id=before.id) if before else None
    flash({"text": said, "undo_url": undo} if undo else said, "ok")
    return _back(slug)


# Requests to publish


@bp.post("/soan/<slug>/yeu-cau/<int:publication_id>/duyet")
@requires(Permission.COURSE_WRITE)
@slow_first
def approve(slug: str, publication_id: int) -> Answer:
    """The second person says yes."""
    course, _role = members.get_worked_on(current_user, slug, APPROVERS)
    waiting = publications.get_open(course.id, publication_id)
    ready = publications.prepared(publications.source_of(waiting.files))
    begin_writing()
    course, _role = members.get_worked_on(current_user, slug, APPROVERS)
    waiting = publications.get_open(course.id, publication_id)
    publications.approve(waiting, ready, by=current_user, now=clock.now())
    if waiting.published_at is not None:
        flash(_("Approved and published; learners read it from now on."), "ok")
    else:
        flash(_("Approved. It is published when its time comes."), "ok")
    return _back(slug)


@bp.post("/soan/<slug>/yeu-cau/<int:publication_id>/rut")
@requires(Permission.COURSE_WRITE)
def withdraw(slug: str, publication_id: int) -> Answer:
    """It will not be published; the draft stays."""
    course, _role = members.get_worked_on(current_user, slug)
    publications.withdraw(publications.get_open(course.id, publication_id), by=current_user, now=clock.now())
    flash(_("It will not be published. The draft is as it was; publish it again when it is ready."), "ok")
    return _back(slug)


# Revisions


@bp.get("/soan/<slug>/so-sanh")
@requires(Permission.COURSE_WRITE)
def compare(slug: str) -> Answer:
    """What differs between two revisions, or between a revision and the draft, word by word."""
    course, _role = members.get_worked_on(current_user, slug)
    revisions = queries.revisions(course)
    before, after = request.args.get("tu", ""), request.args.get("den", "")
    return render_template(
        "content/compare.html",
        course=course,
        revisions=revisions,
        draft=drafts.find_draft(course.id),
        before=before,
        after=after,
        changes=changes(_named(course, before), _named(course, after)),
    )


def _named(course: Course, name: str) -> Source:
    """The course as a revision's number says, as the draft has it, or as somebody asked to publish it."""
    if name == "khong":
        return Source({})
    if name == "yeu-cau":
        return publications.source_of((publications.find_open(course.id) or abort(404)).files)
    if name == "nhap":
        return drafts.source_of(drafts.get_draft(course.id).id)
    return drafts.source_at(queries.get_revision(course.id, as_id(name) or abort(404)).id)


# Members


@bp.get("/soan/<slug>/nguoi-soan")
@requires(Permission.COURSE_WRITE)
def people(slug: str) -> Answer:
    """Who works on the course."""
    course, role = members.get_worked_on(current_user, slug)
    return _people_page(course, role, MemberForm(formdata=None))


def _people_page(course: Course, role: CourseRole, form: MemberForm) -> str:
    return render_template(
        "content/members.html",
        course=course,
        form=form,
        may_manage=role is CourseRole.OWNER,
        members=members.members(course.id),
        labels=COURSE_ROLE_LABELS,
    )


@bp.post("/soan/<slug>/nguoi-soan")
@requires(Permission.COURSE_WRITE)
def set_member(slug: str) -> Answer:
    """Give a trainer a part in the course."""
    course, role = members.get_worked_on(current_user, slug, OWNER)
    form = MemberForm()
    user = find_by_login(form.login.data or "") if form.validate() else None
    if form.login.data and user is None and not form.errors:
        form.login.errors = [_("Nobody has this e-mail or phone. Check it, or ask the administrator for an account.")]
    if user is None:
        return _people_page(course, role, form), 422
    members.set_member(course, user, CourseRole(form.role.data), by=current_user, now=clock.now())
    flash(_("%(name)s works on the course now.", name=user.name), "ok")
    return redirect(url_for(".people", slug=slug), 303)


@bp.post("/soan/<slug>/nguoi-soan/<int:user_id>/bo")
@requires(Permission.COURSE_WRITE)
def remove_member(slug: str, user_id: int) -> Answer:
    """She works on the course no more."""
    course, _role = members.get_worked_on(current_user, slug, OWNER)
    works = (CourseMember.user_id == User.id) & (CourseMember.course_id == course.id)
    user = db.session.scalar(select(User).join(CourseMember, works).where(User.id == user_id)) or abort(404)
    members.remove_member(course, user_id, by=current_user, now=clock.now())
    flash(_("%(name)s works on the course no more. To undo it, add the person again.", name=user.name), "ok")
    return redirect(url_for(".people", slug=slug) if user_id != current_user.id else url_for("content.courses"), 303)
