import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit.core.card import Calibration, InputSpec, ModelCard, card_from_json
from lprkit.core.errors import ModelError

SPEC = InputSpec(height=24, width=94)
CARD = ModelCard("small", "read", SPEC, tokens=("0", "서울"), steps=18)
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
notes = st.dictionaries(st.text(max_size=5), plain | st.lists(plain, max_size=2), max_size=3)
specs = st.builds(InputSpec, height=st.integers(1, 64), width=st.integers(1, 64))
cards = st.builds(
    ModelCard,
    name=st.text(),
    task=st.sampled_from(["read", "detect"]),
    input=specs,
    tokens=st.lists(st.text(min_size=1), min_size=1, unique=True).map(tuple),
    steps=st.integers(0, 100),
    rows=st.integers(1, 2),
    calibration=st.builds(Calibration, st.floats(0, 9), st.floats(-9, 9)),
    options=notes,
    origin=notes,
    scores=notes,
)


@given(cards)
def test_a_card_survives_its_json(card: ModelCard) -> None:
    assert card_from_json(card.to_json(), "m.onnx") == card


def without(key: str) -> str:
    raw = json.loads(CARD.to_json())
    del raw[key]
    return json.dumps(raw)


BAD = [
    "",
    "[]",
    "{}",
    '"card"',
    "null",
    without("input"),
    without("name"),
    CARD.to_json().replace('"name"', '"nmae"'),
    CARD.to_json().replace("24", '"tall"'),
    replace(CARD, tokens=()).to_json(),
    replace(CARD, input=InputSpec(0, 94)).to_json(),
    replace(CARD, tokens=("A", "A")).to_json(),
    CARD.to_json().replace('"rgb"', '"hsv"'),
    CARD.to_json().replace('"read"', '"paint"'),
    CARD.to_json().replace('"0"', "0"),
]


@pytest.mark.parametrize("text", BAD)
def test_a_text_that_is_no_card_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ModelError) as caught:
        card_from_json(text, "m.onnx")
    assert str(caught.value).startswith("m.onnx: ")
    assert "\n" not in str(caught.value)


def test_the_alphabet_of_a_card_ends_with_the_blank() -> None:
    assert CARD.alphabet.tokens == ("0", "서울")
    assert CARD.alphabet.blank == 2


@pytest.mark.parametrize("channels", ["rgb", "bgr", "grey", "sum"])
@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
def test_any_picture_fits_the_input(channels: str, resize: str) -> None:
    spec = replace(SPEC, channels=channels, resize=resize)
    for height, width in ((1, 1), (24, 94), (300, 5), (5, 300)):
        prepared = spec.prepare(np.full((height, width, 3), 255, np.uint8))
        assert prepared.shape == (spec.depth, 24, 94)
        assert prepared.dtype == np.float32
        assert prepared.max() == pytest.approx(3.0 if channels == "sum" else 1.0)


def test_channels_are_what_they_say() -> None:
    red = np.zeros((24, 94, 3), np.uint8)
    red[..., 0] = 200
    raw = InputSpec(24, 94, mean=100.0, scale=1.0)
    assert raw.prepare(red)[:, 0, 0].tolist() == [100, -100, -100]
    assert replace(raw, channels="bgr").prepare(red)[:, 0, 0].tolist() == [-100, -100, 100]
    assert replace(raw, channels="sum").prepare(red)[:, 0, 0].tolist() == [100]
    assert replace(raw, channels="grey").prepare(red)[:, 0, 0].tolist() == [round(0.299 * 200) - 100]


@given(st.integers(1, 200), st.integers(1, 200))
def test_letterbox_keeps_the_aspect(height: int, width: int) -> None:
    spec = replace(SPEC, resize="letterbox")
    across, down = spec.ratio(np.zeros((height, width, 3), np.uint8))
    assert across == down
    assert width * across <= spec.width + 1e-9 and height * down <= spec.height + 1e-9
    assert width * across == pytest.approx(spec.width) or height * down == pytest.approx(spec.height)


def test_a_batch_may_be_empty() -> None:
    assert SPEC.batch([]).shape == (0, 3, 24, 94)
    image = np.zeros((10, 20, 3), np.uint8)
    assert SPEC.batch([image, image]).shape == (2, 3, 24, 94)
