"""Nothing alive is left of what a student's process put out or a student wrote."""

import base64
import io
import json
import re
import struct
import zlib
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters import ansi2html, markdown2html
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from traitlets.config import Config

from nbjudge import configure
from nbjudge.judging.steps import outputs_of
from nbjudge.pages.clean import (
    MAX_GAP,
    Clean,
    EscapeNames,
    Shorten,
    clean_markdown,
    clean_outputs,
    clean_text,
    seen,
    without_gaps,
)
from nbjudge.pages.feedback import with_mathml
from nbjudge.pages.images import MAX_SCANS, bare_jpeg
from nbjudge.pages.markup import clean_html, clean_latex
from nbprobe.reason import Reason
from nbprobe.verdict import Row, Verdict
from tests.support.payloads import DATA, HTML, MARKDOWN, METADATA, PICTURE, TABLE, TEX

COLOURFUL = "\x1b[31mx\x1b[32my"
SHOWN = {"b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "hr", "i", "li"}
PIECES_OF_PICTURES = [
    b"\x89PNG\r\n\x1a\n",
    struct.pack(">I4s", 13, b"IHDR"),
    struct.pack(">I4s", 1, b"IDAT"),
    b"\0" * 9,
]
PIECES_OF_PICTURES += [b"\xff\xd8", b"\xff\xc0\0\x0b\x08\0\2\0\2", b"\xff\xda\0\2", b"\xff\xd9", b"\xff\xe1\0\0"]
SHOWN |= {"ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul"}
DANGEROUS = ["href", "url", "style", "class", "cssId", "unicode", "require", "def", "let", "newcommand", "mmlToken"]
DANGEROUS += ["bbox", "toggle", "enclose", "mathtip", "texttip", "Rule", "data", "color", "includegraphics", "verb"]


class Reader(HTMLParser):
    """Notes tags, attributes and the text outside of code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.prose, self.within = "", 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.within += tag in ("code", "pre")

    def handle_endtag(self, tag) -> None:
        self.within -= tag in ("code", "pre")

    def handle_data(self, data) -> None:
        self.prose += data if not self.within else "\n"

    def handle_comment(self, data) -> None:
        raise AssertionError("a comment")


def assert_dead(page: str, drawn: bool = False) -> None:
    page = (
        re.sub(
            r"</?(math|m[a-z]+)\b( (xmlns|display|accent|stretchy|width|mathvariant|fence|form)=\"[^\"<>]*\")* ?/?>",
            "",
            page,
        )
        if drawn
        else page
    )
    read = Reader(page)
    assert set(read.tags) <= SHOWN
    for name, _ in read.attributes:
        assert name in ("colspan", "rowspan")
    for command in DANGEROUS:
        assert not re.search(rf"\\{command}\b", read.prose)


@pytest.mark.parametrize("payload", HTML + TEX + MARKDOWN)
def test_markdown_of_a_student_is_dead_when_rendered(payload: str) -> None:
    cleaned = clean_markdown(payload)
    assert "\n" not in cleaned
    assert_dead(markdown2html(cleaned))
    drawn = with_mathml(cleaned)
    assert len(drawn.splitlines()) == 1
    assert_dead(markdown2html(drawn), drawn=True)
    assert clean_markdown(cleaned) == cleaned


@pytest.mark.parametrize("payload", TEX)
def test_a_formula_is_dead_wherever_it_stands(payload: str) -> None:
    """Also where it isn't within HTML, which markdown passes over: what was drawn means nothing to markdown."""
    for formula in re.findall(r"\$[^$]+\$", payload):
        assert_dead(markdown2html(f"Here {with_mathml(formula)} [1]\n"), drawn=True)


@pytest.mark.parametrize("payload", HTML + TEX)
def test_html_of_a_student_is_dead(payload: str) -> None:
    assert_dead(clean_html(payload))
    assert_dead(clean_html(f"<table><tr><td>{payload}</td></tr></table>"))


PIECES = st.sampled_from(
    [
        *(*HTML, *TEX, *MARKDOWN, "<div>", "</div>", "\n\n", "$", "`", "```\n", "<", '"', "\\", "[", "x"),
        *(r"$\text{", "}$", "&#13;", "&amp;#13;", "\r", "\u2028", "[x](http://evil.invalid/)"),
    ]
)
SOUP = st.lists(PIECES | st.text(max_size=5), max_size=6).map("".join)


@given(SOUP)
def test_any_mixture_is_dead(text: str) -> None:
    cleaned = clean_markdown(text)
    assert_dead(markdown2html(cleaned))
    assert_dead(markdown2html(with_mathml(cleaned)), drawn=True)
    assert clean_markdown(cleaned) == cleaned
    assert_dead(clean_html(text))


@pytest.mark.parametrize(
    "text", ["", "I think it is right.", "Loss: 0.69, then 0.18 (better!)\n\n1. one\n2. two", "größer"]
)
def test_simple_text_stays_simple(text: str) -> None:
    assert clean_markdown(text) == text


ORDER = "http://localhost:8888/formgrader?path=submitted/mallory/ex04"
"""It has formgrader obey a configuration that lies there."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"[my figure]({ORDER})", f"my figure ({ORDER})"),
        (f"my figure: {ORDER}", f"my figure: {ORDER}"),
        (f"<{ORDER}>", ORDER),
        (f"[my figure][1]\n\n[1]: {ORDER}", f"my figure ({ORDER})"),
        (f"<a href='{ORDER}'>my figure</a>", "my figure"),
        ("<me@example.org>", "me@example.org"),
    ],
)
def test_nobody_follows_a_link_of_a_students_by_a_click(text: str, shown: str) -> None:
    page = markdown2html(clean_markdown(text))
    assert shown in unescape(page)
    assert "<a" not in page
    assert "<a" not in clean_html(text)


def test_what_is_harmless_still_shows() -> None:
    cleaned = clean_markdown(
        "# Answer\n\nSee [here](https://example.org/a?b=c#d), **bold**, `x < 1`, 5 $.\n\n"
        "| a | b |\n|---|---|\n| 1 | $\\frac{1}{N} \\sum_i \\hat y_i < 1$ |\n\n```python\nx = 1\n\ny = 2\n```"
    )
    page = markdown2html(cleaned)
    assert "See here (https://example.org/a?b=c#d), " in page
    assert "<strong>bold</strong>" in page
    assert "<code>x &lt; 1</code>" in page
    assert r"<td>$\frac{1}{N} \sum_i \hat y_i \lt 1$</td>" in page
    assert "x = 1&#10;&#10;y = 2" in page
    drawn = with_mathml(cleaned)
    assert drawn.count("<math") == 1
    assert "<mo>&lt;</mo>" in drawn


def test_a_formula_with_line_breaks_in_it_is_drawn() -> None:
    assert with_mathml(clean_markdown(r"$$\begin{pmatrix}a & b \\ c & d\end{pmatrix}$$")).count("<mtd>") == 4


def test_symbols_are_harmless_and_dangerous_commands_are_not_among_them() -> None:
    assert clean_latex(r"$\alpha \leq \sum \int \infty \nabla \mathbb{R} \\ \{ \}$")
    for command in DANGEROUS:
        assert clean_latex(rf"$\{command}{{x}}$") == ""


@pytest.mark.parametrize("length", [70_000, 300_000])
@pytest.mark.parametrize(
    "piece", ["<b>", "<b><p>", "[", "$$ a", "> ", "`", "<a href='", "&#36;", "\\begin{a", "* ", "</a"]
)
def test_what_is_made_to_be_slow_is_dead_too(piece: str, length: int) -> None:
    assert_dead(markdown2html(clean_markdown((piece * length)[:length])))


def shown(data: dict, metadata: object = None) -> dict:
    raw = {"output_type": "display_data", "data": data, "metadata": metadata}
    (output,) = clean_outputs([raw])
    return output


@pytest.mark.parametrize("data", DATA, ids=[f"{next(iter(each))}-{index}" for index, each in enumerate(DATA)])
def test_only_known_kinds_of_data_stay(data: dict) -> None:
    kept = shown(data, METADATA)
    assert set(kept.data) <= {"text/plain", "text/html", "text/markdown", "text/latex"}
    assert kept.data
    assert_dead(kept.data.get("text/html", ""))
    assert_dead(markdown2html(kept.data.get("text/markdown", "")))
    assert kept.metadata == {}


def test_a_picture_stays_with_its_size_and_its_description() -> None:
    about = {"image/png": {"width": 300, "height": True, "alt": 'Loss " onload="x', "style": "x"}}
    kept = shown({"image/png": PICTURE + "\n", "text/plain": "<Figure>"}, about)
    assert kept.data == {"image/png": PICTURE, "text/plain": "<Figure>"}
    assert kept.metadata == {"image/png": {"width": 300, "alt": "Loss onload= x"}}


def test_a_picture_of_very_many_scans_is_left_out() -> None:
    """A browser goes through all of its pixels for each."""
    content = io.BytesIO()
    Image.radial_gradient("L").save(content, "JPEG", progressive=True)
    last = content.getvalue().rindex(b"\xff\xda")
    whole, scan = content.getvalue(), content.getvalue()[last:-2]
    for number, is_shown in ((1, True), (MAX_SCANS, False)):
        picture = base64.b64encode(whole[:-2] + scan * number + whole[-2:]).decode()
        assert ("image/jpeg" in shown({"image/jpeg": picture}).data) == is_shown
    once, pixels = bare_jpeg(whole)
    assert once == whole
    assert pixels == 256 * 256 * whole.count(b"\xff\xda")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_of_a_picture_only_what_is_drawn_stays(kind: str) -> None:
    """Texts and profiles are packed, and to unpack them takes long."""
    picture = Image.radial_gradient("L").convert("RGB")
    texts = PngInfo()
    texts.add_text("Title", "secret " * 10**5, zip=True)
    exif = Image.Exif()
    exif[0x010E] = "secret"
    plain, full = io.BytesIO(), io.BytesIO()
    picture.save(plain, kind)
    picture.save(
        full, kind, pnginfo=texts, exif=exif, icc_profile=b"secret" * 1000, comment=b"secret", progressive=True
    )
    mime = f"image/{kind.lower()}"
    encoded = base64.b64encode(plain.getvalue()).decode()
    assert shown({mime: encoded}).data == {mime: encoded}
    kept = base64.b64decode(shown({mime: base64.b64encode(full.getvalue()).decode()}).data[mime])
    with Image.open(io.BytesIO(kept)) as bare, Image.open(full) as whole:
        assert bare.tobytes() == whole.tobytes()
        assert set(bare.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    assert b"secret" not in kept


@given(
    st.sampled_from(["image/png", "image/jpeg"]), st.lists(st.binary(max_size=9) | st.sampled_from(PIECES_OF_PICTURES))
)
def test_broken_pictures_are_dropped(mime: str, pieces: list[bytes]) -> None:
    assert set(shown({mime: base64.b64encode(b"".join(pieces)).decode()}).data) <= {mime, "text/plain"}


def png(width: int, height: int) -> str:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    data = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk + data).decode()


@pytest.mark.parametrize(("size", "stays"), [((40, 30), True), ((60_000, 1), False), ((9_000, 9_000), False)])
def test_a_picture_that_would_fill_the_memory_is_dropped(size: tuple[int, int], stays: bool) -> None:
    assert ("image/png" in shown({"image/png": png(*size)}).data) == stays


def test_a_table_of_pandas_stays() -> None:
    kept = shown({"text/html": TABLE, "text/plain": "   a\n0  42"}).data
    assert kept["text/html"] == ("<div><table><tbody><tr><th>a</th></tr><tr><td>42</td></tr></tbody></table></div>")


def test_text_keeps_its_colours_and_nothing_that_cannot_be_seen() -> None:
    text = "\x1b[0;31mred\x1b[0m\x1b[2J\x1b]0;title\x07 a\x00b\u202ec\ud800d\x9be\tf\r\ng\x1b[38;5;9mh"
    assert clean_text(text) == "\x1b[0;31mred\x1b[0m abcde\tf\ng\x1b[38;5;9mh"
    assert clean_text(["a\n", "b"]) == "a\nb"
    assert clean_text(f"{COLOURFUL * 40_000}{'&' * 400_000}").count("\x1b") < 1100  # a page copies what is behind each
    assert len(clean_text("x" * 10_000_000)) < 600_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MIMES = st.sampled_from(["text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "a/b"])
OUTPUTS = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "x"]) | JSON},
    optional={
        **dict.fromkeys(("name", "text", "ename", "evalue", "metadata", "execution_count"), JSON),
        "traceback": JSON | st.lists(JSON),
        "data": JSON | st.dictionaries(MIMES, JSON),
    },
)


@given(st.lists(OUTPUTS | JSON, max_size=3) | JSON)
def test_any_json_gives_outputs_that_can_be_stored(raw: object) -> None:
    kept = clean_outputs(raw)
    json.dumps(kept).encode()
    assert clean_outputs(kept) == kept


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        ("38", ""), ("48", ""), ("38;5", ""), ("38;2;1;2", ""), ("38;5;256", ""), ("38;2;1;2;300", ""), ("999", ""),
        ("1;38", "1"), ("38;1", "1"), ("38;5;9;4", "38;5;9;4"), ("48;2;1;2;3", "48;2;1;2;3"), ("", "0"), (";", "0;0"),
        ("0;31", "0;31"), ("97", "97"), ("9999", ""), ("1" * 60, ""), (":3", ""),
    ],
)  # fmt: skip
def test_only_well_formed_colours_are_stored(codes: str, kept: str) -> None:
    cleaned = clean_text(f"a\x1b[{codes}mb")
    assert cleaned == (f"a\x1b[{kept}mb" if kept else "ab")
    assert clean_text(cleaned) == cleaned
    ansi2html(cleaned)


@given(
    st.lists(st.integers(0, 260) | st.sampled_from([38, 48, 2, 5]), max_size=9).map(
        lambda codes: ";".join(map(str, codes))
    )
)
def test_no_colour_breaks_a_page(codes: str) -> None:
    ansi2html(clean_text(f"\x1b[{codes}mb\x1b[{codes};38mc"))


def test_the_outputs_of_the_judge_stay_and_all_others_are_cleaned() -> None:
    def cell(**about: object):
        output = new_output("display_data", {"text/html": '<p style="color:red">x</p>'})
        metadata = {"nbgrader": {"grade_id": "a", **about}} if about else {}
        return new_code_cell("", metadata=metadata, outputs=[output])

    cells = [
        cell(),
        cell(grade=True, solution=False),
        cell(grade=True, solution=True),
        cell(grade=False, solution=True),
    ]
    notebook = new_notebook(cells=cells, metadata={"widgets": {"a": {}}})
    cleaned, _ = Clean().preprocess(notebook, {})
    kept = ["style" in json.dumps(each.outputs) for each in cleaned.cells]
    assert kept == [False, True, False, False]
    assert cleaned.metadata == {}


def test_it_runs_right_after_the_judge() -> None:
    config = Config()
    configure(config)
    steps = config.Autograde.autograde_preprocessors
    assert steps[steps.index("nbjudge.judging.steps.Judge") + 1] == "nbjudge.pages.clean.Clean"


@pytest.mark.parametrize("payload", HTML + TEX)
def test_the_judges_table_quotes_a_message_without_life(payload: str) -> None:
    verdict = Verdict([Row("64 predictions", "wrong", 0, 3, Reason(f"It stops with E: {payload}."))], 0, 3)
    table, _ = outputs_of(verdict)
    page = re.sub(r' (?:style|role|scope|aria-label)="[^"]*"', "", table.data["text/html"])
    assert_dead(page)


def test_names_are_escaped_for_formgrader() -> None:
    resources = {"student": '"><img src=x>', "first_name": None, "index": 1}
    assert EscapeNames().preprocess(new_notebook(), resources)[1] == {
        "student": "&quot;&gt;&lt;img src=x&gt;",
        "first_name": None,
        "index": 1,
    }


@pytest.mark.parametrize(
    ("outputs", "kept"),
    [
        ([new_output("stream", text=COLOURFUL * 400)] * 100, 10_000),
        ([new_output("stream", text="x" * 400_000)] * 9, 1_000_000),
        ([new_output("error", ename="", evalue="", traceback=["x" * 1000] * 900)] * 9, 1_000_000),
        ([new_output("display_data", {"text/plain": "x"})] * 5000, 3000),
        ([new_output("display_data", {"text/markdown": "*x* " * 1000 + "y " * 3000})] * 90, 40 * 1000),
    ],
)
def test_the_outputs_of_a_notebook_have_a_budget(outputs: list, kept: int) -> None:
    """Cells share it, so that no number of cells makes a page that can't be opened."""
    cells = [new_code_cell(outputs=outputs[start::3]) for start in range(3)]
    notebook, _ = Clean().preprocess(new_notebook(cells=cells), {})
    text = json.dumps([cell.outputs for cell in notebook.cells])
    counted = {10_000: text.count("u001b"), 3000: text.count('"display_data"'), 40_000: text.count("<em>")}
    assert counted.get(kept, text.count("x")) == pytest.approx(kept, rel=0.01)


def test_what_is_left_out_is_said_once() -> None:
    cells = [new_code_cell(outputs=[new_output("stream", text="x" * 400_000)]) for _ in range(9)]
    notebook, _ = Clean().preprocess(new_notebook(cells=cells), {})
    assert json.dumps([cell.outputs for cell in notebook.cells], ensure_ascii=False).count("… (the rest") == 1


@pytest.mark.parametrize(
    "text", ["</style" * 25_000, "<b " + " ".join(f"a{n}" for n in range(25_000)), "<div>" * 9_000, "<a><b>" * 4_000]
)
def test_html_that_was_made_to_be_slow_is_dead_too(text: str) -> None:
    assert_dead(clean_html(text))


def test_code_on_a_page_hides_no_letter_and_turns_none_around() -> None:
    text = "x = 1  # \u202e }\u2066 p \u2069\u200b\u3164\x1b[31m\x07\x08\x00\ufeff\U000e0041\u2028y\ufe0f\r\n"
    text += "\ty = 2\rz = 3\n"
    cells = [new_code_cell(text), new_code_cell(text, metadata={"nbgrader": {"grade": True, "solution": False}})]
    notebook, _ = Shorten().preprocess(new_notebook(cells=cells), {})
    line = r"x = 1  # \u202e }\u2066 p \u2069\u200b\u3164\x1b[31m\x07\x08\x00\ufeff\U000e0041\u2028y\ufe0f"
    assert notebook.cells[0].source == f"{line}\n\ty = 2\nz = 3\n"
    assert notebook.cells[1].source == text, "it is the instructor's"
    assert notebook.metadata.language_info == {"name": "python"}, "or nbconvert's lexer takes long over dots"
    for honest in ("größe = 1  # 学生 ✔️ ❤️ é π₁", "def f(x):\n\treturn 2 * x"):
        assert seen(honest) == honest
    (cell,) = Shorten().preprocess(new_notebook(cells=[new_code_cell("\u202e" * 10**6)]), {})[0].cells
    assert len(cell.source) < 51_000


def test_a_page_shows_a_few_empty_lines_and_says_that_there_are_more() -> None:
    text = "y = 2" + "\n " * 24_980 + "\nx = 1"
    (cell,) = Shorten().preprocess(new_notebook(cells=[new_code_cell(text)]), {})[0].cells
    assert cell.source == "y = 2" + "\n" * MAX_GAP + "\n# … (more empty lines)\nx = 1"
    assert without_gaps("a\n\n\nb  \n    c") == "a\n\n\nb\n    c"


def test_pages_show_the_beginning_of_very_long_code() -> None:
    test = new_code_cell("t" * 70_000, metadata={"nbgrader": {"grade": True, "solution": False}})
    cells = [new_code_cell("a = 1"), *(new_code_cell("x\n" * 10**6) for _ in range(9)), test]
    notebook, _ = Shorten().preprocess(new_notebook(cells=cells), {})
    assert [cell.source for cell in (notebook.cells[0], notebook.cells[-1])] == ["a = 1", "t" * 70_000]
    shown = [cell.source for cell in notebook.cells[1:-1]]
    assert sum(map(len, shown)) < 205_000
    assert all(text.endswith("in the notebook)") for text in shown)


def test_what_html_begins_anew_in_each_paragraph_is_not_multiplied() -> None:
    text = "<p>" + "".join(f"<b a={number}>" for number in range(95)) + "<p>a" * 2000
    assert "a</p>" in clean_html(text)
    assert len(clean_html(text)) < 3 * len(text)
    assert clean_html("<B>x</B> <code class='c'>y</code> <em/>z <bdo>w</bdo>") == "<b>x</b> <code>y</code> <em>z w</em>"


def test_a_tag_that_closes_nothing_makes_nothing_less_deep() -> None:
    assert clean_html("<div></x>" * 101) == ""
    assert clean_html("<div></div>" * 101) != ""
