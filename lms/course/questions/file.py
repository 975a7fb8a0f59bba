"""File: one or more files that a person marks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

from lms.course.problems import N_
from lms.course.questions.base import (
    WRONG_PAGE,
    Answer,
    BadAnswer,
    BadQuestion,
    Block,
    Feedback,
    Mark,
    Question,
    facts,
    plain,
)
from lms.course.questions.essay import Criterion, read_rubric, rubric_lines

WORDING = re.compile(
    r"(?:tệp|files?)(?P<kinds>(?:[ ,]+\.[A-Za-z0-9]{1,8})*)"
    r"(?:[,;]?[ ]+(?:(?:tối đa|at most|up to)[ ]+)?(?P<count>\d{1,2})[ ]*(?:tệp|files?))?"
    r"(?:[,;]?[ ]+(?:(?:tối đa|at most|up to)[ ]+)?(?P<size>\d{1,3})[ ]*MB(?:[ ]*(?:mỗi tệp|each))?)?$",
    re.IGNORECASE,
)
COUNT_LIMIT, SIZE_LIMIT = 10, 50
# What carries a program, or is shown by a browser as a page, is never taken in.
REFUSED = frozenset(
    {
        ".exe",
        ".bat",
        ".cmd",
        ".com",
        ".msi",
        ".scr",
        ".ps1",
        ".vbs",
        ".js",
        ".jar",
        ".html",
        ".htm",
        ".svg",
        ".xhtml",
        ".lnk",
        ".docm",
        ".xlsm",
        ".pptm",
    }
)
DIGEST = re.compile(r"[0-9a-f]{64}$")


@dataclass(frozen=True, kw_only=True)
class FileUpload(Question):
    """Hand in files; a person marks them."""

    kind: ClassVar[str] = "file"

    suffixes: tuple[str, ...] = ()
    """Lower case, with their dot; empty for any that is safe."""
    most_files: int = 1
    most_mib: int = 5
    rubric: tuple[Criterion, ...] = ()

    @classmethod
    def from_block(cls, block: Block) -> Self:
        said = WORDING.match(block.response)
        if said is None:
            raise BadQuestion(
                block.answer_line,
                N_(
                    "question “%(title)s”: “%(text)s” is not understood; write for example “Trả lời: tệp .docx .pdf, tối đa 2 tệp, 5 MB”"
                ),
                {"title": block.title, "text": block.response[:60]},
            )
        suffixes = tuple(dict.fromkeys(kind.lower() for kind in re.findall(r"\.[A-Za-z0-9]+", said["kinds"] or "")))
        if refused := [kind for kind in suffixes if kind in REFUSED]:
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s”: files of the kind %(kinds)s are not taken, because they can carry programs"),
                {"title": block.title, "kinds": ", ".join(refused)},
            )
        count, size = int(said["count"] or 1), int(said["size"] or 5)
        if not 1 <= count <= COUNT_LIMIT or not 1 <= size <= SIZE_LIMIT:
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s”: at most %(count)s files of at most %(size)s MB each can be asked for"),
                {"title": block.title, "count": COUNT_LIMIT, "size": SIZE_LIMIT},
            )
        rubric, shared = read_rubric(block)
        return cls(suffixes=suffixes, most_files=count, most_mib=size, rubric=rubric, **facts(cls, block) | shared)

    @property
    def needs_person(self) -> bool:
        return True

    @property
    def criteria(self) -> tuple[tuple[Decimal, str], ...]:
        return tuple((one.points, plain(one.text)) for one in self.rubric) or super().criteria

    def files(self, answer: Answer) -> tuple[str, ...]:
        return tuple(self.entered(answer))

    def answer_lines(self) -> list[str]:
        kinds = "".join(f" {kind}" for kind in self.suffixes)
        return [f"Trả lời: tệp{kinds}, tối đa {self.most_files} tệp, {self.most_mib} MB", *rubric_lines(self.rubric)]

    def shown(self, order: Sequence[int]) -> dict[str, Any]:
        return {"limits": {"suffixes": self.suffixes, "files": self.most_files, "mib": self.most_mib}}

    def read(self, raw: Sequence[str], order: Sequence[int] = ()) -> Answer:
        """`digest/name` of each file that was uploaded before; the upload itself checks kind and size."""
        found = []
        for value in raw:
            digest, _, name = value.partition("/")
            if not value.strip():
                continue
            if not DIGEST.match(digest) or not name or len(name) > 200 or "/" in name:
                raise BadAnswer(WRONG_PAGE)
            found.append({"digest": digest, "name": name})
        if len(found) > self.most_files:
            raise BadAnswer(N_("At most %(limit)s files can be handed in; take one out."), {"limit": self.most_files})
        return found or None

    def entered(self, answer: Answer, order: Sequence[int] = ()) -> list[str]:
        return [f"{file['digest']}/{file['name']}" for file in answer] if isinstance(answer, list) else []

    def in_words(self, answer: Answer, order: Sequence[int] = ()) -> str:
        return ", ".join(file["name"] for file in answer) if isinstance(answer, list) else ""

    def grade(self, answer: Answer) -> Mark:
        """Nothing handed in earns nothing; everything else waits for a person."""
        return Mark(None if answer else 0.0)

    def feedback(self, answer: Answer, order: Sequence[int] = ()) -> Feedback:
        return Feedback(
            fraction=self.grade(answer).fraction,
            options=(),
            given=self.in_words(answer),
            right="",
            explanation=self.explanation,
        )
