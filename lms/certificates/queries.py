"""Reading issuers, the register and the stored documents, from what the viewer may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import abort
from sqlalchemy import Engine, Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lms.certificates.models import Certificate, CertificatePdf, Issuer, IssuerVersion, Revocation
from lms.certificates.rules import Status, status
from lms.core import clock, text
from lms.core.db import db
from lms.learning.models import Enrolment
from lms.people.queries import Viewer, ids_in_scope, units_below


def find_issuer_version(day: date) -> IssuerVersion | None:
    """How the default issuer signs on the day; None while nobody set one up."""
    return db.session.scalar(
        select(IssuerVersion)
        .join(Issuer, Issuer.id == IssuerVersion.issuer_id)
        .where(Issuer.is_default.is_(True), IssuerVersion.valid_from <= day)
        .order_by(IssuerVersion.valid_from.desc())
        .limit(1)
    )


def issuer_versions() -> list[IssuerVersion]:
    """Every version of the default issuer, newest first."""
    query = select(IssuerVersion).join(Issuer).where(Issuer.is_default.is_(True))
    return list(db.session.scalars(query.order_by(IssuerVersion.valid_from.desc())))


def default_issuer() -> Issuer | None:
    """The body that issues certificates here."""
    return db.session.scalar(select(Issuer).where(Issuer.is_default.is_(True)).limit(1))


def enrolments_without_certificate() -> list[int]:
    """Completed enrolments that have none: of courses that issue none, or from before there was an issuer."""
    query = (
        select(Enrolment.id)
        .outerjoin(Certificate, Certificate.enrolment_id == Enrolment.id)
        .where(Enrolment.completed_at.is_not(None), Certificate.id.is_(None))
        .order_by(Enrolment.completed_at, Enrolment.id)
    )
    return list(db.session.scalars(query))


COLUMNS = (
    Certificate.id,
    Certificate.issued_on,
    Certificate.number,
    Certificate.year,
    Certificate.sequence,
    Certificate.code,
    Certificate.holder_name,
    Certificate.unit_name,
    Certificate.course_title,
    Certificate.course_id,
    Certificate.expires_on,
    Revocation.revoked_at,
    Revocation.reason,
    CertificatePdf.sha256,
)


def status_of(row: Row, today: date) -> Status:
    """What holds of a row of the register today."""
    return status(is_revoked=row.revoked_at is not None, is_replaced=False, expires_on=row.expires_on, today=today)


def _rows(*columns: object) -> Select:
    return (
        select(*(columns or COLUMNS))
        .select_from(Certificate)
        .outerjoin(Revocation, Revocation.certificate_id == Certificate.id)
        .outerjoin(CertificatePdf, CertificatePdf.certificate_id == Certificate.id)
    )


_OF_LEARNER = (
    _rows()
    .where(Certificate.learner_id == bindparam("learner"))
    .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
)


def of_learner(user_id: int) -> list[Row]:
    """One's own certificates, newest first."""
    return list(db.session.execute(_OF_LEARNER, {"learner": user_id}))


def find_public(code: str) -> Row | None:
    """What the public page may know of a certificate: nothing but these columns."""
    query = _rows(
        Certificate.holder_name,
        Certificate.course_title,
        Certificate.issued_on,
        Certificate.number,
        Certificate.unit_name,
        Certificate.expires_on,
        Revocation.revoked_at,
    )
    return db.session.execute(query.where(Certificate.code == code)).first()


def get_document(viewer: Viewer, code: str) -> Row:
    """The stored document of one's own certificate, or of one in scope; 404 otherwise, `data` is None while it is made."""
    query = _rows(
        Certificate.number, Certificate.holder_name, Certificate.issued_at, CertificatePdf.data, CertificatePdf.sha256
    ).where(Certificate.code == code, or_(Certificate.learner_id == viewer.id, _in_scope(viewer)))
    return db.session.execute(query).first() or abort(404)


def _in_scope(viewer: Viewer) -> object:
    """Certificates of people in scope, and those issued to people when they worked in a unit of the viewer's."""
    if not viewer.may("certificates:certificate:read"):
        return Certificate.id.is_(None)
    if viewer.sees_everyone:
        return Certificate.id.is_not(None)
    return or_(
        Certificate.learner_id.in_(ids_in_scope(viewer)),
        Certificate.unit_id.in_(units_below(viewer.unit_ids, clock.today())),
    )


@dataclass(frozen=True)
class Filter:
    """What the register is narrowed to; the unit stands for all below it."""

    course_id: int | None = None
    unit_id: int | None = None
    start: date | None = None
    end: date | None = None
    words: str = ""


def register(viewer: Viewer, chosen: Filter, *columns: object) -> Select:
    """The register in scope, narrowed; by default the columns of the list."""
    query = _rows(*columns).where(_in_scope(viewer))
    if chosen.course_id:
        query = query.where(Certificate.course_id == chosen.course_id)
    if chosen.unit_id:
        query = query.where(Certificate.unit_id.in_(units_below((chosen.unit_id,), clock.today())))
    if chosen.start:
        query = query.where(Certificate.issued_on >= chosen.start)
    if chosen.end:
        query = query.where(Certificate.issued_on <= chosen.end)
    for word in text.fold(chosen.words).split():
        query = query.where(
            or_(Certificate.holder_folded.contains(word, autoescape=True), Certificate.number.contains(word.upper()))
        )
    return query


def count(query: Select) -> int:
    """How many rows the query has."""
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def get_certificate(viewer: Viewer, certificate_id: int) -> Certificate:
    """A certificate in scope, or 404."""
    query = select(Certificate).where(Certificate.id == certificate_id, _in_scope(viewer))
    return db.session.scalar(query) or abort(404)


def documents(engine: Engine, ids: list[int]) -> Iterator[tuple[str, int, str, str, bytes]]:
    """(abbreviation, year, number, holder, PDF) of each, a few at a time; a stream reads on a connection of its own."""
    with Session(engine) as session:
        for start in range(0, len(ids), 50):
            rows = session.execute(
                select(
                    Certificate.facts,
                    Certificate.year,
                    Certificate.number,
                    Certificate.holder_name,
                    CertificatePdf.data,
                )
                .join(CertificatePdf, CertificatePdf.certificate_id == Certificate.id)
                .where(Certificate.id.in_(ids[start : start + 50]))
                .order_by(Certificate.id)
            ).all()
            session.rollback()  # no read transaction stays open while a slow line takes its time
            for row in rows:
                yield row.facts["issuer_abbreviation"], row.year, row.number, row.holder_name, row.data
