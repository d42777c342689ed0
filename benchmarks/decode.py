"""Measures decoding: medians a plate, on scores shaped like a trained reader's.

python benchmarks/decode.py                 64 steps, 120 classes
python benchmarks/decode.py --sure 0.5      how much of the probability a reader gives a token it sees, on average
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lprkit import decode, plates
from lprkit.core.alphabet import Alphabet
from lprkit.core.card import InputSpec, ModelCard
from lprkit.decode.beam import beam
from lprkit.decode.ctc import greedy, log_probability
from lprkit.decode.grammar import grammar_of

PLATES = 300


def main() -> None:
    """Prints one line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--classes", type=int, default=120)
    parser.add_argument("--sure", type=float, default=0.9, help="mean probability of a token that is there")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    region = plates.region("us-ca")
    tokens = plates.alphabet(plates.codes()).tokens[: args.classes - 1]
    rng = np.random.default_rng(args.seed)
    alphabet = Alphabet(tokens)
    said = [alphabet.encode(plates.legal(region, rng).text) for _ in range(PLATES)]
    scores = np.stack([_scores(text, args.steps, len(tokens), args.sure, rng) for text in said])
    card = ModelCard("benchmark", "read", InputSpec(48, 128), tokens, args.steps, rows=2)
    everywhere = replace(card, origin={"config": {"drawn": {"regions": plates.codes()}}})
    rules, texts = grammar_of(region, tokens), [path.classes for path in greedy(scores)]
    likely = np.median([np.exp(log_probability(one, text)) for one, text in zip(scores, texts, strict=True)])
    legal = np.mean([bool(beam(one, grammar=rules)) for one in scores])
    print(f"{PLATES} plates of us-ca, T={args.steps}, C={len(tokens) + 1}; median P of the greedy text {likely:.2f}")
    print(f"a legal text was found on {legal:.0%}")
    _show("greedy, one plate", lambda n: greedy(scores[n : n + 1]))
    _show("greedy, 32 plates", lambda n: greedy(scores[n : n + 32]), each=32, last=PLATES - 32)
    _show("beam 10", lambda n: beam(scores[n]))
    _show("beam 10, grammar us-ca", lambda n: beam(scores[n], grammar=rules))
    _show("log P of one text", lambda n: log_probability(scores[n], texts[n]))
    _show("read, one plate", lambda n: decode.read(scores[n : n + 1], card))
    _show("read, one plate, all regions' syntax", lambda n: decode.read(scores[n : n + 1], everywhere))
    _show("read, one plate, region us-ca", lambda n: decode.read(scores[n : n + 1], card, region))
    _show("read, 32 plates", lambda n: decode.read(scores[n : n + 32], card), each=32, last=PLATES - 32)


def _scores(
    text: tuple[int, ...], steps: int, tokens: int, sure: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """T, C log-probabilities: a few steps a token, a rival or two each, sure blanks between them."""
    raw = rng.normal(-14, 1.5, (steps, tokens + 1))
    raw[:, -1] = rng.normal(0, 0.5, steps)
    places = np.sort(rng.choice(np.arange(1, steps - 1, 3), len(text), replace=False))
    for step, token in zip(places, text, strict=True):
        share = rng.beta(6 * sure, 6 * (1 - sure))
        raw[step, rng.choice(tokens, 2, replace=False)] = 6.0 + np.log(
            (1 - share) / share * np.array([0.8, 0.2]) + 1e-9
        )
        raw[step, token] = 6.0
        raw[[step - 1, step + 1], token] = rng.normal(-4, 3, 2)
    top = raw.max(axis=1, keepdims=True)
    return np.asarray(raw - top - np.log(np.exp(raw - top).sum(axis=1, keepdims=True)), dtype=np.float32)


def _show(what: str, run: Callable[[int], object], each: int = 1, last: int = PLATES) -> None:
    took = []
    for n in range(last):
        start = time.perf_counter()
        run(n)
        took.append((time.perf_counter() - start) * 1e3 / each)
    print(f"{what:<30} {np.median(took):6.3f} ms a plate, 95 % below {np.quantile(took, 0.95):6.3f}")


if __name__ == "__main__":
    main()
