"""The colours of pictures and tables, and the style of pictures as matplotlib's own parameters.

Colours are told apart by colour-blind eyes (Okabe and Ito, Color Universal Design, 2008). The background is opaque, so
that pictures read the same in a dark theme.
"""

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#5F6368"
PAPER, INK, FAINT = "#FCFCFA", "#202124", "#E4E4E0"

MARKS = {"right": "✓", "wrong": "✗", "remark": "!"}
"""What stands before a line of a table, by its kind."""
ON_PAPER = {"right": BLUE, "wrong": ORANGE, "remark": "#8A6100"}
"""The colours of the marks on pages, which are light."""
ON_ANY_THEME = {"right": "#2390D0", "wrong": "#DE5B00", "remark": "#B07A00"}
"""The colours of the marks in a notebook, which may be light or dark."""

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
