"""One's own certificates, the public check, the register and the issuer."""

from collections.abc import Iterator
from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Engine, select
from werkzeug.wrappers import Response as AnyResponse
from zipstream import ZipStream

from lms.certificates import queries, rules, service
from lms.certificates.forms import IssuerForm, RegisterFilter, RevokeForm
from lms.certificates.models import Certificate, CertificatePdf
from lms.certificates.queries import Filter
from lms.certificates.rules import BadCode, Status
from lms.content.models import Course
from lms.core import clock, sheets
from lms.core.db import db
from lms.core.i18n import _, _l
from lms.core.permissions import Permission
from lms.people.queries import units
from lms.web.access import public, requires, signed_in
from lms.web.forms import choices
from lms.web.pages import paged
from lms.web.security import limiter

bp = Blueprint("certificates", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse

STATUS_WORDS = {
    Status.VALID: _l("Valid"),
    Status.REVOKED: _l("Revoked"),
    Status.REPLACED: _l("Replaced"),
    Status.EXPIRED: _l("Expired"),
}


@bp.get("/giay-chung-nhan")
@signed_in
def mine() -> Answer:
    """One's own certificates."""
    rows, today = queries.of_learner(current_user.id), clock.today()
    shown = [(row, queries.status_of(row, today)) for row in rows]
    return render_template("certificates/mine.html", rows=shown, words=STATUS_WORDS)


@bp.get("/giay-chung-nhan/<code>.pdf")
@signed_in
def download(code: str) -> Answer:
    """The stored bytes; a page that says to wait while they are being made."""
    row = queries.get_document(current_user, code)
    if row.data is None:
        return render_template("certificates/being_made.html", code=code), 202, {"Refresh": "2"}  # type: ignore[return-value]
    response = Response(row.data, mimetype="application/pdf")
    response.set_etag(row.sha256)
    response.headers["Content-Disposition"] = f"attachment; filename={rules.file_name(row.number, row.holder_name)}"
    return response.make_conditional(request)


@bp.get("/xac-minh")
@public
@limiter.limit("60 per minute")
def verify() -> Answer:
    """Type a code, see whether the certificate is valid; for everybody."""
    typed = request.args.get("ma", "").strip()
    if not typed:
        return render_template("certificates/verify.html", typed="", row=None, bad=None)
    return _verdict(typed)


@bp.get("/xm/<code>")
@public
@limiter.limit("60 per minute")
def verify_code(code: str) -> Answer:
    """What the QR code opens."""
    return _verdict(code)


def _verdict(typed: str) -> Answer:
    read = rules.read_code(typed[:80])
    row = None if isinstance(read, BadCode) else queries.find_public(read)
    if row is None:
        bad = read if isinstance(read, BadCode) else None
        return render_template("certificates/verify.html", typed=typed[:80], row=None, bad=bad, missing=True), 404
    status = queries.status_of(row, clock.today())
    return render_template(
        "certificates/verify.html",
        typed=read,
        row=row,
        status=status,
        word=STATUS_WORDS[status],
        checked_at=clock.now(),
        bad=None,
    )


def _filter() -> RegisterFilter:
    form = RegisterFilter()
    courses = db.session.execute(select(Course.id, Course.title).order_by(Course.folded)).all()
    form.course.choices = choices([("", _("All courses")), *((row.id, row.title) for row in courses)])
    rows = units(current_user, clock.today())
    form.unit.choices = choices([("", _("All units")), *((row.id, "\u2003" * row.depth + row.name) for row in rows)])
    return form


def _chosen(form: RegisterFilter) -> Filter:
    words = (form.words.data or "")[:100]
    return Filter(form.course.data, form.unit.data, form.start.data, form.end.data, words)


@bp.get("/theo-doi/giay-chung-nhan")
@requires(Permission.CERTIFICATE_READ)
def register() -> Answer:
    """The register in scope, newest first; with a filter that cannot be read only what is wrong with it."""
    form, today = _filter(), clock.today()
    if not form.validate():
        return render_template("certificates/register.html", form=form, page=None), 422
    query = queries.register(current_user, _chosen(form))
    page = paged(query, [Certificate.issued_on, Certificate.id], descending=True)
    return render_template(
        "certificates/register.html",
        form=form,
        page=page,
        total=queries.count(query),
        statuses=[queries.status_of(row, today) for row in page.rows],
        words=STATUS_WORDS,
        arguments=request.args.to_dict(),
    )


@bp.get("/theo-doi/giay-chung-nhan.xlsx")
@requires(Permission.CERTIFICATE_READ)
def register_xlsx() -> Answer:
    """The filtered table as a workbook, in the columns of the register book."""
    form, today = _filter(), clock.today()
    if not form.validate():
        return redirect(url_for(".register", **request.args.to_dict()), 303)
    query = queries.register(current_user, _chosen(form), *queries.COLUMNS, Certificate.facts)
    rows = db.session.execute(query.order_by(Certificate.issued_on, Certificate.id).execution_options(yield_per=500))
    columns = [
        sheets.Column(_("No."), 6),
        sheets.Column(_("Register number"), 10),
        sheets.Column(_("Certificate number"), 24),
        sheets.Column(_("Full name"), 26),
        sheets.Column(_("Position"), 18),
        sheets.Column(_("Unit at the time of issue"), 36),
        sheets.Column(_("Course"), 36),
        sheets.Column(_("From"), 12),
        sheets.Column(_("To"), 12),
        sheets.Column(_("Study hours"), 8),
        sheets.Column(_("Score"), 8),
        sheets.Column(_("Rating"), 12),
        sheets.Column(_("Issued on"), 12),
        sheets.Column(_("Expires on"), 12),
        sheets.Column(_("Signer"), 22),
        sheets.Column(_("Verification code"), 17),
        sheets.Column(_("Status"), 14),
        sheets.Column(_("Note"), 30),
    ]
    title = _("Register of certificates of completion")
    lines = [_("As of %(day)s", day=today.strftime("%d/%m/%Y"))]
    lines += [f"{label}: {words}" for label, words in form.active]
    data = sheets.xlsx(title, lines, columns, (_line(index, row, today) for index, row in enumerate(rows, start=1)))
    return _attachment(data, sheets.XLSX, f"so-cap-giay-chung-nhan-{today:%Y%m%d}.xlsx")


def _line(index: int, row: object, today: date) -> list[object]:
    facts = rules.Facts.from_json(row.facts)
    return [
        index,
        facts.register_number,
        row.number,
        row.holder_name,
        facts.position,
        row.unit_name,
        row.course_title,
        facts.started_on,
        facts.finished_on,
        facts.hours,
        None if facts.fraction is None else rules.score(facts.fraction),
        facts.rating,
        row.issued_on,
        row.expires_on,
        facts.signer_name,
        row.code,
        str(STATUS_WORDS[queries.status_of(row, today)]),
        row.reason or "",
    ]


def _attachment(data: bytes, kind: str, name: str) -> AnyResponse:
    response = Response(data, mimetype=kind)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


@bp.get("/theo-doi/giay-chung-nhan.zip")
@requires(Permission.CERTIFICATE_READ)
def register_zip() -> Answer:
    """The PDFs of the filtered register as one stream: <issuer>-<year>/0123_Nguyen-Van-Duc.pdf."""
    form = _filter()
    if not form.validate():
        return redirect(url_for(".register", **request.args.to_dict()), 303)
    query = queries.register(current_user, _chosen(form), Certificate.id).where(CertificatePdf.sha256.is_not(None))
    ids = list(db.session.scalars(query.order_by(Certificate.id)))
    if not ids:
        flash(_("There is no certificate to download with these filters."), "notice")
        return redirect(url_for(".register", **request.args.to_dict()), 303)
    response = Response(_zip(db.engine, ids), mimetype="application/zip")
    response.headers["Content-Disposition"] = f"attachment; filename=giay-chung-nhan-{clock.today():%Y%m%d}.zip"
    return response


def _zip(engine: Engine, ids: list[int]) -> Iterator[bytes]:
    """The archive, document by document, holding a few in memory; it runs after the request has ended."""
    archive = ZipStream(sized=False)
    for abbreviation, year, number, holder, data in queries.documents(engine, ids):
        archive.add(data, f"{rules.folder(abbreviation, year)}/{rules.file_name(number, holder)}")
        yield from archive.file()
    yield from archive.finalize()


@bp.get("/theo-doi/giay-chung-nhan/<int:certificate_id>/thu-hoi")
@requires(Permission.CERTIFICATE_REVOKE)
def revoke(certificate_id: int) -> Answer:
    """The page that asks why, and is the confirmation."""
    certificate = queries.get_certificate(current_user, certificate_id)
    return render_template("certificates/revoke.html", certificate=certificate, form=RevokeForm())


@bp.post("/theo-doi/giay-chung-nhan/<int:certificate_id>/thu-hoi")
@requires(Permission.CERTIFICATE_REVOKE)
def do_revoke(certificate_id: int) -> Answer:
    """Take the certificate back."""
    certificate, form = queries.get_certificate(current_user, certificate_id), RevokeForm()
    if not form.validate():
        return render_template("certificates/revoke.html", certificate=certificate, form=form), 422
    service.revoke(certificate, form.reason.data, by=current_user, now=clock.now())
    flash(_("Certificate %(number)s is revoked. The public page says so from now on.", number=certificate.number), "ok")
    return redirect(url_for(".register"), 303)


@bp.get("/quan-tri/co-quan-cap")
@requires(Permission.ISSUER_WRITE)
def issuer() -> Answer:
    """Who issues and signs, today and before."""
    current = queries.find_issuer_version(clock.today())
    return _issuer_page(IssuerForm(obj=current, data=None if current else {"valid_from": clock.today()}))


def _issuer_page(form: IssuerForm) -> str:
    return render_template("certificates/issuer.html", form=form, versions=queries.issuer_versions())


@bp.post("/quan-tri/co-quan-cap")
@requires(Permission.ISSUER_WRITE)
def set_issuer() -> Answer:
    """Say who issues and signs from a day on."""
    form = IssuerForm()
    if not form.validate():
        return _issuer_page(form), 422
    service.set_issuer(
        parent_name=form.parent_name.data or "",
        name=form.name.data,
        abbreviation=form.abbreviation.data,
        place=form.place.data,
        signer_name=form.signer_name.data,
        signer_capacity=form.signer_capacity.data,
        valid_from=form.valid_from.data,
        by=current_user,
        now=clock.now(),
    )
    flash(_("The issuing body is saved. Certificates already issued keep what they say."), "ok")
    return redirect(url_for(".issuer"), 303)
