"""The job aids of the courses: each on one page, in letters that can be read."""

import io

import pypdfium2
import pytest

from lms.content import disk
from lms.content.models import Revision
from lms.content.queries import find_course, load_document
from lms.core.db import db
from lms.course.printouts import Kind
from lms.handouts import printing
from lms.settings import ROOT
from tests import make

FOLDERS = sorted(path.parent for path in (ROOT / "courses").glob("*/course.md"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_job_aid_is_one_page(app, folder):
    make.issuer()
    course = find_course(make.publish_source(disk.read(folder)))
    digest = db.session.scalars(db.select(Revision.digest).where(Revision.id == course.revision_id)).one()
    data = printing.draw(load_document(course.revision_id), course.revision_id, digest, Kind.JOB_AID)
    [page] = pypdfium2.PdfDocument(io.BytesIO(data))
    assert len(page.get_textpage().get_text_range()) > 2_000
