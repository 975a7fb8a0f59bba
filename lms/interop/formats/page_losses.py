"""What a page or Word document had and a lesson of ours has not, each said once where it was met."""

from lms.course.problems import N_, Problem, in_order, warning
from lms.interop.formats.html_text import Lost

LOSSES_LIMIT = 200
MESSAGES = {
    "script": N_("scripts were left out; a lesson runs none"),
    "embedded": N_("what was embedded became a link to %(address)s; put a video into the course if it must be seen there"),
    "embedded nowhere": N_("something embedded was left out; put it into the course as a picture, video or file"),
    "form": N_("fields of a form were left out; ask with a question instead"),
    "drawing": N_("a drawing or formula was left out; bring it as a picture with a description"),
    "LaTeX": N_("formulas in LaTeX stay as they are typed; write them in words or bring them as pictures"),
    "navigation": N_("menus and the foot of the page were left out"),
    "toc": N_("the table of contents was left out; headings stay and learners can jump to them"),
    "picture outside": N_("the picture %(file)s stands elsewhere (%(address)s); save it and put it into the course under this name"),
    "picture missing": N_("the picture %(file)s did not come along (%(address)s); put it into the course under this name"),
    "picture unknown": N_("a picture is in a format that a browser cannot show; save it as PNG and put it into the course as %(file)s"),
    "alt": N_("the picture %(file)s has no description; write what it shows between the brackets"),
    "picture link": N_("the link of a picture was left out; write it below the picture: %(address)s"),
    "merged": N_("the table has merged cells; each text stands in the first of them and the others are empty"),
    "cell": N_("cells with several lines, lists or tables in them became one line each; see whether they still read well"),
    "colour": N_("colours of text were left out; what they meant has to be said in words or in bold"),
    "underline": N_("underlined text became plain; underlined means link on a screen, use bold"),
    "<sub>": N_("lowered text became text in parentheses"),
    "<sup>": N_("raised text became text in parentheses"),
    "deleted": N_("text crossed out within a word became plain"),
    "link": N_("links that lead into the page itself or to files beside it became plain text"),
    "bad link": N_("links that start a program or script became plain text"),
    "letters": N_("lists numbered with letters, Roman or compound numbers are numbered 1, 2, 3 here; check what refers to them"),
    "two lists": N_("two numbered lists follow each other and would be numbered on; put a line of text between them"),
    "deep": N_("what is nested very deep became plain text; check how it reads"),
    "typed list": N_("lines begin with a typed dash; for a real list take away the “\\” before it"),
}  # fmt: skip


class Losses(Lost):
    """The losses so far; `line` is where in the Markdown the writer stands."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.line = path, 1
        self._problems: dict[tuple[str, str], Problem] = {}

    def note(self, name: str, **values: str | int) -> None:
        key = name, str(values.get("file", ""))
        if key not in self._problems and len(self._problems) < LOSSES_LIMIT:
            self._problems[key] = warning(self.path, self.line, MESSAGES[name], **values)

    def problems(self) -> list[Problem]:
        return in_order(list(self._problems.values()))
