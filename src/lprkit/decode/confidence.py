"""How sure a reading is, as published systems say it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lprkit.decode.ctc import log_probability

CONFIDENCES: Mapping[str, str] = {
    "mean": "mean probability of the letters (Hailo, TAPPAS)",
    "product": "product of the probabilities of the letters (NVIDIA, DeepStream)",
    "path": "probability of the best alignment (Korean LPRNet, Keras)",
    "exact": "probability of the text, all alignments together",
}
"""Name -> what it is. A letter's probability is the one at the first step that emits it."""


def published(scores: NDArray[np.floating]) -> Mapping[str, float]:
    """Every confidence of CONFIDENCES, 0-1, in the greedy text of one plate; scores are T, C.

    0 without a letter, except `path` and `exact`, which then say how sure it is that there is none.
    """
    best, sure = scores.argmax(axis=1), scores.max(axis=1).astype(np.float64)
    begins = np.append(True, best[1:] != best[:-1]) & (best != scores.shape[1] - 1)
    letters = np.minimum(np.exp(sure[begins]), 1.0)
    return {
        "mean": float(letters.mean()) if letters.size else 0.0,
        "product": float(letters.prod()) if letters.size else 0.0,
        "path": min(1.0, float(np.exp(sure.sum()))),
        "exact": float(np.exp(log_probability(scores, best[begins].tolist()))),
    }
