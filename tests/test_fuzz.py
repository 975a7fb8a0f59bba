"""Whatever is sent, by whomever, is answered in words: no address, form or body makes the server crash."""

import random

import pytest

from lms.certificates.models import Certificate
from lms.core.db import db
from lms.learning.models import Enrolment
from tests import cast, make
from tests.see import all_of

VALUES = [
    "", " ", "0", "1", "2", "-1", "²", "9" * 30, "1e9", "NaN", "x", "x" * 300, "x" * 5_000, "\x00", "a\x00b", "\u202e", "\ufeff",
    "😀" * 50, "Ắ" * 400, "<script>", "%s%(x)d{}", "'; DROP TABLE user; --", "../../etc/passwd", "31/12/2026", "31/02/2026",
    "01/01/0001", "31/12/9999", "2026-12-31", "0905123456", "an@songlam.example", "moi@songlam.example", "hr", "admin", "learner",
    "division", "minor", "material", "mau", "vi", "dark", "lg", "true", "on", "\r\nX: y", "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC", "SKHCN",
    "thu-do", "drop", "everyone", "new_key", "nguoi",
]  # fmt: skip
FIELDS = [
    "name", "email", "phone", "staff_code", "unit", "position", "roles", "kind", "parent", "valid_from", "course", "due_on",
    "person", "reason", "note", "weight", "digest", "text", "theme", "locale", "next", "login", "password", "current", "go",
    "q-1", "s-1", "r-1", "q-3", "s-3", "is_open", "parent_name", "abbreviation", "place", "signer_name", "signer_capacity",
    "sdt_ho_tro", "tim", "on", "successor", "basis", "item", "count", "seen", "move", "is_retired", "step", "choice", "path",
    "points-0", "points-1", "comment", "take_out", "question", "how",
]  # fmt: skip
ARGUMENTS = [
    "tim",
    "khoa",
    "don-vi",
    "trang-thai",
    "tu",
    "den",
    "nguoi",
    "viec",
    "sau",
    "cau",
    "ma",
    "next",
    "theo",
    "question",
    "how",
]
LEAVES = {"people.sign_out", "people.sign_out_everywhere", "people.set_state", "people.do_change_password"}


@pytest.fixture
def world(app, client, client_of):
    """A course with somebody in the middle of it and somebody certified; browsers of everybody; ids that exist."""
    make.issuer()
    make.course(make.DRILL)
    make.history([cast.person("chi").id], "mau")
    taken = make.enrolment(cast.person("an"), "mau")
    attempt = make.attempt(taken).id
    certificate = all_of(Certificate)[0]
    browsers = {who: client_of(who) for who in cast.CAST} | {"anybody": client}
    run = int(browsers["an"].post("/dien-tap/mau/tap/bat-dau").location.rpartition("/")[2])
    known = {"slug": "mau", "item": "thi", "attempt_id": attempt, "user_id": cast.person("an").id, "code": certificate.code,
             "certificate_id": certificate.id, "job_id": 1, "number": 1, "digest": "0" * 64, "name": "x.png",
             "unit_id": cast.unit("vhxh").id, "enrolment_id": taken.id, "check": "x",
             "run_id": run, "path": "mot.md", "question": "thu-do", "version": 1, "draft_id": 1, "publication_id": 1, "link_id": 1,
             "release_id": 1, "kind": "tai-lieu-phat-tay"}  # fmt: skip
    make.done(None)
    return browsers, known


def addresses(app, method, known, chance):
    """Each address with ids that exist, and with ones that cannot."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if method in rule.methods and rule.endpoint not in LEAVES:
            yield (
                rule.endpoint,
                adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments}, method=method),
            )
            odd = {
                name: chance.choice([0, 2**31 - 1]) if isinstance(known[name], int) else chance.choice(VALUES[12:])
                for name in rule.arguments
            }
            if rule.arguments:
                yield rule.endpoint, adapter.build(rule.endpoint, odd, method=method)


def test_no_address_makes_the_server_crash(app, world):
    browsers, known = world
    chance = random.Random(1)
    for _endpoint, url in list(addresses(app, "GET", known, chance)):
        for who in ("an", chance.choice(["dung", "hoa", "giang", "anybody"])):
            asked = {name: chance.choice(VALUES) for name in chance.sample(ARGUMENTS, 4)}
            answer = browsers[who].get(url, query_string=asked)
            assert answer.status_code < 500, (who, url, asked)


def test_no_form_makes_the_server_crash(app, world):
    browsers, known = world
    chance = random.Random(2)
    for endpoint, url in [pair for _ in range(6) for pair in addresses(app, "POST", known, chance)]:
        who = chance.choice(["an", "dung", "hoa", "giang", "giang", "hoa", "anybody"])
        form = {
            name: [chance.choice(VALUES) for _ in range(chance.choice([1, 1, 1, 3]))]
            for name in FIELDS
            if chance.random() < 0.8
        }
        answer = browsers[who].post(url, data=form)
        assert answer.status_code < 500, (endpoint, who, url, form)


@pytest.mark.parametrize("path", ["/dang-nhap/tai-cho", "/luot-lam-bai/{attempt_id}/luu"])
def test_no_body_makes_the_server_crash(world, path):
    browsers, known = world
    chance = random.Random(3)

    def anything(depth=0):
        kinds = [None, True, 0, -1, 10**40, 1.5, "x", "\ud800", "\x00", "9" * 50, *VALUES]
        if depth > 3 or chance.random() < 0.5:
            return chance.choice(kinds)
        names = ["answers", "question", "values", "revision", "at", "login", "password", "x"]
        if chance.random() < 0.5:
            return [anything(depth + 1) for _ in range(chance.randrange(4))]
        return {name: anything(depth + 1) for name in chance.sample(names, 4)}

    url = path.format(**known)
    bodies = [{"json": anything()} for _ in range(40)]
    bodies += [
        {"json": {"answers": [{"question": 3, "values": [value], "revision": 0, "at": value}]}} for value in VALUES
    ]
    bodies += [
        {"data": data, "content_type": "application/json"}
        for data in (b"", b"{", b"\xff", b"[" * 2_000, b"1e999", b"NaN")
    ]
    for body in bodies:
        answer = browsers["an"].post(url, **body)
        assert answer.status_code < 500, body
    assert db.session.scalar(db.select(db.func.count()).select_from(Enrolment)) == 2


def test_every_file_can_still_be_written_after_whatever_was_typed(app, world):
    """Days far from ours, characters no keyboard has: the workbooks and lists take them all."""
    browsers, _known = world
    giang = browsers["giang"]
    for number, day in enumerate(("01/01/0001", "31/12/1899", "31/12/9999")):
        data = {"course": "mau", "person": cast.person("dung").id + number, "unit": 0, "due_on": day}
        assert giang.post("/theo-doi/ghi-danh", data=data).status_code in {303, 422}
    for value in VALUES:
        giang.post(f"/quan-tri/tai-khoan/{cast.person('an').id}/ten", data={"name": value[:200]})
        for url in ("/theo-doi/hoan-thanh.xlsx", "/theo-doi/giay-chung-nhan.xlsx", "/theo-doi/hoan-thanh"):
            assert giang.get(url).status_code == 200, (value, url)
