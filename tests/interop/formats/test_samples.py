"""The samples say what their JSON says, in each format."""

import json
from pathlib import Path

import pytest

from lms.interop.formats import FORMATS

SAMPLES = sorted(
    (name, path)
    for name in FORMATS
    for path in Path("tests/samples", name).iterdir()
    if path.suffix in FORMATS[name].suffixes
)


@pytest.mark.parametrize(("name", "path"), SAMPLES, ids=lambda value: getattr(value, "name", value))
def test_a_sample_is_understood_as_before(name, path):
    found, problems = FORMATS[name].read(path.read_bytes(), path.name)
    said = {
        "questions": [question.to_json() for question in found],
        "problems": [f"{problem.line} {problem.level.value} {problem.text()}" for problem in problems],
    }
    assert said == json.loads(path.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize(("name", "path"), SAMPLES, ids=lambda value: getattr(value, "name", value))
def test_a_sample_is_the_same_after_writing_and_reading(name, path):
    found, _ = FORMATS[name].read(path.read_bytes(), path.name)
    data, _ = FORMATS[name].write(found)
    assert FORMATS[name].read(data, "")[0] == found


def test_every_format_has_a_sample():
    assert {name for name, _ in SAMPLES} == set(FORMATS)
