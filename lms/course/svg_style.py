"""The CSS that a drawing may carry: what is not known to be harmless is taken out, the rest is written anew."""

import re
from collections.abc import Callable

Tell = Callable[[str], None]
"""Is told the name of what is taken out."""

WORD = re.compile(r"\S+")
PROPERTIES = frozenset(
    WORD.findall("""
    alignment-baseline baseline-shift clip-path clip-rule color color-interpolation color-interpolation-filters
    color-rendering direction display dominant-baseline fill fill-opacity fill-rule filter flood-color flood-opacity font
    font-family font-size font-size-adjust font-stretch font-style font-variant font-weight image-rendering isolation
    letter-spacing line-height marker marker-end marker-mid marker-start mask mask-type mix-blend-mode opacity overflow
    paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap
    stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-align text-anchor text-decoration text-rendering
    transform transform-box transform-origin unicode-bidi vector-effect visibility white-space word-spacing writing-mode
    """)
)
WITHOUT_EFFECT = re.compile(
    r"-|cursor$|enable-background$|font-feature-settings$|font-kerning$|font-variant-|font-variation-settings$|"
    r"pointer-events$|shape-(?:inside|padding|margin)$|solid-|text-(?:indent|orientation|decoration-)|user-select$"
)
"""Properties that change nothing, or hardly anything, in a picture: left out without a word."""
FUNCTIONS = frozenset(
    WORD.findall("""
    rgb rgba hsl hsla calc matrix translate translatex translatey rotate scale scalex scaley skewx skewy
    blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia
    """)
)
LOCAL = re.compile(r"""url\(\s*(["']?)#([^\s"'()<>\\;{}@]{1,200})\1\s*\)""", re.IGNORECASE)
HARMLESS = re.compile(r"""[\w\s.,%#+*/!'"()-]*""")
FUNCTION = re.compile(r"([\w-]*)\s*\(")
COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
SELECTOR = re.compile(r"[\w\s.#,>+~*:()-]+")
END_OF_HEAD = re.compile(r"[{;]")
AT_NAME = re.compile(r"@[\w-]*")
VALUE_LIMIT = 1_000


def is_harmless(value: str) -> bool:
    """Whether a value loads nothing: no address but of a part of the same drawing, no escapes, no unknown function."""
    if len(value) > VALUE_LIMIT:
        return False
    rest = LOCAL.sub(" ", value)
    return (
        HARMLESS.fullmatch(rest) is not None
        and rest.count('"') % 2 == 0
        and rest.count("'") % 2 == 0
        and all(name.lower() in FUNCTIONS or not name for name in FUNCTION.findall(rest))
    )


def named(value: str) -> list[str]:
    """The ids of parts of the same drawing that a value names."""
    return [match[2] for match in LOCAL.finditer(value)]


def declarations(text: str, tell: Tell) -> str:
    """The harmless ones of `fill: red; behavior: url(x)`."""
    kept = []
    for part in COMMENT.sub(" ", text).split(";"):
        name, colon, value = part.partition(":")
        name, value = name.strip().lower(), " ".join(value.split())
        if name in PROPERTIES and colon and value and is_harmless(value):
            kept.append(f"{name}:{value}")
        elif part.strip() and not WITHOUT_EFFECT.match(name):
            tell(name[:40])
    return ";".join(kept)


def rules(text: str, tell: Tell) -> str:
    """The harmless rules of a style sheet; rules that begin with @ and nested ones are taken out whole."""
    text, kept, place = COMMENT.sub(" ", text), [], 0
    while place < len(text):
        found = END_OF_HEAD.search(text, place)
        stop = found.start() if found else len(text)
        head = text[place:stop].strip()
        if stop == len(text) or text[stop] == ";":
            if head:
                tell(_name(head))
            place = stop + 1
            continue
        end = _closing(text, stop)
        body = text[stop + 1 : end]
        place = end + 1
        if head and SELECTOR.fullmatch(head) and "{" not in body:
            inside = declarations(body, tell)
            if inside:
                kept.append(f"{' '.join(head.split())}{{{inside}}}")
        else:
            tell(_name(head))
    return "\n".join(kept)


def _name(head: str) -> str:
    """@import of `@import "x"`; of another rule as much as tells which."""
    found = AT_NAME.match(head)
    return found[0] if found else head[:20]


def _closing(text: str, place: int) -> int:
    """Where the brace that opens here is closed."""
    depth = 0
    for at in range(place, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at
    return len(text)
