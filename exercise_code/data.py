"""The samples: measurements of cell nuclei, and whether the tumour was malignant.

The data are the Breast Cancer Wisconsin (Diagnostic) set (Wolberg, Mangasarian, Street and Street, 1993), with the
values that scikit-learn has. 569 samples with 30 features each. The label is 1 for malignant and 0 for benign (the
opposite of scikit-learn's coding: here the class that we look for is the positive one).
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exercise_code.errors import DataError

PICTURE_FEATURES = ("worst radius", "worst texture")
"""Two features that can be drawn: size of the largest nuclei, and how uneven their grey values are."""

CLASS_NAMES = ("benign", "malignant")

TUMOURS = Path(__file__).with_name("tumours.csv")
"""They lie in the order of their parts: first 341 to train on, then 114 for validation, and 114 for the test."""
PARTS = (341, 341 + 114)
"""Where the second and the third part begin."""


@dataclass(frozen=True)
class Dataset:
    """A data set in three parts: train on one, choose with the second, report on the third.

    Every ``X`` has shape [N, D], every ``y`` has shape [N, 1] with values 0 and 1; N differs per part.
    All are stored as new arrays of floats: ``1 - y`` fails for bool, and ``-y`` is 255 for the byte 1.
    """

    X_train: NDArray
    y_train: NDArray
    X_val: NDArray
    y_val: NDArray
    X_test: NDArray
    y_test: NDArray
    feature_names: tuple[str, ...]

    def __post_init__(self) -> None:
        for part in ("train", "val", "test"):
            X, y = getattr(self, f"X_{part}"), getattr(self, f"y_{part}")
            check_samples(X, y, where=f" in the {part} part")
            if X.shape[1] != len(self.feature_names):
                raise DataError(
                    f"X_{part} has {X.shape[1]} columns, but there are {len(self.feature_names)} feature names."
                )
            object.__setattr__(self, f"X_{part}", X.astype(float))  # the way around frozen
            object.__setattr__(self, f"y_{part}", y.astype(float))

    def __repr__(self) -> str:
        sizes = ", ".join(f"{part} {len(getattr(self, f'y_{part}'))}" for part in ("train", "val", "test"))
        return f"Dataset({sizes} samples; {len(self.feature_names)} features)"


def check_samples(X: NDArray, y: NDArray, where: str = "") -> None:
    """Make sure that ``X`` is a finite [N, D] array of numbers and ``y`` is [N, 1] with values 0 and 1.

    Raises
    ------
    DataError
        With one sentence that says what is wrong; ``where`` is put into it.
    """
    for name, array in (("X", X), ("y", y)):
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
            kind = f"dtype {array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
            raise DataError(f"{name}{where} must be a numpy array of numbers, not {kind}.")
    if X.ndim != 2:
        raise DataError(f"X{where} must have shape [N, D], not {X.shape}.")
    if 0 in X.shape:
        raise DataError(f"there are no samples or no features{where}: X has shape {X.shape}.")
    if y.shape != (len(X), 1):
        raise DataError(f"y{where} must have shape {(len(X), 1)}, one row per sample of X, not {y.shape}.")
    if not np.isfinite(X).all():
        raise DataError(f"X{where} contains NaN or infinity; remove or fill these values first.")
    if not np.isin(y, (0, 1)).all():
        wrong = np.unique(y[~np.isin(y, (0, 1))])[:3].tolist()
        raise DataError(f"the labels y{where} must be 0 or 1, but there is {', '.join(map(str, wrong))}.")


def read_csv(path: str | Path, features: Sequence[str], label: str) -> tuple[NDArray, NDArray]:
    """Read the columns ``features`` and ``label`` of a CSV file with a header line.

    Returns
    -------
    X : array [N, D], y : array [N, 1]

    Raises
    ------
    DataError
        If the file can't be read, lacks a column, is empty, or holds something that is no number.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            header = reader.fieldnames or []
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DataError(f"{path} can't be read as a CSV file: {reason}.") from error
    if not header:
        raise DataError(f"{path} is empty; its first line must hold the names of the columns.")
    missing = [name for name in (*features, label) if name not in header]
    if missing:
        raise DataError(f"{path} has no column {_listed(missing)}; it has: {_listed(header)}.")
    table = np.empty((len(rows), len(features) + 1))
    for i, row in enumerate(rows):
        if None in row:  # where DictReader keeps what is left over
            raise DataError(f"{path}, sample {i + 1} has more values than there are columns (a decimal comma?).")
        for j, name in enumerate((*features, label)):
            try:
                table[i, j] = float(row[name])
            except (TypeError, ValueError):
                value = "nothing" if row[name] is None else repr(row[name])
                raise DataError(f"{path}, sample {i + 1}: {value} in column {name!r} is no number.") from None
    X, y = table[:, :-1], table[:, -1:]
    check_samples(X, y, where=f" of {path}")
    return X, y


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))


def split_and_standardise(X: NDArray, y: NDArray, feature_names: Sequence[str], seed: int = 0) -> Dataset:
    """Split into 60 % train, 20 % validation and 20 % test, with the same share of each class in all three.

    Each feature is then shifted and scaled to mean 0 and standard deviation 1. Mean and deviation come from the
    training part alone: the other two stand for samples that nobody has seen yet.

    Raises
    ------
    DataError
        If a class has too few samples to be in all three parts.
    """
    from sklearn.model_selection import train_test_split  # here, because it takes a second to import

    check_samples(X, y)
    counts = np.bincount(y.astype(int).ravel(), minlength=2)
    if counts.min() < 5:
        raise DataError(
            f"each class needs at least 5 samples to be split; there are {counts[0]} zeros and {counts[1]} ones."
        )
    X_train, X_rest, y_train, y_rest = train_test_split(X, y, train_size=0.6, stratify=y, random_state=seed)
    X_val, X_test, y_val, y_test = train_test_split(X_rest, y_rest, train_size=0.5, stratify=y_rest, random_state=seed)
    return _standardised((X_train, X_val, X_test), (y_train, y_val, y_test), feature_names)


def _standardised(Xs: Sequence[NDArray], ys: Sequence[NDArray], feature_names: Sequence[str]) -> Dataset:
    """``Xs`` and ``ys`` hold one array for each part."""
    X_train = Xs[0].astype(float)
    mean, deviation = X_train.mean(axis=0), X_train.std(axis=0)
    deviation[np.ptp(X_train, axis=0) == 0] = 1  # a constant feature stays constant
    train, val, test = (((X - mean) / deviation, y) for X, y in zip(Xs, ys, strict=True))
    return Dataset(*train, *val, *test, feature_names=tuple(feature_names))


def load_tumours(features: Sequence[str] | None = None) -> Dataset:
    """The breast cancer data in their three parts, standardised.

    Parameters
    ----------
    features
        Names of the features to use, for example ``PICTURE_FEATURES``; all 30 if left out.

    Raises
    ------
    DataError
        If a feature is unknown, or there is none.
    """
    with open(TUMOURS, newline="", encoding="utf-8") as file:
        label, *names = next(csv.reader(file))
    chosen = names if features is None else list(features)
    unknown = [name for name in chosen if name not in names]
    if isinstance(features, str):
        raise DataError(f"the features must be a list of names, not the string {features!r}.")
    if not chosen:
        raise DataError("the list of features is empty; name at least one, or leave it out to get all 30.")
    if unknown:
        raise DataError(f"there is no feature {_listed(unknown)}; there are: {_listed(names)}.")
    X, y = read_csv(TUMOURS, chosen, label)
    return _standardised(np.split(X, PARTS), np.split(y, PARTS), chosen)


def accuracy(y_out: ArrayLike, y_truth: ArrayLike) -> float:
    """Share of samples whose prediction falls on the right side of 0.5, between 0 and 1.

    Raises
    ------
    DataError
        If the two differ in shape (numpy would compare each prediction with every label) or are empty.
    """
    y_out, y_truth = np.asarray(y_out), np.asarray(y_truth)
    if y_out.shape != y_truth.shape or not y_out.size:
        raise DataError(
            f"predictions and labels must have the same shape and not be empty, but it is {y_out.shape} "
            f"against {y_truth.shape}."
        )
    return np.count_nonzero((y_out >= 0.5) == (y_truth >= 0.5)) / y_out.size
