"""Templates: each compiles, trusts nothing, says nothing untranslated and names only what exists."""

import ast
import re
from html.parser import HTMLParser

import pytest

from lms.app import create_app
from lms.settings import ROOT, Settings

LMS = ROOT / "lms"
FILES = sorted(path for path in LMS.rglob("templates/**/*.html"))
# The documents that WeasyPrint prints: Vietnamese whatever the reader's language, and no pages.
DOCUMENTS = [LMS / name / "templates" / name / "document.html" for name in ("certificates", "drills")]
# Every part of the pages with something in it; what it says is an example.
THE_GALLERY = LMS / "web" / "templates" / "gallery.html"
PAGES = [path for path in FILES if path not in DOCUMENTS]
# Where HTML is trusted: what lms.course.markdown rendered and sanitised, and nothing else.
TRUSTED = {
    "content/_preview.html": {"preview.text"},
    "interop/bring.html": {"html"},
    "learning/course.html": {"introduction"},
    "content/_body.html": {"part"},
    "assessment/quiz.html": {"introduction"},
    "drills/drill.html": {"introduction"},
    "handouts/handout.html": {"introduction", "one.body"},
    "handouts/job_aid.html": {"point.body"},
}
MARKUP = {"lms/web/filters.py", "lms/web/assets.py", "lms/content/rendering.py", "lms/content/scenes.py"}
# Signs and names that are the same in every language; "btn" is a class that a macro gives.
NO_WORDS = {"btn", "A", "PDF", "ZIP", "QR", "Excel", "SHA-256", "Tiếng Việt", "English", "Markdown", "XLSX"}
HUMAN = ("title", "aria-label", "alt", "placeholder", "data-five", "data-one", "aria-description", "summary")
# Python files with words of one language, and why.
ONE_LANGUAGE = {
    "lms/certificates/wording.py": "the printed document is Vietnamese",
    "lms/certificates/pdf.py": "the printed document is Vietnamese",
    "lms/certificates/rules.py": "the printed document is Vietnamese",
    "lms/certificates/forms.py": "an example in a hint",
    "lms/certificates/drawing.py": "the printed document is Vietnamese",
    "lms/cli.py": "the operator's own terminal",
    "lms/people/cli.py": "the operator's own terminal",
    "lms/content/cli.py": "the operator's own terminal",
    "lms/reports/cli.py": "the operator's own terminal",
    "lms/server.py": "the operator's own terminal",
    "lms/home/forms.py": "examples in the gallery of parts",
    "lms/home/demo.py": "invented people and units",
    "lms/course/drill_text.py": "the words of the format, and the scale that it has when silent",
    "lms/core/actor.py": "the name of the system in the trail",
    "lms/core/text.py": "letters, and dates in printed documents",
    "lms/drills/minutes.py": "the printed document is Vietnamese",
    "lms/settings.py": "the default name of the site",
    "lms/course/shape.py": "titles of callouts in both languages",
    "lms/interop/formats/fake_lists.py": "words by which lists are told from sentences",
    "lms/interop/formats/page_text.py": "what stands in place of a description",
    "lms/course/blocks.py": "the words of the course format",
    "lms/course/outline.py": "the words of the course format",
    "lms/course/check_text.py": "words of links that say nothing, in both languages",
    "lms/course/check_quiz.py": "the words of the course format",
    "lms/course/desk.py": "letters",
    "lms/course/question_form.py": "the words of the course format",
    "lms/course/question_text.py": "the words of the course format",
    "lms/content/starters.py": "an example of a law's number",
    "lms/content/places.py": "the operator's own terminal",
    "lms/content/told.py": "the operator's own terminal",
    "lms/course/quizzes.py": "the words of the course format",
    "lms/course/write.py": "the words of the course format",
    "lms/course/questions/__init__.py": "the words of the course format",
    "lms/course/questions/essay.py": "the words of the course format",
    "lms/course/questions/file.py": "the words of the course format",
    "lms/interop/formats/aiken.py": "the words that files of both languages have",
    "lms/interop/formats/course_text.py": "the words of the course format",
    "lms/interop/formats/from_course.py": "the words of the course format",
    "lms/interop/formats/html_text.py": "the words of the course format, which text must not be taken for",
    "lms/interop/formats/prose.py": "letters",
    "lms/interop/formats/made_ours.py": "the name of the product",
    "lms/interop/formats/gift/asked.py": "the words that files of both languages have",
    "lms/course/questions/true_false.py": "the words of the course format",
    "lms/course/questions/short_text.py": "letters",
    "lms/course/questions/numeric.py": "letters",
}
VIETNAMESE = re.compile(r"[ăằắẳẵặâầấẩẫậđêềếểễệơờớởỡợưừứửữựạảấầẩẫậẹẻẽịỉĩọỏốồổỗộụủũỳỵỷỹ]", re.IGNORECASE)


@pytest.fixture(scope="module")
def plain_app(tmp_path_factory):
    return create_app(Settings(instance=tmp_path_factory.mktemp("templates")))


def name_of(path):
    return path.as_posix().partition("/templates/")[2]


def plain(app, path):
    """The template as HTML, every {{ … }} and {% … %} left out: what stands there whoever looks."""
    parts, inside = [], False
    for _line, kind, text in app.jinja_env.lex(path.read_text("utf-8")):
        if kind in {"variable_begin", "block_begin", "comment_begin"}:
            inside = True
            parts.append(" ")
        elif kind in {"variable_end", "block_end", "comment_end"}:
            inside = False
        elif kind == "data" and not inside:
            parts.append(text)
    return "".join(parts)


class Texts(HTMLParser):
    """Text nodes and the attributes that people read or hear."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found += [value or "" for name, value in attrs if name in HUMAN]

    def handle_data(self, data):
        self.found.append(data)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_template_compiles(plain_app, path):
    assert plain_app.jinja_env.autoescape is not False
    assert plain_app.jinja_env.compile(path.read_text("utf-8"), name_of(path), str(path)) is not None


@pytest.mark.parametrize("path", [path for path in PAGES if path != THE_GALLERY], ids=name_of)
def test_every_word_on_a_page_goes_through_gettext(plain_app, path):
    for text in Texts(plain(plain_app, path)).found:
        words = re.sub(r'\s[\w-]+="[^"]*"|\bdata-[\w-]+', "", text)  # attributes of a tag that began in another block
        words = re.sub("|".join(sorted(map(re.escape, NO_WORDS), key=len, reverse=True)), "", words)
        assert not re.search(r"[^\W\d_]{2,}", words), f"not translated: {text.strip()!r}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_trusted_but_what_was_sanitised(path):
    text = path.read_text("utf-8")
    for forbidden in (r"\|\s*safe\b", r"\bMarkup\b", r"autoescape\s+false", r"\|\s*tojson\s*\|\s*"):
        assert not re.search(forbidden, text), forbidden
    trusted = {name.strip() for name in re.findall(r"([\w.\[\]\"' ]+?)\s*\|\s*rendered\b", text)}
    assert trusted == TRUSTED.get(name_of(path), set())


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_nothing_is_inline(plain_app, path):
    text = path.read_text("utf-8")
    for forbidden in (
        r"\sstyle\s*=",
        r"<style\b",
        r"<script(?![^>]*\bsrc=)",
        r"\son[a-z]+\s*=",
        r"javascript:",
        r"<iframe\b",
    ):
        assert not re.search(forbidden, text, re.IGNORECASE), forbidden


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_addresses_files_and_icons_exist(plain_app, path):
    text = path.read_text("utf-8")
    for endpoint in re.findall(r"url_for\(\s*[\"']([\w.]+)[\"']", text):
        assert endpoint in plain_app.view_functions, endpoint
    for name in re.findall(r"asset\(\s*[\"']([^\"']+)[\"']", text):
        plain_app.jinja_env.globals["asset"](name)
    sprite = (LMS / "web" / "static" / "icons.svg").read_text("utf-8")
    symbols = set(re.findall(r'<symbol[^>]*\bid="([^"]+)"', sprite))
    for name in re.findall(r"\bicon\(\s*[\"']([\w-]+)[\"']|\bicon=\s*[\"']([\w-]+)[\"']", text):
        assert "".join(name) in symbols, name


def test_markup_is_made_in_few_places():
    made = set()
    for path in sorted(LMS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "markupsafe":
                made.add(path.relative_to(ROOT).as_posix())
    assert made == MARKUP


def test_every_question_type_has_its_template(plain_app):
    for kind in ("single_choice", "multiple_choice", "true_false", "short_text", "numeric"):
        module = plain_app.jinja_env.get_template(f"question/{kind}.html").module
        assert module.answer
        assert module.review


def test_scripts_hold_no_words():
    for path in (LMS / "web" / "static" / "js").glob("*.js"):
        code = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not VIETNAMESE.search(code), path.name
        for text in re.findall(r"'([^'\n]*)'", code):
            assert text == "use strict" or not re.search(r"[A-Za-z]{3,} [a-z]{3,}", text), f"{path.name}: {text}"


def test_python_says_nothing_in_vietnamese_outside_the_catalogue():
    found = set()
    for path in sorted(LMS.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        documentation = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documentation:
                message = re.sub(r"“[^”]*”", "", node.value)  # what an English message quotes
                if VIETNAMESE.search(message):
                    found.add(path.relative_to(ROOT).as_posix())
    assert found == set(ONE_LANGUAGE), found ^ set(ONE_LANGUAGE)


class Forms(HTMLParser):
    """Every form that is posted, with the names of its inputs."""

    def __init__(self, html):
        super().__init__()
        self.forms = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form":
            self.forms.append((attributes, []))
        elif tag == "input" and self.forms:
            self.forms[-1][1].append(attributes.get("name"))


def test_every_form_that_is_posted_carries_its_token(places):
    for place in places:
        for attributes, inputs in Forms(places.open(place).text).forms:
            if attributes.get("method") == "post":
                assert "csrf_token" in inputs, (place.url, attributes)
