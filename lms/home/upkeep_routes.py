"""The trainer's report of what grew old in her courses, and the record of dead links, which people keep by hand."""

from collections import defaultdict
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.content import dead_links, members
from lms.content.rules import WRITERS
from lms.core import clock
from lms.core.i18n import _, format_date
from lms.core.permissions import Permission
from lms.home import upkeep
from lms.home.forms import DeadLinkForm
from lms.learning.queries import finishing
from lms.web.access import requires

bp = Blueprint("upkeep", __name__)
Answer = str | tuple[str, int] | AnyResponse


@bp.get("/soan/can-xem-lai")
@requires(Permission.COURSE_WRITE)
def report() -> Answer:
    """Everything in the viewer's courses that needs another look."""
    kept = upkeep.courses(current_user.id)
    dead = defaultdict(list)
    for row in dead_links.kept_by(current_user.id):
        dead[row.course_id].append(row)
    links = [(one, upkeep.outside_links(one, dead[one.course.id])) for one in kept]
    long_ago = clock.now() - timedelta(days=upkeep.LONG_ENOUGH_DAYS)
    return render_template(
        "home/upkeep.html",
        law=list(upkeep.old_law(kept, clock.today())),
        dead=[link for _one, some in links for link in some if link.dead],
        linking=[(one.course, len(some)) for one, some in links if some],
        unfinished=list(upkeep.unfinished(kept, finishing(current_user.id, enrolled_before=long_ago))),
        days=upkeep.LONG_ENOUGH_DAYS,
    )


@bp.get("/soan/<slug>/lien-ket")
@requires(Permission.COURSE_WRITE)
def links(slug: str) -> Answer:
    """Every link of a course to the outside; who found one dead records it here."""
    return _links_page(slug, DeadLinkForm(formdata=None))


def _links_page(slug: str, form: DeadLinkForm) -> str:
    kept = _kept(slug)
    return render_template(
        "home/upkeep_links.html",
        course=kept.course,
        may_edit=kept.may_edit,
        links=upkeep.outside_links(kept, dead_links.kept_by(current_user.id, kept.course.id)),
        form=form,
        note=_("reported on %(day)s", day=format_date(clock.today())),
        limit=upkeep.ADDRESS_LIMIT,
    )


def _kept(slug: str) -> upkeep.Kept:
    """A published course that the viewer works on, or 404."""
    found = upkeep.courses(current_user.id, slug)
    return found[0] if found else abort(404)


@bp.post("/soan/<slug>/lien-ket")
@requires(Permission.COURSE_WRITE)
def record(slug: str) -> Answer:
    """A link of the published course is dead; one press takes that back. Undoing sends it in the address."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    form = DeadLinkForm(request.values)
    url = _linked(slug, form.link.data or "")
    if not form.validate():
        return _links_page(slug, form), 422
    link_id = dead_links.record(course, url, form.note.data or "", by=current_user, now=clock.now())
    undo = url_for(".clear", slug=slug, link_id=link_id)
    flash({"text": _("The link is recorded as dead; the editor shows it as a warning."), "undo_url": undo}, "ok")
    return redirect(url_for(".links", slug=slug), 303)


def _linked(slug: str, digest: str) -> str:
    """The address of that name among those that the course links, or 404: nothing else gets into the record."""
    found = (link.url for link in upkeep.outside_links(_kept(slug), ()) if link.digest == digest)
    url = next(found, "")
    return url if 0 < len(url) <= upkeep.ADDRESS_LIMIT else abort(404)


@bp.post("/soan/<slug>/lien-ket-hong/<int:link_id>/xoa")
@requires(Permission.COURSE_WRITE)
def clear(slug: str, link_id: int) -> Answer:
    """The link works again; one press takes that back."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    link = dead_links.get_dead_link(course.id, link_id)
    undo = url_for(".record", slug=slug, link=upkeep.digest(link.url), note=link.note)
    dead_links.clear(course, link, by=current_user, now=clock.now())
    flash({"text": _("The link is no longer recorded as dead."), "undo_url": undo}, "ok")
    return redirect(url_for(".links", slug=slug), 303)
