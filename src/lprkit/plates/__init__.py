"""What a plate may say and look like."""

from lprkit.plates.region import alphabet, chosen, codes, read, region
from lprkit.plates.serial import legal, loose, matches, split

__all__ = ["alphabet", "chosen", "codes", "legal", "loose", "matches", "read", "region", "split"]
