"""Vietnamese names: one form, search without marks, the order of lists."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from lms.core.text import ascii_name, fold, normalise, normalise_lines, sort_key

ORDER = [
    "An",
    "Ản",
    "Anh",
    "Ánh",
    "Át",
    "Ăn",
    "Ân",
    "Ẩn",
    "Ấn",
    "Dũng",
    "Duyên",
    "Dương",
    "Đào",
    "Đức",
    "Oanh",
    "Ông",
    "Ơn",
    "Uyên",
    "Ưng",
    "Y",
    "Ý",
]


def test_given_names_sort_as_vietnamese_lists_do():
    assert sorted(set(ORDER), key=sort_key) == ORDER


def test_people_sort_by_given_name_then_family_name():
    names = ["Trần Văn An", "Nguyễn Thị Bình", "Lê An", "Bh'riu Liếc"]
    assert sorted(names, key=sort_key) == ["Lê An", "Trần Văn An", "Nguyễn Thị Bình", "Bh'riu Liếc"]


def test_search_forgets_marks_and_crossed_letters():
    assert fold("ĐẶNG Thị  Huỳnh") == "dang thi huynh"
    assert fold("Ƀuôn Ƀƀ") == "buon bb"
    assert fold(unicodedata.normalize("NFD", "Đặng")) == "dang"
    assert ascii_name("Nguyễn Văn Đức") == "Nguyen-Van-Duc"
    assert ascii_name("Y Ƀih") == "Y-Bih"


@given(st.text())
def test_every_text_folds_to_itself_and_sorts(text):
    assert fold(fold(text)) == fold(text)
    assert unicodedata.is_normalized("NFC", normalise(text))
    sort_key(text)


LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]  # in the order of dictionaries
VOWELS = set("aăâeêioôơuưy")


@st.composite
def words(draw):
    """A word of Vietnamese letters, at most one of them with a tone; and its ranks: letters first, then tones."""
    letters = draw(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=5))
    tones = [0] * len(letters)
    places = [place for place, letter in enumerate(letters) if letter in VOWELS]
    if places and draw(st.booleans()):
        tones[draw(st.sampled_from(places))] = draw(st.integers(1, 5))
    text = "".join(letter + TONES[tone] for letter, tone in zip(letters, tones, strict=True))
    return text, ([LETTERS.index(letter) for letter in letters], tones)


@given(st.lists(words(), min_size=1, max_size=4), st.lists(words(), min_size=1, max_size=4))
def test_the_order_of_names_is_the_order_of_dictionaries_word_by_word(first, second):
    keys, ranks = [], []
    for name in (first, second):
        text = " ".join(word for word, _ in name)
        keys.append(sort_key(text).encode())
        ranks.append([rank for _, rank in (name[-1], *name[:-1])])
        assert sort_key(text.upper()) == sort_key(text), "capitals do not count"
        assert sort_key(unicodedata.normalize("NFC", text)) == sort_key(unicodedata.normalize("NFD", text))
    assert (keys[0] < keys[1]) == (ranks[0] < ranks[1])
    assert (keys[0] == keys[1]) == (ranks[0] == ranks[1])


@given(st.text())
def test_what_is_normal_stays_and_holds_nothing_that_a_database_or_excel_refuses(text):
    line, lines = normalise(text), normalise_lines(text)
    assert normalise(line) == line
    assert normalise_lines(lines) == lines
    assert not [c for c in line if unicodedata.category(c) in {"Cc", "Cs"}]
    assert not [c for c in lines if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t"]
    line.encode()
    lines.encode()


@given(st.text(alphabet=st.characters(max_codepoint=0x1EFF), max_size=200))
def test_the_forms_of_a_name_fit_into_their_columns(name):
    """Names have at most 200 characters; a sort key has room for 400, the folded form for 200."""
    clean = normalise(name)
    assert len(fold(clean)) <= 200
    assert len(sort_key(clean)) <= 400
