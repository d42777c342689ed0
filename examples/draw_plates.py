"""Draws plates as cameras see them, next to what they say: `python draw_plates.py kr vn` leaves plates.png."""

import sys

from lprkit.core.image import save
from lprkit.synth.generate import CropPlan, crops
from lprkit.synth.sheet import contact_sheet

COUNT = 24


def main() -> None:
    """Draws a sheet of plates of the regions named on the command line."""
    drawn = list(crops(CropPlan(regions=tuple(sys.argv[1:]) or ("us-ca", "de", "gb")), COUNT, workers=1))
    images = [sample.image for sample in drawn if sample.image is not None]
    save("plates.png", contact_sheet(images, [sample.plates[0].text for sample in drawn], columns=6))
    print(f"{len(images)} plates in plates.png")


if __name__ == "__main__":
    main()
