"""What tests need, made in a line: courses, the issuer, people, enrolments, attempts, whole histories."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.assessment import marking
from lms.assessment import service as assessment
from lms.assessment.models import Attempt, AwaitedMark
from lms.certificates.service import set_issuer
from lms.content import disk
from lms.content.members import make_owner
from lms.content.models import Course
from lms.content.queries import find_course, load_document
from lms.content.service import prepare, publish
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import begin_reading, begin_writing, db
from lms.course.parse import parse
from lms.course.questions.choices import ChoiceQuestion
from lms.course.source import Source
from lms.learning import service as learning
from lms.learning.models import Enrolment, ItemRecord
from lms.people import service as people
from lms.people.models import User
from lms.settings import ROOT
from tests import cast

SAMPLE = ROOT / "tests" / "samples" / "ung-cuu-su-co"
FILES = {
    "course.md": """---
format: 1
id: mau
title: Khóa mẫu
grade_from: thi
complete: all
---

Giới thiệu, gọi {{sdt_ho_tro}}.

## Phần 1

- [Bài một](mot.md)
- [Bài hai](hai.md)
- [Thi](thi.md)
""",
    "mot.md": "---\nid: mot\ntitle: Bài một\nminutes: 5\n---\n\n## Mở đầu\n\nMột đoạn.\n",
    "hai.md": "---\nid: hai\ntitle: Bài hai\nminutes: 5\n---\n\n## Tiếp theo\n\nMột đoạn nữa.\n",
    "thi.md": """---
id: thi
kind: quiz
title: Thi
pass: 60%
minutes: 30
show: answers
---

## Thủ đô {#thu-do}
Thủ đô nằm ở đâu?

- [x] Hà Nội
- [ ] Huế
- [ ] Vinh

## Các ngày {#cac-ngay}
Những ngày nào trong tuần là ngày làm việc?

- [x] Thứ Hai
- [x] Thứ Ba
- [ ] Chủ nhật

## Số giờ {#so-gio}
Bao nhiêu giờ?

Đáp án: 72 giờ
""",
}


DRILL = {
    "course.md": FILES["course.md"] + "- [Tập](tap.md) *(không bắt buộc)*\n",
    "tap.md": """---
id: tap
kind: drill
title: Tập dượt
starts: 2026-12-07 07:50
scales: Điểm, Bằng chứng
bands: 80 Tốt; 50 Đạt; 0 Tập lại
pass: 50
deadlines: 24 giờ Báo đầu
---

Gọi {{sdt_ho_tro}}.

## Tệp lạ {#n1}
Tệp đổi đuôi.

> sau 3 phút: Máy thứ hai báo lỗi.

- [Đợi](#n2) -10 · 40 phút · T0 · đặt muộn
  > Mã độc lan thêm.
- [Rút mạng](#n2) +50 · Bằng chứng +20 · 5 phút · T0
  > Chặn lây lan.

## Báo {#n2}
Phải báo.

- nếu không muộn: [Báo ngay](#het) +50 · 10 phút · xong Báo đầu
  > Đúng.
- [Mai báo](#het) -5 · 30 giờ
  > Quá hạn.
- nếu muộn: [Báo và ghi đúng giờ](#het) +30 · 20 phút · xong Báo đầu
  > Vẫn trong hạn.

## Hết {#het}
Xong việc.
""",
}
"""A small drill as the last item of the small course."""


def course(changed: Mapping[str, str | None] | None = None) -> str:
    """Publish the small course with these files changed (None takes one out); returns its slug."""
    files = {**FILES, **(changed or {})}
    return publish_source(Source({path: text.encode() for path, text in files.items() if text is not None}))


def sample_course() -> str:
    """Publish the course that comes with the product; returns its slug. Dũng owns it, like every course made here."""
    return publish_source(disk.read(SAMPLE))


def publish_source(source: Source) -> str:
    """Publish it as Dũng's; returns its slug."""
    doc, problems = parse(source)
    assert doc is not None, problems
    begin_reading()
    prepared = prepare(source, doc, problems)
    begin_writing()
    revision = publish(prepared, by=SYSTEM, now=clock.now())
    trainer = db.session.scalar(db.select(User.id).where(User.email == cast.CAST["dung"].email))
    make_owner(revision.course, trainer, now=clock.now())
    return done(doc.id)


def done(made: Any) -> Any:
    """Commit, and hold no lock while the test looks on."""
    db.session.commit()
    begin_reading()
    return made


def issuer() -> None:
    """Say who issues certificates."""
    begin_writing()
    set_issuer(
        parent_name="UBND tỉnh Sông Lam", name="Sở Khoa học và Công nghệ", abbreviation="SKHCN", place="Sông Lam",
        signer_name="Phạm Văn Khánh", signer_capacity="GIÁM ĐỐC", valid_from=date(2025, 7, 1), by=SYSTEM, now=clock.now(),
    )  # fmt: skip
    done(None)


def enrolment(learner: User, slug: str, due_on: date | None = None) -> Enrolment:
    """The person takes the course, given by HR."""
    found, user_id = find_course(slug), learner.id
    assert found is not None
    course_id = found.id
    begin_writing()
    given = db.session.get_one(Course, course_id)
    return done(learning.enrol(user_id, given, by=SYSTEM, due_on=due_on, now=clock.now()))


def attempt(taken: Enrolment, item: str = "thi") -> Attempt:
    """An open attempt at the quiz of the course as it stands."""
    enrolment_id, course_id = taken.id, taken.course_id
    begin_writing()
    revision_id = db.session.get_one(Course, course_id).revision_id
    quiz = load_document(revision_id).quiz(item)
    return done(assessment.begin(enrolment_id, revision_id, quiz, now=clock.now()))


def right_values(of: Attempt) -> dict[int, list[str]]:
    """The right answers of a paper, by shown number, as its form would send them."""
    quiz = load_document(of.revision_id).quiz(of.item)
    found = {}
    for number, entry in enumerate(of.paper, start=1):
        question = quiz.question(entry["question"])
        if isinstance(question, ChoiceQuestion):
            right = [place for place in range(len(question.options)) if question.is_right(place)]
            found[number] = [str(entry["order"].index(place)) for place in right]
        else:
            found[number] = [question.feedback(None).right]
    return found


def answers(values: Mapping[int, list[str]]) -> dict[str, list[dict[str, object]]]:
    """The body of a first save of these answers."""
    return {"answers": [{"question": n, "values": given, "revision": 0} for n, given in values.items()]}


ESSAY = """---
id: thi
kind: quiz
title: Bài tập
show: answers
---

## Cách xử lý {#xu-ly}
Máy của bộ phận một cửa bị mã hóa. Nêu cách xử lý.

Trả lời: tự luận, 5–300 từ

Thang điểm:
- 4 điểm: đúng căn cứ
- 6 điểm: đủ bước
"""


def essay(learner: User, slug: str = "cham-tay") -> Attempt:
    """An attempt at a quiz with one essay, submitted; the course is published when it is not there yet."""
    learner_id = learner.id
    if find_course(slug) is None:
        course({"course.md": FILES["course.md"].replace("id: mau", f"id: {slug}"), "thi.md": ESSAY})
    tried = attempt(enrolment(db.session.get_one(User, learner_id), slug))
    begin_writing()
    text = "Rút dây mạng, giữ nguyên máy, ghi giờ, rồi báo đầu mối an toàn thông tin của tỉnh."
    assessment.save(learner_id, tried.id, [assessment.Given(1, [text], 0)], now=clock.now())
    return done(assessment.submit(learner_id, tried.id, now=clock.now()))


def marked(of: Attempt, by: User, *points: str) -> int:
    """Every waiting answer of the attempt marked by this person and released; the number of the release."""
    attempt_id, marker_id = of.id, by.id
    begin_writing()
    waiting = db.session.scalars(db.select(AwaitedMark).where(AwaitedMark.attempt_id == attempt_id)).all()
    marker, quiz_course = db.session.get_one(User, marker_id), db.session.get_one(Course, waiting[0].course_id)
    given = [Decimal(one) for one in points or ("4", "4.5")]
    for one in waiting:
        place = marking.Place(one.course_id, one.item, one.question, attempt_id)
        marking.save(place, given, "Thiếu bước báo cáo", by=marker, now=clock.now())
    return done(marking.release(quiz_course, waiting[0].item, by=marker, now=clock.now()).id)


def colleagues(count: int, unit: str = "vhxh") -> list[int]:
    """Other people with accounts and posts in a unit; their ids."""
    begin_writing()
    now, here = clock.now(), cast.unit(unit)
    first = db.session.scalar(db.select(db.func.count()).select_from(User)) or 0
    made = []
    for number in range(first, first + count):
        user = people.add_user(
            name=f"Nguyễn Văn Bình {number}", email=f"binh{number}@songlam.example", password_hash=None,
            must_change_password=False, by=SYSTEM, now=now,
        )  # fmt: skip
        people.assign(user, here, "Chuyên viên", valid_from=cast.SINCE, by=SYSTEM, now=now)
        made.append(user.id)
    return done(made)


def history(user_ids: list[int], slug: str) -> None:
    """Each of them took the course, passed its quiz and has a certificate."""
    begin_writing()
    taken = find_course(slug)
    assert taken is not None
    doc = load_document(taken.revision_id)
    quiz = doc.quizzes[0]
    for user_id in user_ids:
        now = clock.now()
        one = learning.enrol(user_id, taken, by=SYSTEM, now=now)
        read = {"enrolment_id": one.id, "passed": True, "recorded_at": now, "done_at": now}
        db.session.add_all(ItemRecord(item=lesson.id, **read) for lesson in doc.lessons)
        tried = assessment.begin(one.id, taken.revision_id, quiz, now=now)
        given = [assessment.Given(number, values, 0) for number, values in right_values(tried).items()]
        assessment.save(user_id, tried.id, given, now=now)
        assessment.submit(user_id, tried.id, now=now)
    done(None)


def zipped(files: Mapping[str, str | bytes]) -> io.BytesIO:
    """The files as a .zip, as a trainer uploads it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    out.seek(0)
    return out


BEST_WAY = (1, 2, 0, 2, 1, 1, 1, 3, 1, 0, 0, 1, 0, 1)
"""The choices of the drill that comes with the product by their places: the way that earns most."""
WORST_WAY = (2, 0, 2, 1, 2, 4, 0, 0, 3, 0, 2, 3)
"""One that ends with the report sent too late."""


def play(browser: FlaskClient, url: str, way: Sequence[int]) -> TestResponse:
    """Decide step by step in an open run; the last answer."""
    answers = [browser.post(url, data={"step": number, "choice": place}) for number, place in enumerate(way, start=1)]
    assert {answer.status_code for answer in answers} == {303}, [answer.status_code for answer in answers]
    return answers[-1]


def drill_runs(browser: FlaskClient, slug: str, item: str = "dt-ma-doc") -> tuple[str, str]:
    """The addresses of a run that is over and of one in the middle."""
    begin = f"/dien-tap/{slug}/{item}/bat-dau"
    ended = browser.post(begin).location
    play(browser, ended, WORST_WAY)
    going = browser.post(begin).location
    play(browser, going, BEST_WAY[:6])
    return ended, going


def correct(browser: FlaskClient, question: str, how: str) -> TestResponse:
    """Look at what correcting a question of `mau` would change, then decide it; the jobs stay to be done."""
    where = browser.post("/soan/mau/tinh-lai/thi/thu", data={"question": question, "how": how}).location
    jobs.run_all_due()
    data = {"thu": where.partition("thu=")[2], "reason": "Đáp án công bố sai"}
    return browser.post("/soan/mau/tinh-lai/thi", data=data)
