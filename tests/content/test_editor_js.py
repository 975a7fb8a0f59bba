"""The scripts of the course editor in a real browser, on the real template; the server's answers are the test's own."""

import mimetypes
import os
import re
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import render_template
from markupsafe import Markup
from playwright.sync_api import expect, sync_playwright

from lms.app import create_app
from lms.settings import Settings
from lms.web import assets

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium") or None
HOST, HERE = "http://desk.test", "/soan/mau/tep/mot.md"
ASSETS = assets.files()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
TEXT = (
    "Dòng một\n"
    + "Một dòng dài kể chuyện trực ban. " * 12
    + "\nDòng ba\n"
    + "\n".join(f"Dòng {n}" for n in range(4, 90))
)
QUESTION = "## Câu mới {#cau-moi}\nHỏi gì?\n\n- [x] Đúng\n- [ ] Sai\n"
pytestmark = pytest.mark.timeout(120)


class Desk:
    """The editor's page and what the server behind it holds and answers."""

    def __init__(self, app, context):
        self.app, self.context, self.page = app, context, None
        self.text, self.version, self.code, self.message = TEXT, 7, 200, ""
        self.saves, self.previews, self.native, self.signed_in, self.problems = [], 0, [], [], self.found(3)

    @staticmethod
    def found(line):
        return [
            {
                "path": "mot.md",
                "line": line,
                "level": "error",
                "text": "ảnh chưa có mô tả",
                "url": f"{HERE}#dong-{line}",
            },
            {"path": "hai.md", "line": 2, "level": "warning", "text": "câu dài", "url": "/soan/mau/tep/hai.md#dong-2"},
        ]

    def values(self, *, may_edit=True):
        tree = [
            {"path": path, "title": title, "kind": "lesson", "errors": path == "mot.md", "warnings": path == "hai.md",
             "is_changed": True, "is_current": path == "mot.md", "url": f"/soan/mau/tep/{path}"}
            for path, title in (("mot.md", "Bài một"), ("hai.md", "Bài hai"))
        ]  # fmt: skip
        names = (
            "save",
            "preview",
            "upload",
            "paste",
            "publish",
            "learner_preview",
            "new_file",
            "rename",
            "delete",
            "media",
            "history",
            "course",
            "editor",
        )
        return {
            "course": SimpleNamespace(slug="mau", title="Khóa mẫu", changed_count=2), "path": "mot.md", "kind": "lesson",
            "text": self.text, "version": self.version, "tree": tree, "problems": self.problems, "saved_at": "10:42",
            "preview": {"title": "Bài một", "body": [Markup("<p>{}</p>").format(self.text)], "checks": []},
            "missing": "", "changed_count": 2, "may_edit": may_edit,
            "insertions": [{"group": "Câu hỏi", "label": "Một đáp án", "text": QUESTION},
                           {"group": "Khác", "label": "Trích dẫn", "text": "[@nd331]"}],
            "urls": {name: f"/{name}" for name in names} | {"form": ""},
            "viewer": SimpleNamespace(id=7, login="dung@songlam.example", name="Trần Văn Dũng"),
        }  # fmt: skip

    def render(self, template="content/editor.html", **more):
        with self.app.test_request_context(HERE):
            return render_template(template, **self.values(**more))

    def answer(self, route):
        request, path = route.request, route.request.url.removeprefix(HOST).partition("?")[0]
        form = (
            {k: v[0] for k, v in parse_qs(request.post_data or "", keep_blank_values=True).items()}
            if "urlencoded" in request.headers.get("content-type", "")
            else {}
        )
        if path.startswith("/static/"):
            name = path.split("/", 3)[3]
            return route.fulfill(body=ASSETS[name], content_type=mimetypes.guess_type(name)[0])
        if path == "/save":
            return self.save(route, form)
        if path == "/preview":
            return self.look(route, form)
        if path.startswith("/soan/mau/tep/"):
            return route.fulfill(body=self.render(), content_type="text/html; charset=utf-8")
        if path == "/dang-nhap/tai-cho":
            self.signed_in.append(request.post_data_json)
            self.code = 200
        bad = b"xau.exe" in (request.post_data_buffer or b"")
        said = {
            "/upload": {
                "markdown": "![Mô tả](media/a.png)",
                "notes": ["Đã thu nhỏ."],
                "message": "Loại tệp này không được nhận.",
            },
            "/paste": {"markdown": "## Mục\n\n- một", "notes": ["Bỏ một ảnh."]},
            "/dang-nhap/tai-cho": {"csrf_token": "moi"},
        }.get(path, {})
        return route.fulfill(status=422 if bad else 200, json=said)

    def look(self, route, form):
        self.previews += 1
        self.text, before = form["text"], self.text
        body = self.render("content/_editor_parts.html")
        self.text = before
        return route.fulfill(body=body, content_type="text/html; charset=utf-8")

    def save(self, route, form):
        if "json" not in route.request.headers["accept"]:
            self.native.append(form)
            return route.fulfill(body="<title>hai ban</title>hai bản", content_type="text/html; charset=utf-8")
        if self.code == 0:
            return route.abort()
        if self.code == 200:
            assert int(form["version"]) == self.version
            self.text, self.version = form["text"], self.version + 1
            self.saves.append(form["text"])
            return route.fulfill(json={"version": self.version, "saved_at": "10:43"})
        return route.fulfill(status=self.code, json={"message": self.message})

    def open(self, mark="", **more):
        page = self.context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.route("**/*", self.answer)
        page.goto(HOST + HERE + mark)
        self.page, self.box = page, page.locator("#van-ban")
        return page

    def put(self, text, start, end=None):
        self.box.evaluate("(box, [text, from, to]) => { box.focus(); box.value = text; box.setSelectionRange(from, to);"
                          " box.dispatchEvent(new Event('input', {bubbles: true})); }", [text, start, end if end is not None else start])  # fmt: skip

    def state(self, words):
        expect(self.page.locator("#ed-saved span")).to_have_text(re.compile(words), timeout=8000)


@pytest.fixture(scope="module")
def plain_app(tmp_path_factory):
    return create_app(Settings(instance=tmp_path_factory.mktemp("desk")), WTF_CSRF_ENABLED=False)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture
def desk(plain_app, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="vi-VN", extra_http_headers={})
    yield Desk(plain_app, context)
    context.close()


def test_each_line_number_stands_at_its_line_where_lines_wrap(desk):
    desk.open()
    rows = desk.page.locator(".ed-lines > div > div")
    assert rows.count() == TEXT.count("\n") + 1
    measure = "(rows) => rows.map((row) => [row.offsetTop, row.offsetHeight])"
    (one, two, three) = rows.evaluate_all(measure)[:3]
    assert two[1] >= 3 * one[1]
    assert three[0] == two[0] + two[1]
    # The sheet behind is as high as the text itself: all lines wrapped alike.
    sheet, inner = desk.page.evaluate("""() => {
        const box = document.getElementById('van-ban'), style = getComputedStyle(box);
        return [document.querySelector('.ed-lines > div').offsetHeight - parseFloat(style.paddingTop),
                box.scrollHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom)];
    }""")
    assert abs(sheet - inner) <= 2
    desk.put("a\nb\n\nc", 2)
    assert rows.all_text_contents()[:2] == ["a", "b"]
    assert rows.count() == 4


def test_an_address_with_a_line_puts_the_caret_there(desk):
    page = desk.open("#dong-60")
    at = "() => [document.activeElement.id, document.activeElement.value.slice(0, document.activeElement.selectionStart).split('\\n').length]"
    assert page.evaluate(at) == ["van-ban", 60]
    assert desk.box.evaluate("(box) => box.scrollTop") > 300
    page.click("[data-line='3']")
    assert page.evaluate(at) == ["van-ban", 3]


@pytest.mark.parametrize(
    ("text", "place", "after"),
    [
        ("- một", 5, "- một\n- "),
        ("  3. ba", 7, "  3. ba\n  4. "),
        ("- [x] đúng", 10, "- [x] đúng\n- [ ] "),
        ("- một\n- ", 8, "- một\n"),
        ("chữ", 3, "chữ\n"),
    ],
)
def test_enter_goes_on_with_a_list_and_ends_it_on_an_empty_item(desk, text, place, after):
    desk.open()
    desk.put(text, place)
    desk.page.keyboard.press("Enter")
    assert desk.box.input_value() == after


def test_tools_change_the_text_and_undo_takes_it_back(desk):
    page = desk.open()
    desk.put("", 0)
    page.keyboard.type("chữ đậm")
    desk.box.evaluate("(box) => box.setSelectionRange(4, 7)")
    page.keyboard.press("Control+b")
    assert desk.box.input_value() == "chữ **đậm**"
    page.keyboard.press("Control+z")
    assert desk.box.input_value() == "chữ đậm"
    for label, after in [
        ("Bulleted list", "- a\n- b"),
        ("Numbered list", "1. a\n2. b"),
        ("Quotation", "> a\n> b"),
        ("Heading", "## a\n## b"),
    ]:
        desk.put("a\nb", 0, 3)
        page.click(
            f".ed-tools [data-prefix='{ {'Bulleted list': '- ', 'Numbered list': '1. ', 'Quotation': '> ', 'Heading': '#'}[label] }']"
        )
        assert desk.box.input_value() == after
    desk.put("- a\n- b", 0, 7)
    page.click(".ed-tools [data-prefix='1. ']")
    assert desk.box.input_value() == "1. a\n2. b"
    page.keyboard.press("Control+]")
    assert desk.box.input_value() == "  1. a\n  2. b"


def test_tab_is_never_trapped(desk):
    page = desk.open()
    desk.box.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "van-ban"
    assert "\t" not in desk.box.input_value()


def test_a_question_comes_behind_the_one_the_caret_is_in_with_an_id_of_its_own(desk):
    page = desk.open()
    desk.put("## Một {#cau-moi}\nHỏi?\n\n- [x] A\n- [ ] B\n\n## Hai {#hai}\nHỏi?\n", 20)
    page.click(".ed-insert summary")
    page.click("text=Một đáp án")
    value = desk.box.input_value()
    assert value.index("{#cau-moi}") < value.index("{#cau-moi-2}") < value.index("{#hai}")
    assert "- [ ] Sai\n\n## Hai" in value
    assert desk.box.evaluate("(box) => box.value.slice(box.selectionStart, box.selectionEnd)") == "Câu mới"


def test_what_is_written_is_saved_by_itself_and_said(desk):
    desk.open()
    desk.put("mới", 3)
    desk.state("Đang lưu|Saving")
    desk.state("10:43")
    desk.page.keyboard.type(" nữa")
    desk.page.keyboard.press("Control+s")
    desk.state("10:43")
    expect(desk.page.locator("[name=version]")).to_have_value("9")
    assert desk.saves == ["mới", "mới nữa"]
    assert desk.page.evaluate("localStorage.getItem('e:7:mau:mot.md')") is None


def test_what_could_not_be_saved_is_kept_on_this_computer_and_comes_back(desk):
    desk.code = 0
    desk.open()
    desk.put("gõ khi mất mạng", 3)
    desk.state("kept on this computer|giữ trên máy")
    desk.page.close(run_before_unload=False)
    desk.code = 200
    desk.open()
    assert desk.box.input_value() == "gõ khi mất mạng"
    desk.state("10:43")
    assert desk.saves[-1] == "gõ khi mất mạng"


def test_a_text_kept_here_is_only_offered_where_somebody_else_wrote_meanwhile(desk):
    desk.code = 0
    desk.open()
    desk.put("bản của tôi", 3)
    desk.state("kept on this computer|giữ trên máy")
    desk.page.close(run_before_unload=False)
    desk.code, desk.text, desk.version = 200, "bản của người khác", 12
    page = desk.open()
    assert desk.box.input_value() == "bản của người khác"
    expect(page.locator("#kept")).to_be_visible()
    page.click("[data-kept=take]")
    assert desk.box.input_value() == "bản của tôi"
    page.keyboard.press("Control+z")
    assert desk.box.input_value() == "bản của người khác"


def test_two_writers_see_both_texts(desk):
    page = desk.open()
    desk.code = 409
    desk.put("bản của tôi", 3)
    page.wait_for_function("document.title === 'hai ban'")
    [sent] = desk.native
    assert (sent["text"], sent["version"]) == ("bản của tôi", "7")


def test_signing_in_again_in_place_saves_what_was_written(desk):
    page = desk.open()
    desk.code = 401
    desk.put("viết lúc hết phiên", 3)
    expect(page.locator("#sign-in")).to_be_visible(timeout=8000)
    page.fill("#again-password", "mat-khau")
    page.click("#sign-in button")
    desk.state("10:43")
    assert desk.saves == ["viết lúc hết phiên"]
    assert desk.signed_in[0]["login"] == "dung@songlam.example"


def test_a_refusal_is_told_in_the_servers_words(desk):
    page = desk.open()
    desk.code, desk.message = 422, "Tệp quá lớn: 3 MB, tối đa 2 MB."
    desk.put("x", 1)
    expect(page.locator(".ed-note [role=status]")).to_have_text(desk.message, timeout=8000)
    desk.state("kept on this computer|giữ trên máy")


def test_a_link_waits_until_the_text_is_saved(desk):
    page = desk.open()
    desk.put("chưa lưu", 3)
    page.click(".tree a[href$='hai.md']")
    page.wait_for_url("**/hai.md")
    assert desk.saves[-1] == "chưa lưu"


def test_the_preview_and_the_problems_follow_the_text(desk):
    page = desk.open()
    page.locator(".ed-look").evaluate("(look) => { look.scrollTop = 200; }")
    desk.problems = desk.found(1)[:1]
    desk.put(TEXT + "\nthêm vào cuối", 3)
    expect(page.locator(".sheet")).to_contain_text("thêm vào cuối", timeout=8000)
    expect(page.locator("[data-number]")).to_have_text("1")
    assert page.locator(".ed-lines .err").count() == 1
    assert page.locator(".ed-look").evaluate("(look) => look.scrollTop") == 200
    assert desk.previews == 1


def test_a_file_goes_up_and_leaves_its_markdown_at_the_caret(desk):
    page = desk.open()
    desk.put("trước sau", 6)
    page.set_input_files(".ed input[type=file]", {"name": "a.png", "mimeType": "image/png", "buffer": b"x"})
    expect(desk.box).to_have_value("trước ![Mô tả](media/a.png)sau")
    expect(page.locator(".ed-note [role=status]")).to_have_text("Đã thu nhỏ.")
    page.set_input_files(".ed input[type=file]", {"name": "xau.exe", "mimeType": "application/x", "buffer": b"x"})
    expect(page.locator(".ed-note [role=status]")).to_have_text("Loại tệp này không được nhận.")
    assert desk.box.input_value() == "trước ![Mô tả](media/a.png)sau"
    desk.state("10:43")
    assert not any("![" in text and "media" not in text for text in desk.saves)


def test_a_paste_with_structure_is_offered_as_markdown(desk):
    page = desk.open()
    desk.put("đầu ", 4)
    page.evaluate("""() => {
        const data = new DataTransfer(), box = document.getElementById('van-ban');
        data.setData('text/plain', 'Mục một');
        data.setData('text/html', '<h2>Mục</h2><ul><li>một</li></ul>');
        if (box.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})))
            document.execCommand('insertText', false, 'Mục một');
    }""")
    page.click("[data-convert]")
    expect(desk.box).to_have_value("đầu ## Mục\n\n- một")
    expect(page.locator(".ed-note [role=status]")).to_have_text("Bỏ một ảnh.")


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(plain_app, browser, width, theme):
    context = browser.new_context(viewport={"width": width, "height": 844})
    desk = Desk(plain_app, context)
    page = desk.open()
    page.evaluate("(theme) => document.documentElement.setAttribute('data-theme', theme)", theme)
    tabs = ["o-soan", "o-tep", "o-xem", "o-van-de"] if width == 390 else [None]
    for tab in tabs:
        if tab:
            page.click(f".ed-tabs [href='#{tab}']")
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == [], tab
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert width == 390 or page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    context.close()


def test_a_reviewer_reads_and_nothing_is_sent(desk):
    whole = desk.render
    desk.render = lambda template="content/editor.html", **_more: whole(template, may_edit=False)
    page = desk.open("#dong-5")
    assert desk.box.get_attribute("readonly") is not None
    assert page.locator(".ed-tools, button[data-kept], [form=soan]").count() == 0
    assert page.locator(".ed-lines .here").count() == 1
    assert desk.saves == []
