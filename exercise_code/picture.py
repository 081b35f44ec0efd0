"""A picture among a cell's outputs, with words for those who can't see it.

JupyterLab shows a PNG without any words. So the same picture is there a second time, as HTML, which has them; what
shows no HTML takes the PNG.
"""

import html
import io
from base64 import b64encode

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from PIL import Image

from exercise_code.png import png


def show(fig: Figure, alt: str) -> None:
    """Show a figure, cut to what is drawn; ``alt`` says in words what that is."""
    file = io.BytesIO()
    fig.savefig(file, format="png", bbox_inches="tight")
    with Image.open(file) as image:
        display_png(png(np.array(image.convert("RGB"))), alt)


def display_png(content: bytes, alt: str) -> str:
    """Show a PNG with its words; gives the picture in base64, as it stands in the output."""
    encoded = b64encode(content).decode()
    page = f'<img src="data:image/png;base64,{encoded}" alt="{html.escape(alt)}">'
    about = {"image/png": {"alt": alt}}
    display({"image/png": encoded, "text/html": page, "text/plain": alt}, metadata=about, raw=True)
    return encoded
