"""The house rules that a machine can check."""

import ast
from pathlib import Path

import pytest

from lms.app import create_app
from lms.core.db import Model
from lms.features import ORDER
from lms.settings import Settings

ROOT = Path("lms")
LAYERS = ("course", "core", "web", *ORDER)
IN_FEATURE = ("rules", "events", "models", "queries", "service", "forms", "tasks", "cli", "routes")
PURE = ("lms.course", "lms.interop.formats")
IMPURE = (
    "flask",
    "flask_login",
    "flask_sqlalchemy",
    "sqlalchemy",
    "lms.core.db",
    "requests",
    "socket",
    "pathlib",
    "time",
)
ONE_PLACE = {
    "weasyprint": ("lms.core.pdf",),
    "pydyf": ("lms.certificates.drawing", "lms.core.lean"),
    "fontTools": ("lms.certificates.typesetting",),
    "PIL": ("lms.content.media",),
    "segno": ("lms.certificates.qr",),
    "markdown": ("lms.course.markdown",),
    "nh3": ("lms.course.markdown",),
    "yaml": ("lms.course.references",),
    "cattrs": ("lms.course.document",),
    "argon2": ("lms.people.signin.password",),
    "xlsxwriter": ("lms.core.sheets",),
    "mammoth": ("lms.interop.formats.word",),
    "whitenoise": ("lms.web.assets",),
    "flask_limiter": ("lms.web.security",),
}
COMMITS = ("lms.web.errors", "lms.core.jobs", "lms.cli")
FILES = sorted(ROOT.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> set[str]:
    """Every import in the file; one that hides in a function or an `if` is refused."""
    found, tree = set(), ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert node in tree.body, f"{path}:{node.lineno}: import not at the top"
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def place(module: str) -> tuple[int, int]:
    """Where a module stands; a higher place may import a lower one."""
    _, layer, *rest = [*module.split("."), "", ""]
    if layer not in LAYERS:
        return len(LAYERS), 0  # app, reactions, cli, settings: composition, or plain values
    file = rest[0] if rest and rest[0] in IN_FEATURE else ""
    return LAYERS.index(layer), IN_FEATURE.index(file) if file else -1


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_point_down(path):
    here = place(name_of(path))
    for target in imports(path):
        if target.startswith("lms.") and not target.startswith("lms.settings"):
            there = place(target)
            assert there[0] <= here[0], f"{path} may not import {target}"
            if there[0] == here[0] and -1 not in {there[1], here[1]}:
                assert there[1] <= here[1], f"{path} may not import {target}"
        if "core" in path.parts or "web" in path.parts:
            assert not target.startswith("lms.course")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_pure_modules_stay_pure(path):
    if name_of(path).startswith(PURE) or path.name in {"rules.py", "events.py"}:
        assert not [
            target for target in imports(path) if target.split(".")[0] in IMPURE or target.startswith("lms.core.db")
        ]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_library_has_one_door(path):
    for target in imports(path):
        doors = ONE_PLACE.get(target.split(".")[0])
        assert doors is None or name_of(path) in doors, f"{path} may not import {target}"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_the_request_commits(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            assert name_of(path) in COMMITS, f"{path}:{node.lineno}: the request commits, not you"


@pytest.fixture(scope="module")
def plain_app(tmp_path_factory):
    return create_app(Settings(instance=tmp_path_factory.mktemp("instance")))


def test_relationships_point_left(plain_app):
    with plain_app.app_context():
        for mapper in Model.registry.mappers:
            for link in mapper.relationships:
                here, there = (place(c.__module__)[0] for c in (mapper.class_, link.entity.class_))
                assert there <= here, f"{link} points right"


def test_every_view_declares_its_access(plain_app):
    views = plain_app.view_functions
    assert [
        rule.endpoint for rule in plain_app.url_map.iter_rules() if not hasattr(views[rule.endpoint], "access")
    ] == []


def test_templates_hold_nothing_inline_and_trust_nothing():
    for template in ROOT.rglob("templates/**/*.html"):
        text = template.read_text("utf-8")
        if "certificates/document" in template.as_posix():
            continue  # the PDF's own page, which no browser sees
        for forbidden in ("|safe", "| safe", " style=", "<style", " onclick=", " onload=", "<script>"):
            assert forbidden not in text, f"{template}: {forbidden}"
