"""Importing is free, and the public names are what they say."""

import subprocess
import sys

import pytest

import lprkit

HEAVY = ("torch", "cv2", "onnxruntime", "openvino", "lightning", "PIL", "onnx")


def loaded_after(code: str) -> set[str]:
    """The top-level modules that are loaded in a fresh interpreter after `code`."""
    script = (
        f"{code}\nimport sys; print('\\n'.join({{name.partition('.')[0] for name in sys.modules}}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    return set(done.stderr.split())


def test_importing_lprkit_imports_nothing_but_the_standard_library():
    assert loaded_after("import lprkit") <= {"lprkit", *sys.stdlib_module_names, *loaded_after("pass")}


def test_help_needs_no_runtime_and_no_torch():
    code = "from lprkit.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    assert loaded_after(code).isdisjoint(set(HEAVY) - {"cv2", "PIL"})


@pytest.mark.parametrize("module", ["lprkit.pipeline.run", "lprkit.pipeline.draw", "lprkit.cli.read", "lprkit.decode"])
def test_the_reading_path_does_without_torch(module):
    assert loaded_after(f"import {module}").isdisjoint({"torch", "lightning", "onnx"})


def test_all_is_sorted_and_true():
    assert lprkit.__all__ == sorted(lprkit.__all__)
    assert set(lprkit.__all__) == set(lprkit._HOMES) <= set(dir(lprkit))
    for name in lprkit.__all__:
        home = lprkit._HOMES[name].partition(":")[0]
        assert getattr(lprkit, name) is getattr(sys.modules[home], lprkit._HOMES[name].partition(":")[2])


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'raed'"):
        _ = lprkit.raed
