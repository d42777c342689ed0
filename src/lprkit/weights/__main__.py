"""`python -m lprkit.weights NAME=PATH…`: bundles these models."""

import sys

from lprkit.core.errors import LprError
from lprkit.weights.bundle import bundle

try:
    bundle(sys.argv[1:])
except LprError as error:
    sys.exit(str(error))
