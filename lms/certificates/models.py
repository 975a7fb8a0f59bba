"""Issuers, the register of certificates, their PDFs and revocations."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.content.models import Course, Revision
from lms.core.db import FrozenModel, Model, SortText
from lms.learning.models import Enrolment
from lms.people.models import Unit, User


class Issuer(Model):
    """A body that issues certificates; what it is called and who signs carry dates."""

    __tablename__ = "issuer"

    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class IssuerVersion(Model):
    """How the issuer signs from a day on, until the next version; never changed once a certificate used it."""

    __tablename__ = "issuer_version"
    __table_args__ = (UniqueConstraint("issuer_id", "valid_from"),)

    issuer_id: Mapped[int] = mapped_column(ForeignKey("issuer.id"))
    valid_from: Mapped[date]
    parent_name: Mapped[str]
    name: Mapped[str]
    abbreviation: Mapped[str] = mapped_column(String(40))
    place: Mapped[str]
    signer_name: Mapped[str]
    signer_capacity: Mapped[str]

    issuer: Mapped[Issuer] = relationship()


class CertificateCounter(Model):
    """The last number given by an issuer in a year; raised in the transaction that issues."""

    __tablename__ = "certificate_counter"
    __table_args__ = (UniqueConstraint("issuer_id", "year"),)

    issuer_id: Mapped[int] = mapped_column(ForeignKey("issuer.id"))
    year: Mapped[int]
    last: Mapped[int]


class Certificate(FrozenModel):
    """A row of the register; never changed. `facts` is everything the document prints."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("issuer_id", "year", "sequence"),
        Index("certificates_by_day", "issued_on", "id"),
        Index("certificates_of_learner", "learner_id"),
        Index("certificates_of_unit", "unit_id"),
        Index("certificates_of_course", "course_id"),
    )

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), unique=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    issuer_id: Mapped[int] = mapped_column(ForeignKey("issuer.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(String(80), unique=True)
    code: Mapped[str] = mapped_column(String(14), unique=True)
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    holder_name: Mapped[str] = mapped_column(String(200))
    holder_sort_key: Mapped[SortText]
    holder_folded: Mapped[str] = mapped_column(String(200))
    unit_name: Mapped[str]
    course_title: Mapped[str]
    facts: Mapped[dict[str, Any]]

    enrolment: Mapped[Enrolment] = relationship()
    learner: Mapped[User] = relationship()
    course: Mapped[Course] = relationship()
    revision: Mapped[Revision] = relationship()
    issuer: Mapped[Issuer] = relationship()
    unit: Mapped[Unit | None] = relationship()


class CertificatePdf(FrozenModel):
    """The document's bytes, stored once, sent ever after."""

    __tablename__ = "certificate_pdf"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), unique=True)
    data: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class Revocation(FrozenModel):
    """A certificate taken back, by whom and why; the certificate itself stays as it was."""

    __tablename__ = "revocation"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), unique=True)
    revoked_at: Mapped[datetime]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str]

    certificate: Mapped[Certificate] = relationship()
