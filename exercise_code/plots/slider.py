"""A picture that is moved by a slider. Its frames are drawn beforehand, and the browser does the rest.

Not by ipywidgets: a saved notebook that is opened without a kernel would say "Error displaying widget", VS Code and
Colab would load its scripts from the network, and its stored outputs hold random ids.
"""

import html
import json
from base64 import b64encode
from dataclasses import dataclass

import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from exercise_code.picture import display_png
from exercise_code.png import png

SENTENCE = "Run this cell to move the picture."
"""All that is seen of a slider where scripts don't run."""

PAD = 0.09
"""Inches around what is drawn. Other pictures get it when they are cut to what is drawn."""

PAGE = """<div><p>{sentence}</p><script>
(() => {{
  const panel = document.currentScript.parentElement;
  const frames = {frames}, first = {first};
  const source = data => "data:image/png;base64," + data;
  const layers = frames.map(frame => Object.assign(new Image(), {{src: source(frame.png)}}));
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  panel.innerHTML = {control};
  const slider = panel.querySelector("input"), output = panel.querySelector("output");
  let picture = null;
  const find = () => {{
    // the picture of this cell, by what it shows: an id would be there twice in a second view of the notebook
    const still = source(frames[first].png);
    for (let place = panel; place && !picture?.isConnected; place = place.parentElement) {{
      picture = [...place.querySelectorAll("img")].find(image => image.src === still);
      if (place.matches(".jp-Cell, .cell")) break;
    }}
    return picture;
  }};
  const show = async () => {{
    const number = Number(slider.value), {{label, alt}} = frames[number];
    output.value = label;
    slider.setAttribute("aria-valuetext", label);
    await Promise.all([layers[first].decode(), layers[number].decode()]);
    if (number !== Number(slider.value) || !find()) return;
    canvas.width = layers[first].naturalWidth;
    canvas.height = layers[first].naturalHeight;
    pen.drawImage(layers[first], 0, 0);
    pen.drawImage(layers[number], 0, 0);
    picture.src = number === first ? layers[first].src : canvas.toDataURL();
    picture.alt = alt;
  }};
  const begin = tries => {{
    if (!find() && tries) return requestAnimationFrame(() => begin(tries - 1));
    if (!picture) panel.append(picture = layers[first].cloneNode());
    show();
  }};
  slider.addEventListener("input", show);
  begin(60);
}})();
</script></div>"""
CONTROL = """<label style="display: flex; flex-wrap: wrap; align-items: center; gap: 0 0.8em">{name}
<input type="range" min="0" max="{last}" value="{first}" data-lm-suppress-shortcuts="true"
style="width: 22em; max-width: 100%; margin: 0.4em 0">
<output aria-live="off"></output></label>"""
"""``data-lm-suppress-shortcuts``: or else JupyterLab takes the arrow keys, and goes to another cell."""


@dataclass(frozen=True)
class Frame:
    """One position of a slider: what it is called, and its picture with the words for those who can't see it."""

    label: str
    alt: str
    pixels: NDArray
    """[height, width, 3]"""


class Film:
    """The frames of a figure, all of one size. Change the figure and ``take`` the next; ``show`` them at the end."""

    def __init__(self, fig: Figure) -> None:
        fig.set_layout_engine("constrained", w_pad=PAD, h_pad=PAD)
        fig.draw_without_rendering()
        fig.set_layout_engine("none")  # it is laid out once: the frames must not wobble
        self._canvas = FigureCanvasAgg(fig)
        self.frames: list[Frame] = []

    def take(self, label: str, alt: str) -> None:
        """Add the figure as it is now."""
        self._canvas.draw()
        self.frames.append(Frame(label, alt, np.array(self._canvas.buffer_rgba())[:, :, :3]))

    def show(self, name: str, first: int) -> None:
        """Show the frame number ``first`` as a picture like any other, and below it a slider that changes it.

        ``name`` says what the slider changes, for example "learning rate".
        """
        still = self.frames[first]
        picture = display_png(png(still.pixels), still.alt)
        frames = [
            {"label": each.label, "alt": each.alt, "png": _base64(png(each.pixels, still.pixels))}
            for each in self.frames
        ]
        frames[first]["png"] = picture  # the others are laid over it
        control = CONTROL.format(name=html.escape(name), last=len(frames) - 1, first=first)
        page = PAGE.format(sentence=SENTENCE, frames=_script(frames), first=first, control=_script(control))
        display({"text/html": page, "text/plain": SENTENCE}, raw=True)


def _base64(content: bytes) -> str:
    return b64encode(content).decode()


def _script(value: object) -> str:
    """A value as JavaScript that no text in it can end early."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
