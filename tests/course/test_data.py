"""The samples: split, standardisation, and a sentence for everything that can be wrong with them."""

import socket

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from exercise_code import DataError
from exercise_code.data import (
    PICTURE_FEATURES,
    Dataset,
    accuracy,
    check_samples,
    load_tumours,
    read_csv,
    split_and_standardise,
)
from tests.support.sentences import assert_sentence

PARTS = ("train", "val", "test")


def parts(data, letter):
    return [getattr(data, f"{letter}_{part}") for part in PARTS]


def numbered(zeros, ones):
    """Samples whose only feature is their number."""
    y = np.repeat([0.0, 1.0], [zeros, ones]).reshape(-1, 1)
    return np.arange(len(y), dtype=float).reshape(-1, 1), y


def numbers_in_parts(X, y, seed=0):
    """Which samples went into which part: found again by their order, which standardising keeps."""
    pieces = parts(split_and_standardise(X, y, ["number"], seed), "X")
    ranks = np.argsort(np.argsort(np.concatenate(pieces).ravel()))
    return np.split(ranks, np.cumsum([len(piece) for piece in pieces])[:-1])


def raises_sentence(f, *words):
    with pytest.raises(DataError) as caught:
        f()
    assert_sentence(caught.value, *words)


# Split


@given(st.integers(5, 60), st.integers(5, 60), st.integers(0, 100))
def test_split_covers_every_sample_once_and_each_class(zeros, ones, seed):
    X, y = numbered(zeros, ones)
    pieces = numbers_in_parts(X, y, seed)
    assert sorted(np.concatenate(pieces)) == list(range(len(X)))
    for piece, labels, share in zip(
        pieces, parts(split_and_standardise(X, y, ["number"], seed), "y"), (0.6, 0.2, 0.2), strict=True
    ):
        np.testing.assert_array_equal(labels, y[piece])  # X and y belong together
        assert abs(len(piece) - share * len(X)) <= 1
        assert abs(labels.sum() - share * ones) <= 1.5
        assert set(labels.ravel()) == {0.0, 1.0}


def test_seed_decides_the_split():
    X, y = numbered(40, 60)
    first, same, other = (numbers_in_parts(X, y, seed) for seed in (3, 3, 4))
    for a, b, c in zip(first, same, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert set(a) != set(c)


# Standardisation


@pytest.mark.parametrize("features", [PICTURE_FEATURES, None], ids=["2 features", "30 features"])
def test_standardised_with_training_statistics_only(features):
    data = load_tumours(features)
    np.testing.assert_allclose(data.X_train.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(data.X_train.std(axis=0), 1)
    for X in (data.X_val, data.X_test):
        assert (np.abs(X.mean(axis=0)) > 1e-6).all()
        assert (np.abs(X.std(axis=0) - 1) > 1e-6).all()
        assert (np.abs(X.mean(axis=0)) < 0.5).all()  # but nearly


@pytest.mark.parametrize("part", [1, 2], ids=["validation", "test"])
def test_other_samples_leak_nothing_into_training(part):
    X, y = numbered(40, 60)
    changed = X.copy()
    changed[numbers_in_parts(X, y)[part]] *= 1000
    before, after = (split_and_standardise(array, y, ["number"]) for array in (X, changed))
    np.testing.assert_array_equal(before.X_train, after.X_train)
    assert not np.array_equal(parts(before, "X")[part], parts(after, "X")[part])


def test_constant_feature_is_no_problem():
    X, y = numbered(10, 10)
    data = split_and_standardise(np.hstack([X, np.full_like(X, 7.0)]), y, ["number", "constant"])
    assert (data.X_test[:, 1] == 0).all()


def test_given_arrays_are_untouched():
    X, y = numbered(10, 10)
    data = split_and_standardise(X, y, ["number"])
    data.y_train[:] = 7
    data.X_train[:] = 7
    for array, copy in zip((X, y), numbered(10, 10), strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32], ids=lambda t: np.dtype(t).name)
def test_labels_of_any_number_type_become_floats(dtype):
    X, y = numbered(10, 10)
    data = split_and_standardise(X.astype(np.float32), y.astype(dtype), ["number"])
    assert {array.dtype for letter in "Xy" for array in parts(data, letter)} == {np.dtype(float)}


# The tumours


def test_tumours():
    data = load_tumours()
    assert [len(y) for y in parts(data, "y")] == [341, 114, 114]
    for X, y in zip(parts(data, "X"), parts(data, "y"), strict=True):
        assert X.shape == (len(y), 30)
        assert y.shape == (len(X), 1)
        assert set(y.ravel()) == {0.0, 1.0}
        assert y.mean() == pytest.approx(212 / 569, abs=0.01)
    assert repr(data) == "Dataset(train 341, val 114, test 114 samples; 30 features)"


@pytest.mark.parametrize("features", [PICTURE_FEATURES, None], ids=["2 features", "30 features"])
def test_the_file_has_the_values_and_the_split_that_scikit_learn_gives(features):
    raw = load_breast_cancer()
    names = [str(name) for name in raw.feature_names]
    chosen = names if features is None else list(features)
    X = raw.data[:, [names.index(name) for name in chosen]]
    expected, given = split_and_standardise(X, 1 - raw.target.reshape(-1, 1), chosen), load_tumours(features)
    for letter in "Xy":
        for mine, theirs in zip(parts(given, letter), parts(expected, letter), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert given.feature_names == expected.feature_names


@pytest.mark.parametrize("X_type", [float, np.float32], ids=lambda t: np.dtype(t).name)
def test_standardising_is_scikit_learns(X_type):
    X, y = np.random.default_rng(2).normal(3, 20, (50, 4)).astype(X_type), numbered(20, 30)[1]
    data, scaler = split_and_standardise(X, y, list("abcd")), StandardScaler()
    X_train, *others = train_test_split(X, train_size=0.6, stratify=y, random_state=0)
    X_val, X_test = train_test_split(
        others[0],
        train_size=0.5,
        stratify=train_test_split(y, train_size=0.6, stratify=y, random_state=0)[1],
        random_state=0,
    )
    scaler.fit(X_train.astype(float))
    for mine, raw in zip(parts(data, "X"), (X_train, X_val, X_test), strict=True):
        np.testing.assert_allclose(mine, scaler.transform(raw.astype(float)), atol=1e-12)


def test_label_1_is_malignant():
    raw = load_breast_cancer()
    malignant = raw.target == list(raw.target_names).index("malignant")
    data = load_tumours(["worst area"])
    assert sum(y.sum() for y in parts(data, "y")) == malignant.sum()
    # sample by sample: the measurements, put in order, carry the same labels
    area = raw.data[:, list(raw.feature_names).index("worst area")]
    X, y = (np.concatenate(parts(data, letter)).ravel() for letter in "Xy")
    _, first, count = np.unique(area, return_index=True, return_counts=True)
    _, first_here, count_here = np.unique(X, return_index=True, return_counts=True)
    np.testing.assert_array_equal(count, count_here)
    alone = count == 1
    np.testing.assert_array_equal(y[first_here][alone], malignant[first][alone])


def test_features_are_chosen_by_name_in_the_order_given():
    everything, two = load_tumours(), load_tumours(["worst texture", "mean radius"])
    assert two.feature_names == ("worst texture", "mean radius")
    columns = [everything.feature_names.index(name) for name in two.feature_names]
    np.testing.assert_allclose(two.X_val, everything.X_val[:, columns])


def test_needs_no_network(monkeypatch):
    def forbidden(*args, **kwargs):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "socket", forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    load_tumours()


@pytest.mark.parametrize(
    ("features", "words"),
    [
        pytest.param(["worst radius", "colour"], ["no feature 'colour'", "'worst radius'"], id="unknown"),
        pytest.param([3], ["no feature 3"], id="a number"),
        pytest.param([], ["empty"], id="none"),
        pytest.param("worst radius", ["list of names", "'worst radius'"], id="a string"),
    ],
)
def test_bad_features(features, words):
    raises_sentence(lambda: load_tumours(features), *words)


# Arrays that can't be used

X2, Y2 = np.ones((4, 2)), np.array([[0.0], [1.0], [0.0], [1.0]])


def put(array, index, value):
    array = array.copy()
    array[index] = value
    return array


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        pytest.param(X2, Y2 * 2, ["labels y", "0 or 1", "2.0"], id="label 2"),
        pytest.param(X2, Y2.astype(int) * 2 - 1, ["labels y", "0 or 1", "-1"], id="label -1"),
        pytest.param(X2, Y2 / 2, ["labels y", "0.5"], id="label 0.5"),
        pytest.param(X2, put(Y2, 0, np.nan), ["labels y", "nan"], id="label NaN"),
        pytest.param(X2, Y2.ravel(), ["y must have shape (4, 1)", "(4,)"], id="y [N]"),
        pytest.param(X2, Y2.T, ["y must have shape (4, 1)", "(1, 4)"], id="y [1, N]"),
        pytest.param(X2, Y2[:3], ["y must have shape (4, 1)", "(3, 1)"], id="y too short"),
        pytest.param(X2[:, 0], Y2, ["X must have shape [N, D]", "(4,)"], id="X [N]"),
        pytest.param(X2[None], Y2, ["X must have shape [N, D]", "(1, 4, 2)"], id="X 3-d"),
        pytest.param(np.array(1.0), Y2, ["X must have shape [N, D]", "()"], id="X a number"),
        pytest.param(X2.astype(object), Y2, ["X must be", "dtype object"], id="X object"),
        pytest.param(X2.astype(str), Y2, ["X must be", "dtype <U"], id="X text"),
        pytest.param(X2.astype(complex), Y2, ["X must be", "dtype complex128"], id="X complex"),
        pytest.param(X2, np.array([["M"], ["B"], ["M"], ["B"]]), ["y must be", "dtype <U1"], id="y text"),
        pytest.param(X2.tolist(), Y2, ["X must be", "not list"], id="X list"),
        pytest.param(X2, Y2.tolist(), ["y must be", "not list"], id="y list"),
        pytest.param(X2, None, ["y must be", "not NoneType"], id="y None"),
        pytest.param(X2[:0], Y2[:0], ["no samples", "(0, 2)"], id="empty"),
        pytest.param(X2[:, :0], Y2, ["no features", "(4, 0)"], id="no features"),
        pytest.param(put(X2, (1, 1), np.nan), Y2, ["X contains NaN"], id="X NaN"),
        pytest.param(put(X2, (1, 1), -np.inf), Y2, ["X contains", "infinity"], id="X infinite"),
        pytest.param(X2, np.zeros((4, 1)), ["at least 5", "4 zeros", "0 ones"], id="one class only"),
        pytest.param(X2, Y2, ["at least 5", "2 zeros", "2 ones"], id="too few"),
    ],
)
def test_bad_arrays(X, y, words):
    raises_sentence(lambda: split_and_standardise(X, y, ["a", "b"]), *words)


def test_feature_names_do_not_match():
    raises_sentence(lambda: split_and_standardise(*numbered(10, 10), ["a", "b"]), "1 columns", "2 feature names")


def test_a_dataset_checks_its_parts(data):
    fields = {f"{letter}_{part}": getattr(data, f"{letter}_{part}") for letter in "Xy" for part in PARTS}
    fields["y_val"] = fields["y_val"].ravel()
    raises_sentence(lambda: Dataset(**fields, feature_names=data.feature_names), "y in the val part", "(114, 1)")


any_dtype = st.one_of(hnp.scalar_dtypes(), hnp.unicode_string_dtypes(), hnp.array_dtypes(), st.just(np.dtype(object)))
any_shape = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
any_array = any_dtype.flatmap(
    lambda dtype: any_shape.flatmap(
        lambda shape: st.just(np.empty(shape, object)) if dtype.kind == "O" else hnp.arrays(dtype, shape)
    )
)


def either_fine_or_a_sentence(X, y):
    try:
        check_samples(X, y)
    except DataError as error:
        assert_sentence(error)
    else:
        assert X.shape == (len(y), X.shape[1])
        assert set(y.ravel().tolist()) <= {0, 1}
        assert np.isfinite(X).all()


@given(any_array, any_array)
def test_arbitrary_arrays_are_fine_or_a_data_error(X, y):
    either_fine_or_a_sentence(X, y)


number_dtypes = st.one_of(
    *(make() for make in (hnp.boolean_dtypes, hnp.integer_dtypes, hnp.unsigned_integer_dtypes, hnp.floating_dtypes))
)


@given(
    hnp.arrays(number_dtypes, st.tuples(st.integers(1, 2), st.integers(0, 2))),
    hnp.arrays(number_dtypes, st.tuples(st.integers(1, 2), st.just(1))),
)
def test_arbitrary_numbers_are_fine_or_a_data_error(X, y):
    either_fine_or_a_sentence(X, y)


# Accuracy


@pytest.mark.parametrize(
    ("y_out", "expected"),
    [
        pytest.param([[0.1], [0.2], [0.7], [0.9]], 1.0, id="all right"),
        pytest.param([[0.9], [0.8], [0.3], [0.1]], 0.0, id="all wrong"),
        pytest.param([[0.1], [0.2], [0.3], [0.5]], 0.75, id="0.5 counts as 1"),
    ],
)
def test_accuracy(y_out, expected):
    assert accuracy(y_out, [[0], [0], [1], [1]]) == expected


@pytest.mark.parametrize("shape", [(3,), (1, 3), (1, 1), (0, 1)], ids=str)
def test_accuracy_does_not_broadcast(shape):
    raises_sentence(lambda: accuracy(np.ones(shape), np.ones((0 if 0 in shape else 3, 1))), "same shape", str(shape))


# CSV files


@pytest.fixture
def csv_file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "tumours.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


def test_csv_round_trip(csv_file):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(20, 2)), rng.integers(0, 2, (20, 1)).astype(float)
    lines = [f"{float(b)!r},benign?,{int(label)},{float(a)!r}" for (a, b), (label,) in zip(X, y, strict=True)]
    path = csv_file("\n".join(["texture,remark,label,radius", *lines]))
    for given_path in (path, str(path)):
        X_read, y_read = read_csv(given_path, ["radius", "texture"], "label")
        np.testing.assert_array_equal(X_read, X)
        np.testing.assert_array_equal(y_read, y)
    split_and_standardise(X_read, y_read, ["radius", "texture"])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param("a,label\n1,0\n2,1\n", "utf-8-sig", id="byte order mark"),
        pytest.param("a,label\r\n1,0\r\n2,1\r\n", "utf-8", id="Windows line ends"),
        pytest.param('"a","label"\n"1","0"\n" 2 ","1"\n\n', "utf-8", id="quotes, blanks, empty line"),
    ],
)
def test_csv_dialects(csv_file, text, encoding):
    X, y = read_csv(csv_file(text, encoding), ["a"], "label")
    assert (X.tolist(), y.tolist()) == ([[1.0], [2.0]], [[0.0], [1.0]])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", ["is empty"], id="empty file"),
        pytest.param("a,b,label\n", ["no samples"], id="header only"),
        pytest.param("a,label\n1,0\n", ["no column 'b'", "'a', 'label'"], id="missing column"),
        pytest.param("1,2,0\n3,4,1\n", ["no column 'a', 'b', 'label'", "'1', '2', '0'"], id="no header"),
        pytest.param("a;b;label\n1;2;0\n", ["no column", "'a;b;label'"], id="semicolons"),
        pytest.param('a,"b\nb",label\n1,2,0\n', ["no column 'b'", r"'b\nb'"], id="line break in the header"),
        pytest.param("a,b,label\n1,2,0\n1,big,0\n", ["sample 2", "'big'", "'b'", "no number"], id="text"),
        pytest.param("a,b,label\n1,2,M\n", ["sample 1", "'M'", "'label'", "no number"], id="text as label"),
        pytest.param('a,b,label\n1,"2,5",0\n', ["sample 1", "'2,5'", "no number"], id="decimal comma in quotes"),
        pytest.param("a,b,label\n1,2,5,0\n", ["sample 1", "more values", "decimal comma"], id="decimal comma"),
        pytest.param("a,b,label\n1,,0\n", ["sample 1", "''", "'b'", "no number"], id="gap"),
        pytest.param("a,b,label\n1,2\n", ["sample 1", "nothing", "'label'"], id="short line"),
        pytest.param("a,b,label\n1,nan,0\n", ["NaN"], id="NaN"),
        pytest.param("a,b,label\n1,inf,0\n", ["infinity"], id="infinity"),
        pytest.param("a,b,label\n1,2,2\n", ["0 or 1", "2.0"], id="label 2"),
        pytest.param(b"a,b,label\n1,\xff\xfe,0\n", ["can't be read", "utf-8"], id="not UTF-8"),
    ],
)
def test_bad_csv(csv_file, text, words):
    path = csv_file(text)
    raises_sentence(lambda: read_csv(path, ["a", "b"], "label"), "tumours.csv", *words)


@pytest.mark.parametrize(("name", "reason"), [("no_such.csv", "No such file"), ("", "Is a directory")])
def test_csv_that_is_not_there(tmp_path, name, reason):
    raises_sentence(lambda: read_csv(tmp_path / name, ["a"], "label"), str(tmp_path), reason)
