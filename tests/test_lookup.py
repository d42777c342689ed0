import pytest

from lprkit.core.errors import ConfigError
from lprkit.core.lookup import known, missing, resolve

TABLE = {"sqrt": "math:sqrt", "floor": "math:floor", "lost": "a_package_that_is_not_there:thing"}


def test_a_known_name_comes_back() -> None:
    assert known("onnx", ["tflite", "onnx"], "exporter") == "onnx"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        known("onxx", ["tflite", "onnx"], "exporter")
    assert str(caught.value) == "No exporter named 'onxx'. Did you mean 'onnx'? Known: onnx, tflite."


def test_an_empty_table_says_so() -> None:
    with pytest.raises(ConfigError, match=r"No model named 'x'\. Known: none\."):
        known("x", [], "model")


def test_an_entry_is_imported_when_asked_for() -> None:
    assert resolve(TABLE, "sqrt", "function")(9) == 3  # type: ignore[operator]


def test_a_missing_package_says_what_to_install() -> None:
    with pytest.raises(ConfigError, match="Install it with: pip install a_package_that_is_not_there"):
        resolve(TABLE, "lost", "function")
    assert "pip install 'lprkit[train]'" in str(missing(ModuleNotFoundError(name="torch.nn")))
