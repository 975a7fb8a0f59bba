"""Documentation: everything that an operator may set, say or allow is told, and everything that is told exists."""

import re
from dataclasses import fields

import click
import pytest

from lms.cli import main
from lms.core.permissions import Permission
from lms.people.rules import ALLOWS, Role
from lms.settings import ROOT, Settings

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.MULTILINE))
# Variables that are no settings: of the set-up, the tests and the benchmark.
VARIABLES = set(re.findall(r"^([A-Z]+) \?=", MAKEFILE, re.MULTILINE)) | {"CHROMIUM", "BENCH_SECONDS"}


def commands(group=main, words=("lms",)):
    """Every command with its parameters, groups opened."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


COMMANDS = dict(commands())


def names_of(command):
    """Every option as it is typed; the arguments stand in the command's own line."""
    options = {
        name
        for option in command.params
        if isinstance(option, click.Option)
        for name in (*option.opts, *option.secondary_opts)
    }
    return {name for name in options if name.startswith("--")}


def spoken(text):
    """What stands in code: fenced blocks and `spans`."""
    fences = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [line.strip() for fence in fences for line in fence.splitlines()] + spans


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_every_setting_is_told(name):
    assert f"`{name}`" in OPERATIONS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_told_with_its_options(name):
    rows = [line for line in OPERATIONS.splitlines() if line.startswith(f"| `{name}")]
    assert len(rows) == 1
    assert names_of(COMMANDS[name]) - {"--help"} <= set(re.findall(r"--[a-z-]+", rows[0]))
    arguments = [param.name.upper() for param in COMMANDS[name].params if isinstance(param, click.Argument)]
    assert f"`{' '.join([name, *arguments])}`" in rows[0]


def test_every_permission_is_told_with_the_roles_that_have_it():
    told = {}
    for row in re.findall(r"^\| `([a-z_:]+)` \|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|$", SECURITY, re.MULTILINE):
        told[row[0]] = tuple(cell.strip() == "yes" for cell in row[1:])
    roles = (Role.HR, Role.TRAINER, Role.ADMIN)
    assert told == {permission.value: tuple(permission in ALLOWS[role] for role in roles) for permission in Permission}


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_every_make_target_is_told(target):
    assert f"`make {target}`" in OPERATIONS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_told_exists(page):
    groups = {name.rpartition(" ")[0] for name in COMMANDS}
    for line in spoken(page.read_text("utf-8")):
        code = re.sub(r"^(?:[A-Z_]+=\S+ )+", "", line).partition("#")[0].strip()
        words = code.split()
        if words[:1] == ["make"] and len(words) > 1:
            assert words[1] in TARGETS, code
        if words[:1] == ["lms"] and len(words) > 1 and words[1].islower():
            known = [name for name in COMMANDS if code == name or code.startswith(f"{name} ")]
            assert known or code in groups, code
            for option in re.findall(r"--[a-z-]+", code):
                assert option in names_of(COMMANDS[known[0]]), code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_variable_file_and_link_that_is_told_exists(page):
    text = page.read_text("utf-8")
    settings = {f"LMS_{field.name.upper()}" for field in fields(Settings)}
    for name in re.findall(r"\bLMS_[A-Z_]+\b", text):
        assert name in settings, name
    for name in re.findall(r"\b([A-Z_]{4,})=", text):
        assert name in VARIABLES | settings or name.startswith("LMS_"), name
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert "://" in link or (page.parent / link).exists(), link
    for path in re.findall(r"`((?:lms|tests|docs|deploy|benchmarks|courses|migrations)/[\w./<>-]*)`", text):
        assert "<" in path or (ROOT / path).exists(), path
    words = text.lower()
    for unit in ("systemd", "nginx"):
        assert unit not in words or list((ROOT / "deploy").rglob(f"*{unit}*")), f"{page.name} promises {unit}"
