"""What training makes small."""

from __future__ import annotations

import torch
from torch.nn import functional

from lprkit.models.detector import CHANNELS


def ctc(log_probs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """CTC loss of each plate: log_probs N, T, C with the blank last; labels N, L padded with -1."""
    lengths = (labels >= 0).sum(dim=1)
    steps = torch.full_like(lengths, log_probs.shape[1])
    blank = log_probs.shape[2] - 1
    return functional.ctc_loss(
        log_probs.transpose(0, 1), labels.clamp(min=0), steps, lengths, blank, reduction="none", zero_infinity=True
    )


def ctc_rows(log_probs: torch.Tensor, labels: torch.Tensor, firsts: torch.Tensor, rows: int) -> torch.Tensor:
    """Mean CTC loss a plate of a network whose steps are `rows` (1 or 2) rows of its feature map.

    firsts: how many tokens stand in the first printed row (all of them: a plate of one row); 0: unknown, one sequence
    over both rows. Two printed rows are asked for where they stand, one printed row in either: it may stand low, under
    a caption. Left alone, training falls into reading both lines in one row of the map, column by column, and stays
    there; with only two-line plates held to their rows, it scatters the letters of the others over both
    (docs/experiments.md).
    """
    if rows != 2:
        return ctc(log_probs, labels).mean()
    lengths = (labels >= 0).sum(dim=1)
    places, first = torch.arange(labels.shape[1], device=labels.device), firsts[:, None]
    upper = torch.where(places < first, labels, -1)
    moved = labels.gather(1, (places + first).clamp(max=labels.shape[1] - 1))
    lower = torch.where(places + first < labels.shape[1], moved, -1)
    above, below = log_probs.chunk(2, dim=1)
    each = ctc(torch.cat([above, below, above, below]), torch.cat([upper, lower, lower, upper]))
    high, low = each.view(2, 2, -1).sum(dim=1)
    loss = torch.where((firsts > 0) & (firsts == lengths), -torch.logaddexp(-high, -low), high)
    unknown = (firsts == 0) & (lengths > 0)  # where nothing is to be read, both rows are blank
    if bool(unknown.any()):
        loss = torch.where(unknown, ctc(log_probs, labels), loss)
    return loss.mean()


def guided(
    loss: torch.Tensor, log_probs: torch.Tensor, labels: torch.Tensor, done: float, guide: float
) -> torch.Tensor:
    """The loss, led by `evenly_spaced` at first, less and less until the share `guide` of the steps is done."""
    if done >= guide:
        return loss
    return (1 - done / guide) * evenly_spaced(log_probs, labels) + done / guide * loss


def evenly_spaced(log_probs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy a plate against tokens that stand evenly spaced over all steps, with blanks between them.

    log_probs N, T, C with the blank last; labels N, L padded with -1. Each token is asked for in the middle third of
    its place and the blank in the outer sixths, or in more steps where a third has none. Tokens and blanks weigh the
    same. It shows a network of one row where to begin; what it says is only nearly true, so CTC must follow.
    """
    steps, blank = log_probs.shape[1], log_probs.shape[2] - 1
    lengths = (labels >= 0).sum(dim=1, keepdim=True)
    place = (torch.arange(steps, device=labels.device) + 0.5) / steps * lengths  # N, T: in tokens from the left
    token = labels.gather(1, place.long().clamp(max=labels.shape[1] - 1)).clamp(min=0)
    aside = (place.frac() - 0.5).abs()  # 0 in the middle of a token, 0.5 between two
    near = (lengths / (2 * steps)).clamp(min=1 / 6)  # half a step, so that every token is asked for somewhere
    asked = (aside <= near) & (lengths > 0)
    silent = ~asked & ((0.5 - aside <= near) | (lengths == 0))
    missed = -log_probs.gather(2, token[:, :, None])[:, :, 0]
    return steps / 2 * (_mean(missed, asked) + _mean(-log_probs[:, :, blank], silent))  # as large as CTC's


def _mean(values: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    return (values * chosen).sum() / chosen.sum().clamp(min=1)


def detection(output: torch.Tensor, objects: torch.Tensor, seen: torch.Tensor, stride: int) -> torch.Tensor:
    """Focal loss of the scores, IoU loss of the boxes, L1 of the corners in shares of the object's size.

    output: N, 13 * labels, H, W as the network gives it. objects: N, K, 10: label (-1: none, -2: a plate too small to
    ask for), x0, y0 … x3, y3 in input px, 1 if the corners are known. seen: N, labels: 1 where a label is complete.
    """
    n, channels, height, width = output.shape
    output = output.view(n, channels // CHANNELS, CHANNELS, height, width)
    wanted, weight = _heat(objects, output.shape[1], (height, width), stride)
    weight = weight * torch.maximum(seen[:, :, None, None], (wanted == 1).float())
    score = output[:, :, 0].clamp(1e-5, 1 - 1e-5)
    hit = wanted == 1
    # Penalty-reduced focal loss of CornerNet (arXiv 1808.01244, eq. 1) with its alpha = 2 and beta = 4.
    gain = torch.where(hit, (1 - score) ** 2 * score.log(), (1 - wanted) ** 4 * score**2 * (1 - score).log())
    return -(gain * weight).sum() / hit.sum().clamp(min=1) + _shapes(output, objects, stride)


def _heat(objects: torch.Tensor, labels: int, size: tuple[int, int], stride: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Gaussian bumps at the centres, N, labels, H, W, and where the loss counts (not around what is too small)."""
    n = objects.shape[0]
    heat = objects.new_zeros(n, labels, *size)
    weight = objects.new_ones(n, labels, *size)
    ys = torch.arange(size[0], device=objects.device)[:, None]
    xs = torch.arange(size[1], device=objects.device)[None, :]
    for place, entry in [(int(i), objects[i, k]) for i, k in (objects[:, :, 0] != -1).nonzero().tolist()]:
        points = entry[1:9].view(4, 2) / stride
        low, high = points.amin(dim=0), points.amax(dim=0)
        centre = ((low + high) / 2).floor()
        spread = ((high - low) / 6).clamp(min=0.5)
        bump = torch.exp(-((xs - centre[0]) ** 2 / (2 * spread[0] ** 2) + (ys - centre[1]) ** 2 / (2 * spread[1] ** 2)))
        label = int(entry[0])
        if label == -2:
            weight[place, 0] = torch.where(bump > 0.05, 0.0, weight[place, 0])
        else:
            heat[place, label] = torch.maximum(heat[place, label], bump)
    return heat, weight


def _shapes(output: torch.Tensor, objects: torch.Tensor, stride: int) -> torch.Tensor:
    """IoU and corner losses at the cells around each centre."""
    height, width = output.shape[3:]
    places, columns = (objects[:, :, 0] >= 0).nonzero(as_tuple=True)
    if places.numel() == 0:
        return output.sum() * 0
    entries = objects[places, columns]
    points = entries[:, 1:9].view(-1, 4, 2)
    low, high = points.amin(dim=1), points.amax(dim=1)
    losses = []
    for dx, dy in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
        cell = ((low + high) / 2 / stride).floor().long() + torch.tensor([dx, dy], device=objects.device)
        x, y = cell[:, 0], cell[:, 1]
        at = (cell + 0.5) * stride
        # Neighbour cells are asked only when they lie inside the object: the peak may fall there.
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height) & (at > low).all(dim=1) & (at < high).all(dim=1)
        if not bool(inside.any()):
            continue
        chosen = output[places[inside], entries[inside, 0].long(), :, y[inside], x[inside]]  # M, 13
        losses.append(_shape_loss(chosen, entries[inside], at[inside]))
    return torch.cat(losses).mean() if losses else output.sum() * 0


def _shape_loss(values: torch.Tensor, entries: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    points = entries[:, 1:9].view(-1, 4, 2)
    low, high = points.amin(dim=1), points.amax(dim=1)
    wanted = torch.cat([at - low, high - at], dim=1)  # left, top, right, bottom
    got = values[:, 1:5]
    smaller, larger = torch.minimum(got, wanted), torch.maximum(got, wanted)
    shared = (smaller[:, 0] + smaller[:, 2]) * (smaller[:, 1] + smaller[:, 3])
    hull = (larger[:, 0] + larger[:, 2]) * (larger[:, 1] + larger[:, 3])
    areas = (got[:, 0] + got[:, 2]) * (got[:, 1] + got[:, 3]) + (high - low).prod(dim=1)
    union = areas - shared
    overlap = shared / union - (hull - union) / hull  # generalised IoU, arXiv 1902.09630
    size = (high - low).clamp(min=4).repeat(1, 4)
    lean = ((values[:, 5:13] + at.repeat(1, 4) - entries[:, 1:9]) / size).abs().mean(dim=1)
    return (1 - overlap) + 4 * lean * entries[:, 9]
