"""The colours of pictures and tables, and the style of pictures as matplotlib's own parameters.

Colours are told apart by colour-blind eyes (Okabe and Ito, Color Universal Design, 2008). The background is opaque, so
that pictures read the same in a dark theme, and not white, so that they don't glare there.
"""

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#54585D"
DARK_BLUE, DARK_ORANGE = "#00598C", "#A33E00"
"""Of text, which needs more contrast."""
PAPER, INK, FAINT = "#E8E6E0", "#202124", "#D2D0CA"
PAGE, FAINT_ON_PAGE = "#FCFCFA", "#E4E4E0"
"""Of pictures on a page of ours, which has this colour itself."""

MARKS = {"right": "✓", "wrong": "✗", "remark": "!"}
"""What stands before a line of a table, by its kind."""
WORDS = {"right": "right", "wrong": "wrong", "remark": "advice"}
"""The same for those who listen."""
BEHIND = {"right": "#0068A3", "wrong": "#B34700", "remark": "#7D5800"}
"""The colour behind a mark, which is white: a notebook may be light or dark."""

STYLE = {
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": FAINT,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "hatch.linewidth": 0.8,
}
