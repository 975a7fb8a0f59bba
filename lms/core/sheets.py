"""Tables to Excel workbooks; the only user of XlsxWriter."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from lms.core import clock

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Column:
    """A heading and its width in characters."""

    heading: str
    width: int = 16


def xlsx(title: str, lines: Sequence[str], columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook of one sheet: title block, frozen headings with filters, A4 landscape, repeated headings.

    Text stays text (codes keep their zeros, nothing becomes a formula), dates are real dates.
    """
    out = io.BytesIO()
    # In-memory rows would take seven times the memory; constant memory writes them as they come.
    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_date_format": "dd/mm/yyyy",
        },
    )
    sheet = book.add_worksheet(title[:31].translate(dict.fromkeys(map(ord, "[]:*?/\\"), " ")))
    bold = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "bg_color": "#E8EDF3"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"border": 1, "text_wrap": True, "valign": "top", "num_format": "@"})
    day = book.add_format({"border": 1, "valign": "top", "num_format": "dd/mm/yyyy"})
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
    sheet.write_string(0, 0, title, bold)
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line)
    top = len(lines) + 2
    for index, column in enumerate(columns):
        sheet.write_string(top, index, column.heading, head)
    last = top
    for last, values in enumerate(rows, start=top + 1):
        for index, value in enumerate(values):
            _write(sheet, last, index, value, cell, text, day)
    sheet.autofilter(top, 0, max(last, top + 1), len(columns) - 1)
    sheet.freeze_panes(top + 1, 0)
    sheet.repeat_rows(top)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P/&N")
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, index: int, value: Any, cell: Any, text: Any, day: Any) -> None:
    """One value in the way Excel understands its kind."""
    if value is None or value == "":
        sheet.write_blank(row, index, None, cell)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, index, clock.local(value).replace(tzinfo=None), day)
    elif isinstance(value, date):
        sheet.write_datetime(row, index, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001 - Excel has no zones
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, index, value, cell)
    else:
        sheet.write_string(row, index, str(value), text)
