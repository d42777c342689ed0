"""The second look at plates that are small in their picture, with detectors that are written out."""

import numpy as np
import pytest

from lprkit.core.geometry import Box, box_of, quad_of
from lprkit.core.types import Detection, Reading
from lprkit.pipeline.run import WHOLE, Least
from lprkit.pipeline.zoom import NEAR, zoomed

RED = (255, 0, 0)
PLATE = Box(300, 200, 60, 20)
LABEL = "license_plate"


def picture(box=PLATE, size=(480, 960)):
    image = np.zeros((*size, 3), np.uint8)
    image[box.y : box.y + box.h, box.x : box.x + box.w] = RED
    return image


def detector(far, near, label=LABEL, wrong=1.0):
    """Scores of the red thing in whole pictures and in windows, and how much too wide it seems from afar."""

    def detect(images):
        found = []
        for image in images:
            rows, columns = np.nonzero((image == RED).all(axis=2))
            is_far = image.shape[1] == 960
            score = far if is_far else near
            if not len(rows) or not score:
                found.append([])
                continue
            box = Box(columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
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


def test_large_plates_and_other_things_are_looked_at_once():
    large = Box(100, 100, round(960 / NEAR) + 10, 80)
    ((one,),) = zoomed(detector(0.4, 0.9), 0.3)([picture(large)])
    assert one.score == 0.4
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
