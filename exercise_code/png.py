"""Small PNGs of pictures that have a few colours and smooth edges between them."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FLAT, EDGES = 40, 48
"""Colours of a picture: the most frequent ones, kept as they are, and those that stand for all the others."""


def png(pixels: NDArray, below: NDArray | None = None) -> bytes:
    """A picture [height, width, 3] as a PNG; with another one ``below``, transparent where the two are the same."""
    drawn = np.ones(pixels.shape[:2], dtype=bool) if below is None else (pixels != below).any(axis=2)
    layer, palette = np.zeros(drawn.shape, dtype=np.uint8), np.zeros((1, 3), dtype=np.uint8)
    if drawn.any():
        numbers, colours = _few_colours(pixels[drawn])
        layer[drawn], palette = numbers + 1, np.concatenate([palette, colours])
    picture, file = Image.fromarray(layer), io.BytesIO()
    picture.putpalette(palette.ravel().tolist())
    picture.save(file, "PNG", optimize=True, **({} if drawn.all() else {"transparency": 0}))
    return file.getvalue()


def _few_colours(pixels: NDArray) -> tuple[NDArray, NDArray]:
    """For each of the pixels [n, 3] the number of its colour, and the colours [k, 3]; k is small."""
    red, green, blue = pixels.astype(np.uint32).T
    codes = red << 16 | green << 8 | blue
    _, places, which, counts = np.unique(codes, return_index=True, return_inverse=True, return_counts=True)
    colours, order = pixels[places], np.argsort(-counts, kind="stable")
    flat, rest = order[:FLAT], order[FLAT:]
    numbers, palette = np.zeros(len(colours), dtype=np.uint8), colours[flat]
    numbers[flat] = np.arange(len(flat))
    if len(rest):
        few = Image.fromarray(colours[None, rest]).quantize(EDGES, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        numbers[rest] = np.asarray(few)[0] + len(flat)
        palette = np.concatenate([palette, np.array(few.getpalette(), dtype=np.uint8).reshape(-1, 3)])
    return numbers[which], palette
