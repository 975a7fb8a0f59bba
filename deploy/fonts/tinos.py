"""The fonts of documents, cut out of Tinos: python deploy/fonts/tinos.py FOLDER, see lms/core/fonts/README.md."""

import hashlib
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib.scaleUpem import scale_upem

SOURCES = {
    "Tinos-Regular.ttf": "cf264a22292950ca1679b2ade07e9e6ecb26c649ab70975d0e113f979efa827a",
    "Tinos-Bold.ttf": "971d6af5fcb3a0c05535a92a635fb63a86ea5eb935639c9b864be33f3bfaba80",
    "Tinos-Italic.ttf": "0f949a3fa0e23cd0ca94a0c4784bd8f9efb99c20070b9f73b5fd592b49c092ad",
}
"""SHA-256 of each file of Tinos 1.33."""

LETTERS = (
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x024F),  # Latin-1, Extended-A and -B: Ă Đ Ĩ Ũ Ơ Ư, and Č Ĕ Ĭ Ŏ Ŭ Ƀ of names in the Central Highlands
    (0x02BC, 0x02BC),  # ʼ
    (0x02BE, 0x02BF),
    (0x02C6, 0x02C7),
    (0x02D8, 0x02DD),
    (0x0300, 0x030C),  # marks, for letters that have no code of their own: Ơ̆, Ê̆
    (0x030F, 0x030F),
    (0x0311, 0x0311),
    (0x031B, 0x031B),
    (0x0323, 0x0328),
    (0x032D, 0x0332),
    (0x1E00, 0x1EFF),  # Latin Extended Additional, from 1EA0 the Vietnamese letters
    (0x2010, 0x2015),  # hyphens and dashes
    (0x2018, 0x201F),  # quotation marks
    (0x2020, 0x2022),
    (0x2026, 0x2026),
    (0x2030, 0x2030),
    (0x2032, 0x2033),
    (0x2039, 0x203A),
    (0x20AB, 0x20AC),  # ₫ €
    (0x2116, 0x2116),  # №
    (0x2122, 0x2122),
    (0x2212, 0x2212),
)
UNITS_PER_EM = 1000
"""As the Times of PostScript has; fewer digits than the 2048 of Tinos, so that each PDF is a kilobyte smaller."""


def cut(source: Path, target: Path) -> None:
    """The letters that Vietnamese names and texts use, with kerning and the places of marks, without hints."""
    options = subset.Options(
        hinting=False,
        layout_features=["kern", "mark", "mkmk", "ccmp"],
        name_IDs=[0, 1, 2, 4, 6],
        name_languages=[0x409],
        notdef_outline=True,
        glyph_names=False,
        recalc_timestamp=False,
    )
    options.drop_tables += ["gasp"]
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in LETTERS for code in range(first, last + 1)])
    subsetter.subset(font)
    scale_upem(font, UNITS_PER_EM)
    subset.save_font(font, target, options)


def main() -> None:
    """Cut each of the three, if it is the file that it should be."""
    source, target = Path(sys.argv[1]), Path(__file__).parents[2] / "lms" / "core" / "fonts"
    for name, expected in SOURCES.items():
        if hashlib.sha256((source / name).read_bytes()).hexdigest() != expected:
            sys.exit(f"{source / name} is not the file of Tinos 1.33.")
        cut(source / name, target / name)


if __name__ == "__main__":
    main()
