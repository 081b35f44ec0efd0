"""Makes markdown, HTML and formulas that a student wrote harmless, whatever renders them later."""

import html
import re
from collections import Counter

import nh3
from latex2mathml.symbols_parser import convert_symbol
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from nbjudge.course.characters import BLANK, unescaped
from nbprobe.marks import with_few_marks

MAX_MARKDOWN, MAX_HTML = 20_000, 200_000
"""Characters of one text. The parsers take long over longer ones that were made for it."""
MAX_TAGS, MAX_DEPTH = 10_000, 100
MAX_ENVIRONMENTS = 100
"""Of TeX in one text. For each that begins, the parser looks for its end in all that follows."""
BEGINNINGS = "\\begin{", "\\\\(", "\\\\["
MAX_EMPHASIS = 2_000
"""Stars and underscores of one text. The parser pairs them, and moves all that stands behind each pair."""
GAP = re.compile(r"[^\S\n]{1000}")
"""At each blank, the parser looks for the end of the line behind all those that follow."""

TABLE = {"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"}
TEXT = {"b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "hr", "i", "ins", "kbd", "li", "ol"}
TEXT |= {"h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "q", "s", "small", "span", "strong", "sub", "sup", "u", "ul"}
FORMATTING = ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
"""What HTML begins anew in each paragraph until it is closed: a few kilobytes of it become gigabytes. So they are
parsed under names of which HTML knows nothing. Links are begun anew, too, but only one at a time can be open."""
BEGUN_ANEW = re.compile(rf"<(/?)({'|'.join(FORMATTING)})(?=[\s/>])", re.IGNORECASE)
RENAMED = {f"x-{name}" for name in TEXT.intersection(FORMATTING)}
NAMED_BACK = re.compile(r"<(/?)x-([a-z]+)>")
VOID = {"br", "col", "hr"}
ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
"""No link of a student's stays one. One click in a server of Jupyter's can be an order: nbgrader's formgrader obeys the
configuration in a folder that its address names, such as that of a submission."""
SILENT = {"style", "script"}
"""Their insides are no text."""
SPAN = re.compile(r"[1-9]\d?", re.ASCII)

_STRUCTURES = r"""
    acute arccos arcsin arctan arg bar begin big bigg Bigg Big bigl bigr Bigl Bigr binom bmod boldsymbol boxed breve
    cdots cfrac check cos cosh cot coth csc ddot ddots deg det dfrac dim displaystyle dot end exp frac gcd hat hline hom
    inf ker ldots left lg lim liminf limits limsup ln log mathbb mathbf mathbin mathcal mathfrak mathit mathop mathrel
    mathring mathrm mathsf mathscr mathtt max mid middle min mod nolimits nonumber not operatorname over overbrace
    overleftarrow overline overrightarrow overset phantom pmod Pr prime qquad quad right scriptscriptstyle scriptstyle
    sec sin sinh sqrt stackrel substack sum sup tan tanh text textbf textit textrm textsf textstyle texttt tfrac tilde
    to underbrace underline underset vdots vec widehat widetilde
"""
STRUCTURES = set(_STRUCTURES.split())
ENVIRONMENTS = {"matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array", "cases"}
ENVIRONMENTS |= {f"{name}{star}" for name in ("align", "equation", "gather", "split", "aligned") for star in ("", "*")}

COMMAND = re.compile(r"\\(?:(begin|end)\s*\{([^{}]*)\}|([A-Za-z]+)|[^A-Za-z])")
FORMULA = re.compile(r"\$\$[^$]+\$\$|\$[^$\s][^$]*\$")
PARTS = re.compile(r"(<[^<>]*>)")
TAG = re.compile(r"<(/?)([a-z0-9]+)")

BLANKS = dict.fromkeys(map(ord, BLANK), " ")
# Cc, Cf that turn text around or can't be seen, halves of characters, and what is no character
CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffc\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
PLAIN = re.compile(r"[\w .,;:!?'()/=+%\n-]*")
"""Text that means nothing in HTML and in TeX, and in markdown at most a list."""
NOT_PLAIN = re.compile(r"://|www\.|^\s*(?:[=-]|:\s)|\s{4}", re.MULTILINE)


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, without what needs other files, looks up lexers or gives names to headings."""

    def __init__(self) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{html.escape(code)}</code></pre>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return html.escape(text)

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Text, with the address to read."""
        address = html.escape(url)
        return text if address in (text, f"mailto:{text}") else f"{text} ({address})"


def visible(text: str) -> str:
    """The text without characters that can't be seen or that turn others around."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return with_few_marks(CONTROLS.sub("", text).translate(BLANKS))


def clean_markdown(text: str, at_most: int = MAX_MARKDOWN) -> str:
    """Markdown that shows what ``text`` shows, without anything alive.

    Simple text stays as it is. Everything else becomes one line of HTML: its insides aren't parsed as markdown again,
    which would need a blank line. What is longer than ``at_most`` characters shows as it was written.
    """
    text = visible(text).strip()
    if PLAIN.fullmatch(text) and not NOT_PLAIN.search(text):
        return text
    if text.startswith("<div>") and text.endswith("</div>") and "\n" not in text:
        rendered = text.removeprefix("<div>").removesuffix("</div>")  # it was cleaned before, or is HTML anyway
    elif len(text) > min(at_most, MAX_MARKDOWN) or _is_slow(text):
        return _as_code(text)
    else:
        try:
            rendered = MarkdownWithMath(renderer=_Renderer()).render(text)
        except Exception:  # the parser has no common error, and a student's text can be anything
            return _as_code(text)
    cleaned = clean_html(rendered)
    return f"<div>{cleaned}</div>" if cleaned else _as_code(text)


def _is_slow(text: str) -> bool:
    """Whether the parser would take the square of a text, or more."""
    environments, emphasis = (sum(map(text.count, signs)) for signs in (BEGINNINGS, "*_"))
    return environments > MAX_ENVIRONMENTS or emphasis > MAX_EMPHASIS or bool(GAP.search(text))


def clean_html(text: str) -> str:
    """HTML of one line with text and tables only, and with formulas that can do nothing.

    Images, links, styles, classes, names and scripts are dropped.
    Nothing ("") is left of what is too long or too deeply nested.
    """
    if len(text) > MAX_HTML or text.count("<") > MAX_TAGS or _depth(text) > MAX_DEPTH:
        return ""
    kept = nh3.clean(
        BEGUN_ANEW.sub(r"<\1x-\2", visible(text)),
        tags=TABLE | TEXT.difference(FORMATTING) | RENAMED,
        clean_content_tags=SILENT,
        attributes=ATTRIBUTES,
        attribute_filter=_filtered,
        link_rel=None,
    )
    return _on_one_line(NAMED_BACK.sub(r"<\1\2>", kept)).strip() if len(kept) <= 2 * MAX_HTML else ""


def clean_latex(text: str) -> str:
    """The formula, or "" if it uses a command that isn't known to be harmless."""
    text = visible(text[:MAX_MARKDOWN])
    return "" if any(not _harmless(match) for match in COMMAND.finditer(text)) else text


def _filtered(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute if it can stay."""
    return value if SPAN.fullmatch(value) else None


def _harmless(command: re.Match[str]) -> bool:
    """Whether a TeX command can only draw something. The symbols are those of latex2mathml."""
    _, environment, name = command.groups()
    if environment is None and name is None:
        return True  # spaces, braces, line breaks
    if environment is not None:
        return environment in ENVIRONMENTS
    return name in STRUCTURES - {"begin", "end"} or convert_symbol(f"\\{name}") is not None


def _on_one_line(markup: str) -> str:
    """The same markup without line breaks; the texts in it hold no TeX that could do anything."""
    parts, within = PARTS.split(markup), 0
    for index, part in enumerate(parts):
        tag = TAG.match(part)
        if tag and index % 2:
            if tag[2] in ("code", "pre"):
                within += -1 if tag[1] else 1
        elif within:
            parts[index] = _code_text(unescaped(part))
        else:
            parts[index] = _text(unescaped(part))
    return "".join(parts)


def _code_text(text: str) -> str:
    """Text within code. No page looks for TeX there, but some tools look at the file."""
    escaped = html.escape(visible(text), quote=False).replace("\n", "&#10;")
    return escaped.replace("$", "&#36;").replace("\\", "&#92;").replace("`", "&#96;")


def _text(text: str) -> str:
    """Text in which formulas stay formulas, and every other dollar is one."""
    text = re.sub(r"\s+", " ", visible(text))
    done, pieces = 0, []
    for formula in FORMULA.finditer(text):
        pieces += [prose(text[done : formula.start()]), _formula(formula[0])]
        done = formula.end()
    return "".join([*pieces, prose(text[done:])])


def _formula(text: str) -> str:
    """An escaped formula; as code, where no page looks for TeX, if it isn't known to be harmless."""
    if not clean_latex(text):
        return f"<code>{_code_text(text)}</code>"
    return _escaped(re.sub("> ?", r"\\gt ", re.sub("< ?", r"\\lt ", text)))


def prose(text: str) -> str:
    """Escaped text that isn't meant as a formula. A page may see one in it, so a harmful command becomes code."""
    done, pieces = 0, []
    for command in COMMAND.finditer(text):
        if not _harmless(command):
            pieces += [_escaped(text[done : command.start()]), f"<code>{_code_text(command[0])}</code>"]
            done = command.end()
    return "".join([*pieces, _escaped(text[done:])]).replace("$", "&#36;")


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace("`", "&#96;")


def _as_code(text: str) -> str:
    shortened = text if len(text) <= MAX_MARKDOWN else f"{text[:MAX_MARKDOWN]} … (the rest was left out)"
    return f"<div><pre>{_code_text(shortened)}</pre></div>"


def _depth(text: str) -> int:
    """How deep tags may lie in each other at most, without parsing."""
    depth = deepest = 0
    begun = Counter[str]()
    for tag in re.finditer(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)", text):
        name = tag[2].lower()
        if name in VOID | {"img", "p", "li", "td", "th", "tr", "input", "wbr"} or (tag[1] and not begun[name]):
            continue  # what isn't open can't be closed
        step = -1 if tag[1] else 1
        begun[name], depth = begun[name] + step, depth + step
        deepest = max(deepest, depth)
    return deepest
