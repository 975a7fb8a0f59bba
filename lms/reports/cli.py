"""Commands about what was learnt."""

import sys

import click

from lms.content.queries import find_course
from lms.course.completion import Done
from lms.reports import recompute


@click.group()
def learning() -> None:
    """What learners have done and completed."""


@learning.command("recompute")
@click.argument("slug", required=False)
def recompute_all(slug: str | None) -> None:
    """Work out every result and completion anew (of the course SLUG) and report what is stored otherwise; exit 1 then.

    Nothing is changed.
    """
    course = find_course(slug) if slug else None
    if slug and course is None:
        raise click.ClickException(f"không có khóa học “{slug}”")
    count = 0
    for one in recompute.differences(course.id if course else None):
        count += 1
        what = f"bài {one.item}" if one.item else "hoàn thành khóa học"
        what += f", lượt diễn tập {one.run}" if one.run else ""
        click.echo(
            f"! ghi danh {one.enrolment_id}, {what}: đang ghi “{_words(one.stored)}”, tính lại là “{_words(one.worked_out)}”"
        )
    if count:
        click.echo(f"{count} chỗ khác với hồ sơ. Khóa vừa xuất bản bản mới thì chờ việc nền xong rồi chạy lại.")
        sys.exit(1)
    click.echo("Kết quả và việc hoàn thành đúng như hồ sơ.")


def _words(state: Done | None) -> str:
    """“đạt 80%”."""
    if state is None:
        return "chưa có"
    said = "đạt" if state.passed else "chưa đạt"
    return said if state.fraction is None else f"{said} {100 * state.fraction:.4g}%"
