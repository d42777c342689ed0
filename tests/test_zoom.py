"""The second look at plates that are small in their picture or fill it, with detectors that are written out."""

import numpy as np
import pytest

from lprkit.core.geometry import Box, box_of, quad_of
from lprkit.core.types import Detection, Reading
from lprkit.pipeline.run import WHOLE, Least, Pipeline
from lprkit.pipeline.sample import drawn_frame
from lprkit.pipeline.zoom import MOST_PX, WIDTHS, zoomed

RED = (255, 0, 0)
PLATE = Box(300, 200, 60, 20)
LABEL = "license_plate"


def picture(box=PLATE, size=(480, 960)):
    image = np.zeros((*size, 3), np.uint8)
    image[box.y : box.y + box.h, box.x : box.x + box.w] = RED
    return image


def detector(far, near, label=LABEL, wrong=1.0):
    """Scores of the red thing in whole pictures and in windows around it, and how much too wide it seems from afar."""

    def detect(images):
        found = []
        for image in images:
            rows, columns = np.nonzero((image == RED).all(axis=2))
            if not len(rows):
                found.append([])
                continue
            box = Box(columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
            is_far = image.shape[1] == 960 or image.shape[1] > 1.5 * WIDTHS * box.w
            score = far if is_far else near
            if not score:
                found.append([])
                continue
            extra = (wrong - 1) * box.w / 2 if is_far else 0
            found.append([Detection(quad_of(Box(box.x - extra, box.y, box.w + 2 * extra, box.h)), label, score)])
        return found

    return detect


def test_what_is_seen_from_nearer_counts():
    ((one,),) = zoomed(detector(0.5, 0.9, wrong=1.4), 0.3)([picture()])
    assert tuple(box_of(one.quad)) == tuple(PLATE)
    assert one.score == pytest.approx(0.7)


@pytest.mark.parametrize("at", [(0, 0), (900, 460), (450, 0), (0, 230)])
def test_plates_at_the_edges_stay_where_they_are(at):
    box = Box(*at, 60, 20)
    ((one,),) = zoomed(detector(0.5, 0.5), 0.3)([picture(box)])
    assert tuple(box_of(one.quad)) == tuple(box)


@pytest.mark.parametrize(
    ("far", "near", "kept"), [(0.1, 0.9, True), (0.1, 0.3, False), (0.5, 0.0, False), (0.7, 0.0, True)]
)
def test_the_mean_of_both_looks_decides(far, near, kept):
    (found,) = zoomed(detector(far, near), 0.3)([picture()])
    assert bool(found) == kept


@pytest.mark.parametrize("wide", [round(960 / WIDTHS) - 10, round(960 / WIDTHS) + 10, 700, 900])
def test_large_plates_are_looked_at_from_farther(wide):
    box = Box(20, 100, wide, wide // 4)
    ((one,),) = zoomed(detector(0.4, 0.9), 0.3)([picture(box)])
    assert tuple(box_of(one.quad)) == pytest.approx(tuple(box), abs=6)
    assert one.score == pytest.approx(0.65)


@pytest.mark.parametrize("size", [(480, 960), (60, 960), (960, 960), (1, 960), (3000, 960)])
def test_a_plate_that_fills_its_picture_is_found_from_farther(size):
    """The network sees no plate where the red thing takes more than half of the width."""
    box = Box(30, size[0] // 4, 900, min(max(1, size[0] // 2), 450))
    once = detector(0.9, 0.9)

    def blind(images):
        found = zip(images, once(images), strict=True)
        return [[one for one in some if box_of(one.quad).w < image.shape[1] / 2] for image, some in found]

    assert blind([picture(box, size)]) == [[]]
    (found,) = zoomed(blind, 0.3)([picture(box, size)])
    assert [tuple(box_of(one.quad)) for one in found] == [pytest.approx(tuple(box), abs=12)]


@pytest.mark.parametrize("widths", [1.1, 1.3, 1.5, 2, 3])
def test_a_plate_is_read_however_much_of_its_picture_it_takes(widths):
    """With the bundled models."""
    sample = drawn_frame()
    (truth,) = sample.plates
    box = box_of(truth.quad)
    beside = (widths - 1) * box.w / 2
    left, top = round(box.x - beside), round(box.y - beside)
    near = sample.image[top : round(box.y + box.h + beside), left : round(box.x + box.w + beside)]
    assert [one.reading.text for one in Pipeline().read(near)] == [truth.text]


def test_what_is_seen_beyond_the_picture_is_no_plate():
    def detect(images):
        return [
            [Detection(quad_of(Box(9, 9, 60, 20)), LABEL, 0.9)] if image.shape[1] != 960 else [] for image in images
        ]

    assert zoomed(detect, 0.3)([picture()]) == [[]]


def test_a_look_from_farther_takes_little_memory():
    sizes = []

    def detect(images):
        sizes.extend(image.shape for image in images)
        return [[] for _ in images]

    zoomed(detect, 0.3)([np.zeros((3000, 4000, 3), np.uint8)])
    assert sizes == [(3000, 4000, 3), (MOST_PX * 3 // 4, MOST_PX, 3)]


def test_other_things_are_looked_at_once():
    ((car,),) = zoomed(detector(0.4, 0.9, label="car"), 0.3)([picture()])
    assert (car.label, car.score) == ("car", 0.4)


def test_two_detections_that_become_one_plate_are_one():
    once = detector(0.5, 0.9)

    def twice(images):
        return [
            [one, *(Detection(quad_of(Box(290, 198, 62, 22)), LABEL, 0.4) for _ in [0] if image.shape[1] == 960)]
            for image, (one,) in zip(images, once(images), strict=True)
        ]

    ((one,),) = zoomed(twice, 0.3)([picture()])
    assert one.score == pytest.approx(0.7)


def test_cars_behind_one_another_stay_two():
    once = detector(0.5, 0.9)
    cars = [Detection(quad_of(Box(x, 100, 200, 150)), "car", 0.8) for x in (100, 150)]

    def with_cars(images):
        found = zip(images, once(images), strict=True)
        return [[*(cars if image.shape[1] == 960 else []), *plates] for image, plates in found]

    (found,) = zoomed(with_cars, 0.3)([picture()])
    assert [one for one in found if one.label == "car"] == cars
    assert len(found) == 3


def test_pictures_are_looked_at_by_themselves():
    detect = zoomed(detector(0.5, 0.9), 0.3)
    pictures = [picture(), np.zeros((480, 960, 3), np.uint8), picture(Box(600, 50, 40, 16))]
    assert detect(pictures) == [detect([one])[0] for one in pictures]
    assert detect([]) == []


@pytest.mark.parametrize(
    ("text", "score", "detection", "holds"),
    [
        ("AB12", 0.3, 0.9, True),
        ("AB12", 0.3, 0.8, False),
        ("AB12", 0.9, 0.3, True),
        ("AB12", 0.8, 0.3, False),
        ("AB12", 0.2, 0.9, False),
        ("7AV", 0.99, 0.5, False),
        ("7AV", 0.99, 0.8, True),
        ("VENT", 0.99, 0.6, False),
        ("VENT", 0.99, 0.7, True),
        ("新ZDY", 0.99, 0.6, False),
        ("VEN7", 0.99, 0.6, True),
        ("", 1.0, 1.0, False),
    ],
)
def test_what_must_speak_for_a_plate(text, score, detection, holds):
    assert Least().holds(Detection(quad_of(PLATE), LABEL, detection), Reading(text, score)) == holds


@pytest.mark.parametrize("detection", [0.1, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("score", [0.05, 0.2, 0.31, 0.5, 0.9])
def test_a_higher_least_score_never_tells_more(score, detection):
    one = Detection(quad_of(PLATE), LABEL, detection), Reading("AB12", score)
    told = [Least().at(least).holds(*one) for least in (0.0, 0.1, 0.3, 0.5, 0.95)]
    assert told[0] and not told[-1] and told == sorted(told, reverse=True)


def test_a_picture_that_is_a_plate_may_say_a_single_sign():
    assert WHOLE.holds(Detection(quad_of(PLATE), LABEL, 1.0), Reading("7", 0.01))
