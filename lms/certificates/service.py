"""Issuing, storing the document once, revoking; setting up the issuer."""

import hashlib
import secrets
from datetime import date, datetime

from flask import current_app
from sqlalchemy import select, update

from lms.audit import service as audit
from lms.certificates import pdf, queries, rules
from lms.certificates.models import (
    Certificate,
    CertificateCounter,
    CertificatePdf,
    Issuer,
    IssuerVersion,
    Revocation,
)
from lms.certificates.rules import AlreadyRevoked, Facts
from lms.content.queries import load_document
from lms.core import clock, jobs, text
from lms.core.actor import SYSTEM, Actor
from lms.core.db import begin_writing, db, insert_if_absent
from lms.learning.models import Enrolment
from lms.people.queries import find_post


def issue(enrolment_id: int, *, now: datetime) -> Certificate | None:
    """Freeze facts and number for a completed enrolment, once; None where none is due.

    None is due when the course issues none, or while nobody signs (`issue_waiting` follows then). The PDF is a job's:
    nothing here can fail a submission.
    """
    enrolment = db.session.get_one(Enrolment, enrolment_id)
    document = load_document(enrolment.completed_revision_id)
    version = queries.find_issuer_version(clock.day_of(now))
    stands = select(Certificate.id).where(Certificate.enrolment_id == enrolment_id)
    if document.certificate != "self" or db.session.scalar(stands) is not None:
        return None
    if version is None:
        # Who sets up an issuer at this very moment does not see this completion: a job looks again after both.
        jobs.enqueue("certificates.issue_waiting", f"enrolment {enrolment_id}", now=now)
        return None
    day = clock.day_of(now)
    sequence = _next_number(version.issuer_id, day.year)
    post = find_post(enrolment.learner_id, day)
    facts = Facts(
        issuer_parent=version.parent_name,
        issuer_name=version.name,
        issuer_abbreviation=version.abbreviation,
        place=version.place,
        signer_name=version.signer_name,
        signer_capacity=version.signer_capacity,
        holder_name=enrolment.learner.name,
        birth_date=enrolment.learner.birth_date,
        position=post.position if post else "",
        unit_name=post.unit_name if post else "",
        course_title=document.title,
        started_on=clock.day_of(enrolment.enrolled_at),
        finished_on=clock.day_of(enrolment.completed_at),
        hours=document.hours,
        fraction=enrolment.fraction,
        rating=rules.rating(enrolment.fraction),
        number=rules.number(sequence, day.year, version.abbreviation),
        register_number=rules.register_number(sequence),
        code=rules.new_code(secrets.SystemRandom()),
        issued_on=day,
        expires_on=clock.add_months(day, document.valid_months) if document.valid_months else None,
    )
    return _enter(enrolment, version.issuer_id, sequence, facts, post.unit_id if post else None, now)


def _enter(
    enrolment: Enrolment, issuer_id: int, sequence: int, facts: Facts, unit_id: int | None, now: datetime
) -> Certificate:
    """Write the row of the register and ask for its PDF."""
    certificate = Certificate(
        enrolment_id=enrolment.id,
        learner_id=enrolment.learner_id,
        course_id=enrolment.course_id,
        revision_id=enrolment.completed_revision_id,
        issuer_id=issuer_id,
        unit_id=unit_id,
        year=facts.issued_on.year,
        sequence=sequence,
        number=facts.number,
        code=facts.code,
        issued_at=now,
        issued_on=facts.issued_on,
        expires_on=facts.expires_on,
        holder_name=facts.holder_name,
        holder_sort_key=text.sort_key(facts.holder_name),
        holder_folded=text.fold(facts.holder_name),
        unit_name=facts.unit_name,
        course_title=facts.course_title,
        facts=facts.to_json(),
    )
    db.session.add(certificate)
    db.session.flush()
    audit.record(SYSTEM, "certificates:certificate:issue", certificate, now=now, label=facts.number)
    jobs.enqueue("certificates.render", certificate.id, now=now)
    return certificate


def _next_number(issuer_id: int, year: int) -> int:
    """The next number of the issuer's year; the counter's row is locked until the transaction ends."""
    insert_if_absent(CertificateCounter, {"issuer_id": issuer_id, "year": year, "last": 0}, ("issuer_id", "year"))
    return db.session.scalar(
        update(CertificateCounter)
        .where(CertificateCounter.issuer_id == issuer_id, CertificateCounter.year == year)
        .values(last=CertificateCounter.last + 1)
        .returning(CertificateCounter.last)
    )


def issue_waiting(*, now: datetime) -> int:
    """Issue what was completed while nobody signed; how many."""
    if queries.find_issuer_version(clock.day_of(now)) is None:
        return 0
    return sum(issue(enrolment_id, now=now) is not None for enrolment_id in queries.enrolments_without_certificate())


def render(certificate_id: int, *, now: datetime) -> None:
    """Make the PDF of the frozen facts and store it, unless it stands already."""
    if db.session.scalar(select(CertificatePdf.id).where(CertificatePdf.certificate_id == certificate_id)):
        return
    certificate = db.session.get_one(Certificate, certificate_id)
    facts, code = Facts.from_json(certificate.facts), certificate.code
    data = pdf.render(facts, verify_url(code))
    begin_writing()
    insert_if_absent(
        CertificatePdf,
        {
            "certificate_id": certificate_id,
            "data": data,
            "sha256": hashlib.sha256(data).hexdigest(),
            "created_at": now,
        },
        ("certificate_id",),
    )


def verify_url(code: str) -> str:
    """The public page of a certificate, as its QR code opens it."""
    return f"{current_app.config['SETTINGS'].base_url.rstrip('/')}/xm/{code}"


def revoke(certificate: Certificate, reason: str, *, by: Actor, now: datetime) -> Revocation:
    """Take a certificate back; its row and its document stay as they were."""
    if db.session.scalar(select(Revocation.id).where(Revocation.certificate_id == certificate.id)):
        raise AlreadyRevoked(number=certificate.number)
    revocation = Revocation(certificate_id=certificate.id, revoked_at=now, revoked_by_id=by.id, reason=reason)
    db.session.add(revocation)
    db.session.flush()
    audit.record(
        by,
        "certificates:certificate:revoke",
        certificate,
        now=now,
        label=certificate.number,
        after={"status": "revoked"},
    )
    return revocation


def set_issuer(
    *,
    parent_name: str,
    name: str,
    abbreviation: str,
    place: str,
    signer_name: str,
    signer_capacity: str,
    valid_from: date,
    by: Actor,
    now: datetime,
) -> IssuerVersion:
    """Say who issues and signs from a day on; what was issued before keeps what it says."""
    issuer = queries.default_issuer()
    if issuer is None:
        issuer = Issuer(is_default=True, created_at=now)
        db.session.add(issuer)
        db.session.flush()
    same_day = select(IssuerVersion).where(IssuerVersion.issuer_id == issuer.id, IssuerVersion.valid_from == valid_from)
    version = db.session.scalar(same_day) or IssuerVersion(issuer_id=issuer.id, valid_from=valid_from)
    version.parent_name, version.name, version.abbreviation = parent_name, name, abbreviation
    version.place, version.signer_name, version.signer_capacity = place, signer_name, signer_capacity
    db.session.add(version)
    db.session.flush()
    audit.record(
        by, "certificates:issuer:set", issuer, now=now, label=name, after={"valid_from": valid_from.isoformat()}
    )
    jobs.enqueue(
        "certificates.issue_waiting", f"issuer {version.id}", now=now, run_at=max(now, clock.start_of(valid_from))
    )
    return version
