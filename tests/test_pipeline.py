"""From a picture to sightings: detecting, straightening, reading, drawing."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiny_models
from lprkit.core.card import InputSpec
from lprkit.core.errors import DataError, ModelError
from lprkit.core.geometry import Box, box_of, quad_of, shift
from lprkit.core.image import rectify, whole
from lprkit.core.types import Detection, Image, Reading, Sighting
from lprkit.pipeline import draw, run
from lprkit.pipeline.detect import detector, detector_of, open_detector
from lprkit.pipeline.reader import placed
from lprkit.pipeline.rectify import SHARPEST, again, crop, place
from lprkit.pipeline.run import Least, Pipeline, plates_in_order, whole_picture
from lprkit.pipeline.tiles import TILE_PX, starts, tiled
from lprkit.runtime import looks
from lprkit.runtime.looks import looked_at
from tiny_models import CAR_PX, LEAN_PX, PLATE_PX, bars, frame, put_plate

RUNTIMES = ("onnx", "openvino")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return tiny_models.write_reader(folder / "reader.onnx"), tiny_models.write_detector(folder / "detector.onnx")


@pytest.fixture(scope="module", params=RUNTIMES)
def pipeline(models, request):
    if request.param == "openvino":
        pytest.importorskip("openvino")
    reader, found_by = models  # one look: the tiny detector knows plates of one size
    return Pipeline(None, request.param, reader, detector_of(open_detector(found_by, request.param)))


def plate(x: float, y: float, w: float = 100, h: float = 30, score: float = 0.9) -> Detection:
    return Detection(quad_of(Box(x, y, w, h)), "license_plate", score)


def test_a_plate_is_found_and_read(pipeline):
    (one,) = pipeline.read(frame("AB01"))
    assert one.reading.text == "AB01" and one.reading.score > 0.9
    assert (one.frame, one.time_s, one.colour, one.track) == (0, 0.0, None, None)
    x, y, (w, h), lean = 164, 100, PLATE_PX, LEAN_PX / 2
    left, right = x - w / 2, x + w / 2
    wanted = [
        (left, y - h / 2 - lean),
        (right, y - h / 2 + lean),
        (right, y + h / 2 + lean),
        (left, y + h / 2 - lean),
    ]
    np.testing.assert_allclose(one.detection.quad, wanted, atol=0.05)
    assert one.detection.score == pytest.approx(1 / (1 + np.exp(-4)), abs=1e-3)


@pytest.mark.parametrize("shape", [(576, 960), (480, 960), (576, 720)])
def test_places_are_given_in_pixels_of_the_picture(pipeline, shape):
    """The last two are letterboxed: a margin at the bottom, and one on the right."""
    large = np.repeat(np.repeat(frame("AB01"), 3, axis=0), 3, axis=1)[: shape[0], : shape[1]]
    (one,) = pipeline.read(np.ascontiguousarray(large))
    assert one.reading.text == "AB01"
    assert tuple(box_of(one.detection.quad)) == pytest.approx((3 * 116, 3 * 82, 3 * 96, 3 * 36), abs=0.1)


def test_plates_come_in_reading_order_and_cars_are_not_read(pipeline):
    image = frame("AB01", at=(240, 32))
    put_plate(image, "2121", (72, 40))
    put_plate(image, "C0C0", (80, 144))
    image[120:128, 240:248] = (0, 0, 255)
    assert [one.reading.text for one in pipeline.read(image)] == ["2121", "AB01", "C0C0"]
    found = pipeline.detect([image])[0]
    assert sorted(one.label for one in found) == ["car", *["license_plate"] * 3]
    (car,) = [one for one in found if one.label == "car"]
    assert car.quad == quad_of(Box(244 - CAR_PX[0] / 2, 124 - CAR_PX[1] / 2, *CAR_PX))


def test_several_pictures_at_once_give_what_they_give_alone(pipeline):
    pictures = [frame("AB01"), np.full((90, 160, 3), 20, np.uint8), frame("2101", at=(80, 40))]
    together = pipeline.detect(pictures)
    assert [pipeline.detect([picture])[0] for picture in pictures] == together
    assert [len(found) for found in together] == [1, 0, 1]
    assert pipeline.detect([]) == []


def test_a_higher_threshold_finds_less(models):
    assert detector(models[1], "onnx", threshold=0.4)([frame()])[0]  # it sees the plate once: half of 0.98
    assert not detector(models[1], "onnx", threshold=0.6)([frame()])[0]


def test_the_runtimes_agree(models):
    pytest.importorskip("openvino")
    a, b = (Pipeline(None, name, *models).read(frame("C012"))[0] for name in RUNTIMES)
    assert a.reading.text == b.reading.text
    assert a.reading.score == pytest.approx(b.reading.score, abs=1e-3)
    np.testing.assert_allclose(a.detection.quad, b.detection.quad, atol=0.1)


def test_ones_own_functions_will_do():
    pipeline = Pipeline(
        reader=lambda plates: [Reading(f"{p.shape[1]}X{p.shape[0]}", 1.0) for p in plates],
        detector=lambda images: [[plate(10, 10, 100, 50)] for _ in images],
    )
    (one,) = pipeline.read(np.zeros((200, 300, 3), np.uint8))
    assert one.reading.text == "108X54"  # as large as it is, with the margin


def test_a_picture_that_is_a_plate_is_read_as_it_is(models):
    pipeline = Pipeline(None, "onnx", models[0], whole_picture)
    (one,) = pipeline.read(bars("AB01", 256, 64))
    assert one.reading.text == "AB01"
    assert one.detection.quad == quad_of(Box(0, 0, 256, 64))
    picture = bars("AB01")
    assert crop(picture, whole(picture), InputSpec(16, 64)) is picture


def test_bytes_files_and_pixels_are_all_pictures(pipeline, tmp_path):
    from PIL import Image

    path = tmp_path / "frame.png"
    Image.fromarray(frame("AB01")).save(path)
    assert pipeline.read(path) == pipeline.read(str(path)) == pipeline.read(path.read_bytes()) == pipeline.read(frame())


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)]
)
def test_pixels_of_another_kind_are_refused(pipeline, wrong):
    with pytest.raises(DataError, match="must be uint8 H,W,3 RGB"):
        pipeline.read(wrong)


def test_one_bad_picture_does_not_stop_the_others(pipeline):
    good, bad, after = pipeline.read_all([frame("AB01"), b"no picture", frame("2101")])
    assert [one.reading.text for one in (*good.sightings, *after.sightings)] == ["AB01", "2101"]
    assert bad.image is None and "is not a picture" in bad.error and good.error == ""
    assert good.ms > 0


def test_models_must_be_of_their_kind(models):
    with pytest.raises(ModelError, match="can read; expected a detector"):
        Pipeline(None, "onnx", models[0], models[0])


def test_rows_of_plates_are_read_from_the_left():
    boxes = [plate(300, 12), plate(10, 20), plate(500, 5), plate(10, 200), plate(300, 190)]
    ordered = plates_in_order([boxes[n] for n in (4, 2, 0, 3, 1)])
    assert [one.quad[0][0] for one in ordered] == [10, 300, 500, 10, 300]


def test_a_crop_is_the_plate_with_a_margin():
    image = frame("AB01")
    quad = quad_of(Box(116, 84, *PLATE_PX))
    assert crop(image, quad, InputSpec(16, 64, "grey"), margin=0.0).shape == (16, 64, 3)
    np.testing.assert_array_equal(crop(image, quad, None, margin=0.0), image[84:116, 116:212])
    assert crop(image, quad, None, margin=0.25).shape[:2] == (48, 144)


@pytest.mark.parametrize(("width", "times"), [(50, 1), (130, 2), (900, SHARPEST)])
def test_large_plates_are_cut_out_larger_so_that_fine_strokes_survive(width, times):
    image = np.zeros((400, 1000, 3), np.uint8)
    assert crop(image, quad_of(Box(20, 50, width, width / 3)), InputSpec(16, 64), 0.0).shape[:2] == (
        16 * times,
        64 * times,
    )


def test_a_tilted_plate_is_straightened():
    upright = np.repeat(np.repeat(bars("AB01"), 4, axis=0), 4, axis=1)  # 64 x 256
    quad = ((40.0, 30.0), (200.0, 60.0), (205.0, 120.0), (45.0, 90.0))
    import cv2

    corners = np.array([[0, 0], [256, 0], [256, 64], [0, 64]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, np.array(quad, np.float32))
    image = np.asarray(cv2.warpPerspective(upright, matrix, (260, 160)), np.uint8)
    straight = crop(image, quad, InputSpec(16, 64), margin=0.0)
    wanted = rectify(upright, whole(upright), straight.shape[1], straight.shape[0])
    assert np.abs(straight[2:-2, 4:-4].astype(int) - wanted[2:-2, 4:-4]).mean() < 4


def test_another_look_sees_what_is_beside_the_plate_where_the_crop_alone_repeats_its_rim():
    spec, image = InputSpec(32, 128), np.full((100, 300, 3), 90, np.uint8)
    image[40:60, 60:140] = 250
    inside = quad_of(Box(66, 41.5, 68, 17))  # of the bright part, which `crop` fills
    assert crop(image, inside, spec).min() == 250
    alone = crop(image, inside, spec)
    assert looks.seen(alone, spec, looked_at(whole(alone), 0.12, 3.0)).min() == 250
    looked = again(image, inside, spec, looked_at(place(image, inside), 0.12, 0.0))
    assert looked.shape == (32, 128, 3) and looked[:, :4].max() < 250 == looked[14:18, 10:-10].min()
    assert again(image, inside, spec, looked_at(place(image, inside), -0.03, 0.0)).min() == 250
    alone = image[40:60, 60:140]
    quad = looked_at(place(alone, whole(alone)), 0.07, 3.0)
    assert np.array_equal(again(alone, whole(alone), spec, quad), looks.seen(alone, spec, quad))


def test_our_reader_looks_again_where_it_is_in_doubt_and_yours_does_not(models, monkeypatch):
    asked: list[int] = []

    def doubtful(images: Sequence[Image]) -> list[Reading]:
        asked.append(len(images))
        return [Reading("AB01", 0.5)] * len(images)

    monkeypatch.setattr(run, "once", lambda opened, region: doubtful)
    two = [plate(20, 20), plate(20, 100)]
    ours = Pipeline(None, "onnx", models[0], lambda images: [two])
    assert len(ours.read(frame("AB01"))) == 2 and asked == [2, 2 * len(looks.LOOKS)]
    asked.clear()
    yours = Pipeline(reader=doubtful, detector=lambda images: [two])
    assert len(yours.read(frame("AB01"))) == 2 and asked == [2]


def test_plates_at_given_places_are_seen_as_the_pipeline_sees_them(models, monkeypatch):
    seen: list[Image] = []

    def doubtful(images: Sequence[Image]) -> list[Reading]:
        seen.extend(images)
        return [Reading("AB01", 0.5)] * len(images)

    monkeypatch.setattr(run, "once", lambda opened, region: doubtful)
    noise = np.random.default_rng(0).integers(0, 256, (2, 160, 220, 3), np.uint8)
    one, other = plate(20, 20), plate(60, 100)
    ours = Pipeline(None, "onnx", models[0], lambda images: [])
    frames = [noise[0], noise[1], noise[1][100:130, 60:160]]
    ours.readings(frames[0], [one], ours.crops(frames[0], [one]))
    ours.readings(frames[1], [other], ours.crops(frames[1], [other]))
    by_pipeline = seen.copy()
    seen.clear()
    assert placed(doubtful, ours.spec)(frames, [one.quad, other.quad, whole(frames[2])])[0].text == "AB01"
    again = len(looks.LOOKS)
    first, second, alone = ([seen[n], *seen[3 + n * again : 3 + (n + 1) * again]] for n in range(3))
    assert all(np.array_equal(a, b) for a, b in zip([*first, *second], by_pipeline, strict=True))
    assert np.array_equal(alone[0], frames[2]) and len(alone) == 1 + again


@given(st.integers(1, 9000))
def test_tiles_cover_every_side(length):
    places = starts(length)
    assert places[0] == 0
    assert len(places) == 1 or places[-1] + TILE_PX == length
    assert all(0 < b - a <= 0.76 * TILE_PX for a, b in itertools.pairwise(places))


def test_tiles_find_what_is_small_and_give_it_once():
    def detect(images):
        """Finds red squares, in pictures at most as large as a tile."""
        found = []
        for image in images:
            rows, columns = np.nonzero((image == (255, 0, 0)).all(axis=2))
            seen = len(rows) > 0 and image.shape[1] <= TILE_PX
            found.append([plate(columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)] if seen else [])
        return found

    image = np.zeros((1080, 3000, 3), np.uint8)
    image[500:520, 1200:1260] = (255, 0, 0)
    assert detect([image]) == [[]]
    assert tiled(detect)([image, image[:100, :100]]) == [[plate(1200, 500, 60, 20)], []]


def test_tiles_are_off_unless_asked_for(models):
    image = np.zeros((1080, 3840, 3), np.uint8)
    put_plate(image, "AB01", (2000, 400))
    assert detector(models[1], "onnx")([image]) == [[]]
    small = detector(models[1], "onnx", tiles=True)([np.ascontiguousarray(image[:180, :320])])
    assert small == [[]]


SEEN = Sighting(0, 0.0, plate(100, 100), Reading("AB01", 0.97))


def test_a_drawing_changes_a_copy_around_the_plate():
    image = np.full((240, 320, 3), 90, np.uint8)
    drawn = draw.annotate(image, [SEEN])
    assert drawn.shape == image.shape and (image == 90).all()
    assert tuple(drawn[100, 150]) == draw.OUTLINE
    assert (drawn[70:98, 100:160] == draw.STRIP).all(axis=2).any() and (drawn[70:98, 100:160] == draw.INK).all(
        axis=2
    ).any()
    assert (drawn[200:] == 90).all()
    assert (draw.annotate(image, []) == image).all()


@pytest.mark.parametrize("place", [(-40, -10), (280, 2), (100, 225), (-500, -500)])
def test_plates_at_the_edge_are_drawn_too(place):
    image = np.full((240, 320, 3), 90, np.uint8)
    one = Sighting(
        0,
        0.0,
        Detection(shift(SEEN.detection.quad, place[0] - 100, place[1] - 100), "license_plate", 1.0),
        SEEN.reading,
    )
    assert draw.annotate(image, [one]).shape == image.shape


def test_texts_of_other_scripts_are_drawn_or_marked(monkeypatch):
    image = np.full((240, 320, 3), 90, np.uint8)
    korean = Sighting(0, 0.0, plate(100, 100), Reading("12가3456", 0.9))
    assert (draw.annotate(image, [korean]) != image).any()
    monkeypatch.setattr(draw, "_font_with", lambda signs: None)
    assert draw.face_for("12가3456", 20)[1] == "12?3456"
    assert draw.face_for("AB01", 20)[1] == "AB01"


def test_what_says_nothing_is_no_plate() -> None:
    quad = ((0.0, 0.0), (8.0, 0.0), (8.0, 4.0), (0.0, 4.0))
    two = [Detection(quad, "license_plate", 0.9), Detection(quad, "license_plate", 0.8)]
    readings = [Reading("", 0.8), Reading("AB1", 0.9)]
    pipeline = Pipeline(reader=lambda images: readings, detector=lambda images: [two])
    assert [one.reading.text for one in pipeline.read(np.zeros((8, 16, 3), np.uint8))] == ["AB1"]


def test_a_region_that_the_reader_has_no_signs_for_is_told(models):
    with pytest.raises(ModelError, match=r"has no signs for the plates of 'ir' .*drawn\.regions"):
        Pipeline(region="ir", runtime="onnx", reader=models[0], detector=whole_picture)


@pytest.mark.parametrize(("least", "told"), [(0.0, ["AB1", "CD2"]), (0.5, ["AB1"]), (0.95, [])])
def test_what_is_not_believed_is_not_told(least: float, told: list[str]) -> None:
    two = [plate(10, 10, 100, 40), plate(200, 10, 40, 40)]
    pipeline = Pipeline(reader=by_shape, detector=lambda images: [two], least=Least().at(least))
    assert [one.reading.text for one in pipeline.read(np.zeros((100, 400, 3), np.uint8))] == told


def by_shape(images: Sequence[Image]) -> list[Reading]:
    return [Reading("AB1", 0.9) if i.shape[1] > 1.5 * i.shape[0] else Reading("CD2", 0.02) for i in images]
