"""The sentences of the document, in Vietnamese whatever the reader's language; plain values only."""

from decimal import Decimal

from lms.certificates.rules import Facts, Rating, score, short_date

TITLE = ("Giấy chứng nhận", "Hoàn thành khóa học")
_COMMITTEES = ("ủy ban nhân dân ", "uỷ ban nhân dân ", "ubnd ")


def certifier(facts: Facts) -> str:
    """In whose name it is certified: the head of the issuer, also where a deputy signs (KT.).

    A signature for a collective body (TM.) certifies in the name of that body.
    """
    prefix, dot, office = facts.signer_capacity.split("\n")[0].strip().partition(".")
    issuer = f"{facts.issuer_name}{_seat(facts)}"
    match prefix.strip().upper() if dot else "":
        case "TM":
            return issuer.upper()
        case "KT" | "TL" | "TUQ":
            return f"{office.strip()} {issuer}".upper()
        case "Q":
            return f"Quyền {office.strip()} {issuer}".upper()
    return f"{facts.signer_capacity.splitlines()[0].strip()} {issuer}".upper()


def _seat(facts: Facts) -> str:
    """“ thành phố Đà Nẵng” for a department of its people's committee, unless the name says so already."""
    parent = facts.issuer_parent.strip()
    for committee in _COMMITTEES:
        if parent.lower().startswith(committee):
            seat = parent[len(committee) :].strip()
            return "" if seat.lower() in facts.issuer_name.lower() else f" {seat}"
    return ""


def period(facts: Facts) -> str:
    """từ ngày 01/12/2026 đến ngày 15/12/2026 (16 tiết)."""
    first, last = short_date(facts.started_on), short_date(facts.finished_on)
    days = f"ngày {first}" if first == last else f"từ ngày {first} đến ngày {last}"
    return days if facts.hours is None else f"{days} ({plain_number(facts.hours)} tiết)"


def result(facts: Facts) -> tuple[str, str]:
    """The label and its value: how well where it was graded, otherwise that it was completed."""
    if facts.fraction is None or facts.rating == Rating.COMPLETED:
        return "Kết quả", str(Rating.COMPLETED)
    return "Xếp loại", f"{facts.rating} ({score_text(score(facts.fraction))} điểm)"


def post(facts: Facts) -> tuple[str, str]:
    """The label and its value: position and unit, as many of the two as there are."""
    known = [(label, text) for label, text in (("chức vụ", facts.position), ("đơn vị", facts.unit_name)) if text]
    return ", ".join(label for label, _ in known).capitalize(), ", ".join(text for _, text in known)


def plain_number(value: Decimal) -> str:
    """16 or 2,5: a decimal comma and no idle zeros."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def score_text(value: Decimal) -> str:
    """8,5 and 9,0: always the one decimal."""
    return f"{value:.1f}".replace(".", ",")
