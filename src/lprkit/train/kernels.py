"""Changes that mix the neighbours of a pixel in plate crops N, C, H, W: blurred, sharpened, embossed, made coarse."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from lprkit.train.chance import between
from lprkit.train.changes import Augment

SHARPEN = ((-1.0, -1.0, -1.0), (-1.0, 9.0, -1.0), (-1.0, -1.0, -1.0))
EMBOSS = ((-1.0, -1.0, 0.0), (-1.0, 0.0, 1.0), (0.0, 1.0, 1.0))
"""Light from the top left, at strength 1."""
CROSS = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))


def gaussian(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Blurred by a Gaussian."""
    return separable(batch, gauss(between(how.gaussian_px, batch, generator)[:, :, 0, 0], how.gaussian_px[1]))


def average(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Blurred by the mean of a square; a pixel that the square covers in part counts in part."""
    side = between(how.average_px, batch, generator)[:, :, 0, 0]
    reach = math.ceil((how.average_px[1] - 1) / 2)
    kernel = (side / 2 + 0.5 - _places(reach, batch).abs()).clamp(0, 1)
    return separable(batch, kernel / kernel.sum(dim=1, keepdim=True))


def median(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """The median of a square, in steps of 1/255: OpenCV takes it, many times faster."""
    import cv2

    low, high = how.median_px
    for place in range(len(batch)):
        side = int(torch.randint(low, high + 1, (1,), generator=generator)) // 2 * 2 + 1
        image = (batch[place] * 255).round().clamp(0, 255).byte().permute(1, 2, 0).contiguous().cpu().numpy()
        soft = torch.from_numpy(cv2.medianBlur(image, side)).view(image.shape)
        batch[place] = soft.permute(2, 0, 1).to(batch.device) / 255
    return batch


def cross(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Blurred or sharpened by a 3x3 cross."""
    arm = torch.randn(len(batch), 1, 1, generator=generator).to(batch.device) * how.cross_sigma
    return _convolved(batch, _still(batch) + arm * _kernel(CROSS, batch)).clamp(0, 1)


def sharpen(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Mixed with its sharpened self."""
    share, still = between(how.sharpen_share, batch, generator)[:, 0], _still(batch)
    return _convolved(batch, still + share * (_kernel(SHARPEN, batch) - still)).clamp(0, 1)


def emboss(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Mixed with its relief, lit from the top left."""
    share = between(how.emboss_share, batch, generator)[:, 0]
    strength = between(how.emboss_strength, batch, generator)[:, 0]
    return _convolved(batch, _still(batch) + share * strength * _kernel(EMBOSS, batch)).clamp(0, 1)


def pixelise(batch: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """Made smaller and larger again, half of the pictures in blocks, the others smoothly."""
    low, high = how.pixelise_times
    times = torch.randint(low, high + 1, (len(batch),), generator=generator)
    smooth = torch.rand(len(batch), generator=generator) < 0.5
    size = batch.shape[2:]
    for time in range(low, high + 1):
        for mode, wanted in (("nearest", ~smooth), ("bilinear", smooth)):
            places = ((times == time) & wanted).nonzero().flatten().to(batch.device)
            if not len(places):
                continue
            small = functional.interpolate(batch[places], [max(1, side // time) for side in size], mode="area")
            batch[places] = functional.interpolate(small, size, mode=mode)
    return batch


def gauss(sigma: torch.Tensor, largest: float) -> torch.Tensor:
    """Kernels N, 1 + 2 * reach of these sigmas N, 1 in px, of which the largest is known; 0 changes nothing."""
    places = _places(math.ceil(3 * largest), sigma)
    kernel = (-0.5 * (places / sigma.clamp(min=1e-3)).square()).exp()
    return kernel / kernel.sum(dim=1, keepdim=True)


def separable(batch: torch.Tensor, kernels: torch.Tensor) -> torch.Tensor:
    """Each picture convolved with its own kernel, N, an odd number, along both axes; edges are repeated."""
    return _convolved(_convolved(batch, kernels[:, None, :]), kernels[:, :, None])


def _convolved(batch: torch.Tensor, kernels: torch.Tensor) -> torch.Tensor:
    """Each picture correlated with its own kernel N, odd, odd."""
    n, channels, height, width = batch.shape
    rows, columns = kernels.shape[1:]
    around = functional.pad(batch, (columns // 2, columns // 2, rows // 2, rows // 2), mode="replicate")
    weight = kernels[:, None].repeat_interleave(channels, dim=0)
    one = around.reshape(1, n * channels, *around.shape[2:])
    return functional.conv2d(one, weight, groups=n * channels).view(n, channels, height, width)


def _places(reach: int, like: torch.Tensor) -> torch.Tensor:
    return torch.arange(-reach, reach + 1, device=like.device, dtype=like.dtype)[None]


def _kernel(rows: tuple[tuple[float, ...], ...], batch: torch.Tensor) -> torch.Tensor:
    return torch.tensor(rows, device=batch.device)[None]


def _still(batch: torch.Tensor) -> torch.Tensor:
    return _kernel(((0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.0)), batch)
