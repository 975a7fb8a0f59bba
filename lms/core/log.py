"""What the log may say of an exception: where it happened and its kind, never what a person typed."""

import traceback

from jinja2 import TemplateError

# Their words speak of code or of the machine. Others quote values: “invalid literal for int(): 'Nguyễn Thị An'”,
# “Key (email)=(an@…) already exists”.
_WITHOUT_VALUES = (AttributeError, ImportError, NameError, OSError, TemplateError, TypeError)


def said(error: BaseException) -> str:
    """The exception's kind, and its words where they cannot hold anybody's data."""
    kind = type(error)
    is_safe = isinstance(error, _WITHOUT_VALUES) or kind.__module__.startswith("lms.")
    return f"{kind.__qualname__}: {error}" if is_safe else kind.__qualname__


def traced(error: BaseException) -> str:
    """The same with its stack, and with those of the exceptions that led to it, first things first."""
    told, one = [], error
    while True:
        told.append("".join(traceback.format_tb(one.__traceback__)) + said(one))
        before = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        if before is None:
            return "\nwhich led to:\n".join(reversed(told))
        one = before
