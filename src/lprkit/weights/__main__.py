"""`python -m lprkit.weights FILE…`: bundles these models."""

import sys
from pathlib import Path

from lprkit.weights import bundle

bundle([Path(argument) for argument in sys.argv[1:]])
