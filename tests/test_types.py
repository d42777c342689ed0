import dataclasses

import pytest

from lprkit.core import types
from lprkit.core.types import Pattern, Plate, Region, Serial, Slot, Style

STYLE = Style("plain", 520, 112, (0, 0, 0), (255, 255, 255), (75.0,), 44.5)
PATTERN = Pattern("two rows", (Slot(("서울", "부산")), Slot(("1", "2"))), (0, "/", 1))
VALUES = [value for value in vars(types).values() if dataclasses.is_dataclass(value)]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_what_crosses_a_folder_is_frozen(value: type) -> None:
    assert value.__dataclass_params__.frozen
    assert value.__doc__ and not value.__doc__.startswith(value.__name__ + "(")


def test_a_serial_knows_its_text_and_rows() -> None:
    serial = Serial(("서울", " ", "1", "2", "/", "가", "-", "3"), STYLE, "kr")
    assert serial.tokens == ("서울", "1", "2", "가", "3")
    assert (serial.text, serial.rows) == ("서울12가3", 2)


def test_a_region_lists_every_token_once() -> None:
    region = Region("xx", "Nowhere", (PATTERN, PATTERN), (STYLE,))
    assert region.tokens == ("1", "2", "부산", "서울")
    assert PATTERN.rows == 2


def test_an_empty_plate_is_an_unread_licence_plate() -> None:
    assert (Plate().text, Plate().label, Plate().quad) == ("", "license_plate", None)
