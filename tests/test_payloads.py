"""Known attacks through every field of a course, opened in a real browser whose own policy is switched off."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from lms.app import create_app
from lms.content import service
from lms.content.members import make_owner
from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_reading, begin_writing, db
from lms.course.parse import parse
from lms.course.source import Source
from lms.home.demo import ACCOUNTS
from lms.people.queries import find_by_login
from lms.settings import Settings
from tests.test_browser import CHROMIUM, QUIET

pytestmark = pytest.mark.timeout(200)
FAR = "https://evil.example"
HANDLERS = (
    "onload",
    "onerror",
    "onclick",
    "onfocus autofocus",
    "onmouseover",
    "ontoggle",
    "onanimationstart",
    "onpointerenter",
    "onbegin",
    "onloadstart",
)
TAGS = (
    "img src=x",
    "svg",
    "video src=x",
    "details open",
    "body",
    "input",
    "audio src=x",
    "marquee",
    "iframe",
    "a href=#",
)
SCHEMES = ("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\u200bscript:alert(1)", "\x01javascript:alert(1)", "&#106;avascript:alert(1)",
           "&#x6A;avascript&colon;alert(1)", "javascript&#58;alert(1)", "java&Tab;script:alert(1)", "java&NewLine;script:alert(1)", "javascript%3Aalert(1)",
           "vbscript:alert(1)", "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
           "data:image/svg+xml,<svg onload=alert(1)>", "feed:javascript:alert(1)", "view-source:javascript:alert(1)", "jar:javascript:alert(1)!/",
           "\\u006aavascript:alert(1)", "javascript\\:alert(1)", "\\javascript:alert(1)", "//evil.example/x", "/\\evil.example", "\\\\evil.example", "blob:https://evil.example/1",
           "javascript://%0aalert(1)", "mhtml:javascript:alert(1)")  # fmt: skip
BY_TECHNIQUE = {
    "event handlers": [f"<{tag} {handler}=alert(1)>" for tag in TAGS for handler in HANDLERS[:6]],
    "slashes and quotes instead of spaces": ["<img/src=x/onerror=alert(1)>", "<svg/onload=alert`1`>", "<img src='x'onerror=alert(1)>", '<img """><script>alert(1)</script>">', "<x/onclick=alert(1)>x"],
    "links": [f"[x]({scheme})" for scheme in SCHEMES] + [f"[x](<{scheme}>)" for scheme in SCHEMES[:4]],
    "pictures": [f"![x]({scheme})" for scheme in SCHEMES[:16]] + [f"![x]({FAR}/x.png)", "![x](//evil.example/x.png)", '![x" onerror="alert(1)](a.png)', '![x](a.png "\\" onerror=\\"alert(1)")'],
    "autolinks": [f"<{scheme}>" for scheme in ("javascript:alert(1)", "vbscript:alert(1)", "data:text/html,x", "javascript://x%0aalert(1)")] + ['<a@b.example"onclick="alert(1)>'],
    "scripts": ["<script>alert(1)</script>", "<script src=https://evil.example/x.js></script>", "<scr<script>ipt>alert(1)</scr</script>ipt>", "<SCRIPT/x>alert(1)</SCRIPT>", "<script>window.__xss=1</script>", "<<script>alert(1)//<</script>"],
    "frames, forms, pages": ["<iframe srcdoc='<script>parent.__xss=1</script>'></iframe>", "<object data=data:text/html,x></object>", f"<embed src={FAR}/x>", f"<base href={FAR}/>", f"<meta http-equiv=refresh content='0;url={FAR}'>", f"<form action={FAR}><button>x</button></form>", f"<link rel=stylesheet href={FAR}/x.css>", f"<style>@import '{FAR}/x.css';</style>", f"<p style='background:url({FAR}/x)'>x</p>", f"<input type=image src={FAR}/x.png>", "<isindex action=javascript:alert(1)>"],
    "SVG and MathML": ["<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>", "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>", "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'/></svg>", "<svg><set onbegin=alert(1) attributename=x></svg>", "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>", "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>", "<math href='javascript:alert(1)'>x</math>"],
    "mutation": ["<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>", "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>", "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", "<!--><img src=x onerror=alert(1)>-->", "<![CDATA[<img src=x onerror=alert(1)>]]>", "<?x <img src=x onerror=alert(1)> ?>", "<template><img src=x onerror=alert(1)></template>", "<textarea></textarea><img src=x onerror=alert(1)>", "<title><img src=x onerror=alert(1)></title>", "<select><style></select><img src=x onerror=alert(1)>", "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>"],
    "entities": ["&lt;img src=x onerror=alert(1)&gt;", "&#60;script&#62;alert(1)&#60;/script&#62;", "&amp;lt;script&amp;gt;alert(1)", "\\<img src=x onerror=alert(1)>", "＜script＞alert(1)＜/script＞", "&#x3C;img src=x onerror=alert(1)&#x3E;"],
    "Markdown's own signs": ["`<img src=x onerror=alert(1)>`", "**<img src=x onerror=alert(1)>**", "~~<svg onload=alert(1)>~~", "++ctrl+<svg onload=alert(1)>++", "[<img src=x onerror=alert(1)>](hai.md)", '[a](x" onclick="alert(1))', "[a](x '\"><img src=x onerror=alert(1)>')", "[@nd1 <img src=x onerror=alert(1)>]", '[@nd1 " onclick="alert(1)]', "{{ <img src=x onerror=alert(1)> }}", "{{xau}}", '{{xau"onclick=alert(1)}}', "x {: onclick=alert(1) }", "x[^<img src=x onerror=alert(1)>]", "\x02wzxhzdk:0\x03<img src=x onerror=alert(1)>"],
}  # fmt: skip
LINES = [one for many in BY_TECHNIQUE.values() for one in many]
BLOCKS = [
    '!!! ghi-nho "<img src=x onerror=alert(1)>"\n    <svg onload=alert(1)>', '??? luu-y "<svg onload=alert(1)>"\n    x', '!!! "><img src=x onerror=alert(1)>" "x"\n    x',
    "```html onload=alert(1)\n<script>alert(1)</script>\n```", "~~~<img src=x onerror=alert(1)>\nx\n~~~", '```{.x title="<img src=x onerror=alert(1)>"}\nx\n```',
    "| <img src=x onerror=alert(1)> | x |\n|---|---|\n| <svg onload=alert(1)> | [x](javascript:alert(1)) |", "<img src=x onerror=alert(1)>\n:   <svg onload=alert(1)>",
    "x[^1]\n\n[^1]: <img src=x onerror=alert(1)> [x](javascript:alert(1))", "[r]: javascript:alert(1)\n\n[r] [y][r] ![z][r]", "## <img src=x onerror=alert(1)>\n\nx", '## x" onclick="alert(1)\n\nx',
    "<img src=x onerror=alert(1)>\n===", "- [ ] <img src=x onerror=alert(1)>", "> <img src=x onerror=alert(1)>", "1. <svg onload=alert(1)>\n   ```\n   <script>alert(1)</script>\n   ```",
    "![<svg onload=alert(1)>](media/phim.mp4 '<img src=x onerror=alert(1)>')", "![x](media/anh.png '<img src=x onerror=alert(1)>')",
]  # fmt: skip
NASTY = "<img src=x onerror=alert(1)>"


def course():
    """Every attack in lessons, and in every field of questions of every shape."""
    lessons = [LINES[at : at + 60] for at in range(0, len(LINES), 60)]
    files = {f"b{n}.md": f"---\nid: b{n}\ntitle: {NASTY} {n}\nminutes: 5\nobjectives:\n  - {NASTY}\n---\n\n" + "\n\n".join(some) for n, some in enumerate([*lessons, BLOCKS])}  # fmt: skip
    files["thi.md"] = (
        f"---\nid: thi\nkind: quiz\ntitle: Thi {NASTY}\nshow: answers\nshuffle: none\n---\n\n{NASTY} [x](javascript:alert(1))\n\n"
        + questions()
    )
    items = "\n".join(f"- [{NASTY}]({path})" for path in files)
    files["references.yaml"] = (
        f"- id: nd1\n  number: '{NASTY}'\n  name: '{NASTY}'\n  in_force_from: 2026-01-01\n  checked_on: 2026-06-01\n  note: '{NASTY}'\n"
    )
    files["course.md"] = (
        f"---\nformat: 1\nid: xau\ntitle: {NASTY}\naudience: {NASTY}\nobjectives:\n  - {NASTY}\n---\n\n{NASTY} {{{{xau}}}} [x](javascript:alert(1))\n\n## {NASTY}\n\n{items}\n"
    )
    files |= {"media/anh.png": "x", "media/phim.mp4": "x", "media/phim.vtt": "WEBVTT\n"}
    return Source({path: text.encode() for path, text in files.items()})


def questions():
    made, lines = [], [line.replace("\n", " ") for line in LINES if "[[" not in line]
    for n, at in enumerate(range(0, len(lines), 8)):
        some = [*lines[at : at + 8], *lines[:8]][:8]
        made.append(f"## {some[0]} {{#c{n}}}\n{some[1]}\n\n- [x] {some[2]}\n  > {some[3]}\n- [ ] {some[4]}\n  > {some[5]}\n\n> Gợi ý: {some[6]}\n\n> {some[7]}\n")  # fmt: skip
    made.append(
        f"## Ghép {{#ghep}}\n{NASTY}\n\n- {NASTY} a -> {NASTY} 1\n- b -> <svg onload=alert(1)>\n- -> {NASTY} thừa\n"
    )
    made.append(f"## Xếp {{#xep}}\n{NASTY}\n\n1. {NASTY}\n2. <svg onload=alert(1)>\n3. x\n")
    made.append(f"## Điền {{#dien}}\n{NASTY} [[{NASTY} 1 | b]] và [[*{NASTY}* | <svg onload=alert(1)>]].\n")
    made.append(f"## Ngắn {{#ngan}}\n{NASTY}\n\nĐáp án: {NASTY}\n")
    return "\n".join(made)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A real server with the course of attacks, published past every check."""
    instance = tmp_path_factory.mktemp("payloads")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "LMS_INSTANCE": str(instance), "LMS_BASE_URL": f"http://127.0.0.1:{port}"}
    env.pop("LMS_DATABASE_URL", None)
    command = [sys.executable, "-m", "lms.cli"]
    subprocess.run([*command, "setup", "--demo"], env=env, check=True, timeout=120)
    with create_app(Settings(instance=instance)).app_context():
        source = course()
        doc, _ = parse(source)
        assert len(doc.quizzes[0].questions) > 25
        assert {q.kind for q in doc.quizzes[0].questions} >= {
            "single_choice",
            "matching",
            "ordering",
            "cloze",
            "short_text",
        }
        assert len(doc.lessons) == 4
        begin_reading()
        prepared = service.prepare(source, doc, [])
        begin_writing()
        login = next(account.login for account in ACCOUNTS if account.login.startswith("dung"))
        trainer_id = find_by_login(login).id
        revision = service.publish(prepared, by=SYSTEM, now=clock.now())
        make_owner(revision.course, trainer_id, now=clock.now())
        service.set_local_values({"xau": NASTY}, by=SYSTEM, now=clock.now())
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with (instance / "server.log").open("w") as log:
        server = subprocess.Popen([*command, "serve", "--port", str(port)], env=env, stdout=log, stderr=log)
        for _ in range(150):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
        server.terminate()
        server.wait(30)


class Watched:
    """A page that remembers everything that should not have happened on it."""

    def __init__(self, browser, address):
        self.address, self.harm = address, []
        # Without the page's own policy: what is rendered has to be harmless by itself.
        self.context = browser.new_context(bypass_csp=True, locale="vi-VN")
        self.page = self.context.new_page()
        self.page.on("dialog", self.dialog)
        self.context.on("request", self.request)
        self.context.on("page", lambda page: self.harm.append(("window", page.url)))

    def dialog(self, dialog):
        self.harm.append(("dialog", self.page.url))
        dialog.dismiss()

    def request(self, request):
        if urlsplit(request.url).scheme not in {"data", "blob"} and not request.url.startswith(self.address + "/"):
            self.harm.append(("request", request.url))

    def sign_in(self, who):
        account = next(one for one in ACCOUNTS if one.login.startswith(who))
        self.page.goto(f"{self.address}/dang-nhap")
        self.page.fill("#login", account.login)
        self.page.fill("#password", account.password)
        self.page.click("main form button")
        self.page.wait_for_url("**/viec-can-lam")

    def look(self, path=""):
        """Open the page, touch everything on it, and see that nothing came of it."""
        if path:
            assert self.page.goto(self.address + path).status == 200, path
        here = self.page.url
        found = self.page.evaluate(TOUCH)
        self.page.wait_for_timeout(150)
        assert found == [], here
        assert self.page.url == here
        assert self.page.evaluate("window.__xss") is None, here
        assert self.harm == []


TOUCH = """() => {
  const found = [], own = location.origin;
  for (const node of document.querySelectorAll('*')) {
    for (const a of node.attributes) if (/^on/i.test(a.name) || a.name === 'srcdoc') found.push(node.outerHTML.slice(0, 200));
    if (/^(iframe|object|embed|base|math)$/i.test(node.tagName)) found.push(node.outerHTML.slice(0, 200));
    if (node.tagName === 'SCRIPT' && !(node.src && node.src.startsWith(own)) && node.type !== 'application/json') found.push(node.outerHTML.slice(0, 200));
    if (node.tagName === 'A' && node.hasAttribute('href') && !['http:', 'https:', 'mailto:', 'tel:'].includes(node.protocol)) found.push(node.outerHTML.slice(0, 200));
    if (node.tagName === 'FORM' && !node.action.startsWith(own)) found.push(node.outerHTML.slice(0, 200));
  }
  for (const node of document.querySelectorAll('main *')) {
    for (const kind of ['mouseover', 'pointerenter', 'animationstart', 'toggle', 'error', 'load', 'begin']) node.dispatchEvent(new Event(kind));
    if (node.tagName === 'DETAILS') node.open = true;
  }
  return found;
}"""


def test_there_are_attacks_of_every_technique():
    assert len(set(LINES + BLOCKS)) >= 150


def test_no_attack_does_harm_in_a_browser_without_the_pages_own_policy(address):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        learner = Watched(browser, address)
        learner.sign_in("an")
        learner.look("/khoa-hoc")
        learner.look("/khoa-hoc/xau")
        learner.page.locator("main form button").first.click()
        for number in range(4):
            learner.look(f"/khoa-hoc/xau/b{number}")
        learner.look("/viec-can-lam")
        learner.look("/bai-kiem-tra/xau/thi")
        learner.page.get_by_role("button", name="Bắt đầu").click()
        learner.page.wait_for_url("**/luot-lam-bai/*")
        attempt = urlsplit(learner.page.url).path
        learner.look()
        learner.look(f"{attempt}/nop")
        learner.page.locator("form.post[action$='/nop'] button").click(timeout=5000)
        learner.page.wait_for_url("**/ket-qua")
        assert learner.page.locator("img[onerror]").count() == 0
        assert "onerror=alert(1)" in learner.page.inner_text("main"), "the attacks are there, as text"
        learner.look()
        trainer = Watched(browser, address)
        trainer.sign_in("dung")
        trainer.look("/soan")
        trainer.look("/soan/xau")
        trainer.page.get_by_role("button", name="Mở bản nháp").click()
        trainer.page.wait_for_url("**/tep/course.md")
        paths = [link.get_attribute("href") for link in trainer.page.locator("#o-tep .tree a").all()]
        assert len(paths) >= 6
        for path in paths:
            trainer.look(path)
        for item in ("b0", "b1", "b2", "b3", "thi"):
            trainer.look(f"/soan/xau/xem-truoc/{item}")
        for path in (
            "/soan/xau/xuat-ban",
            "/soan/xau/so-sanh?tu=1&den=nhap",
            "/soan/xau/lien-ket",
            "/soan/can-xem-lai",
        ):
            trainer.look(path)
        browser.close()
