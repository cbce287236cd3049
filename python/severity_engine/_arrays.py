"""Pixels from arrays, and arrays from what the library fills. NumPy is used where it is, and not needed."""

import array
import ctypes
import math
import sys
from typing import Any, Tuple

from ._abi import CPixels

_GRAY8, _GRAY16, _RGB24, _BGR24, _RGBA32, _BGRA32 = range(6)


def is_array(value: Any) -> bool:
    """Whether a value is pixels in an array, and not a path or the bytes of a file."""
    if isinstance(value, memoryview):
        return value.ndim > 1
    return not isinstance(value, (str, bytes, bytearray)) and (hasattr(value, "__array_interface__") or _has_buffer(value))


def _has_buffer(value: Any) -> bool:
    try:
        memoryview(value).release()
        return True
    except TypeError:
        return False


def pixels_of(pixels: Any, max_value: int, bgr: bool) -> Tuple[CPixels, Any]:
    """The view that the library reads, and what must live as long as it. Rows may lie apart; nothing is copied then."""
    if not _has_buffer(pixels):
        import numpy  # what has no memory of its own to show, as Pillow's pictures, is made an array by NumPy

        pixels = numpy.asarray(pixels)
    view = memoryview(pixels)
    code, shape, strides = view.format.lstrip("@=<>!"), view.shape or (), view.strides or ()
    _check(code, shape, view.format)
    channels = shape[2] if view.ndim == 3 else 1
    formats = {1: _GRAY16 if code == "H" else _GRAY8, 3: _BGR24 if bgr else _RGB24, 4: _BGRA32 if bgr else _RGBA32}
    pixel = channels * view.itemsize
    stride = strides[0]
    packed = strides[1] == pixel and strides[-1] == view.itemsize and stride >= shape[1] * pixel
    order = view.format[0]
    foreign = code == "H" and order in "<>!" and (order == "<") != (sys.byteorder == "little")
    if packed and not foreign and hasattr(pixels, "__array_interface__"):
        keeper: Any = pixels
        address = pixels.__array_interface__["data"][0]
    elif packed and not foreign and view.c_contiguous and not view.readonly:
        keeper = (ctypes.c_ubyte * view.nbytes).from_buffer(view)
        address = ctypes.addressof(keeper)
    else:
        copy = array.array(code, view.tobytes())
        if foreign:
            copy.byteswap()
        keeper, stride = copy, shape[1] * pixel
        address = copy.buffer_info()[0]
    return CPixels(
        format=formats[channels], data=address, width=shape[1], height=shape[0], stride=stride, max_value=max_value), (keeper, view)


def _check(code: str, shape: Tuple[int, ...], written: str) -> None:
    if code in ("e", "f", "d", "g"):
        raise TypeError(
            "pixels are floats: what is black and what is white in them is not known, and a guess would move the scores; "
            "give uint8 or uint16 as the file or detector has them, for example (x * 65535).round().astype('uint16') for 0 to 1")
    if code not in ("B", "H"):
        raise TypeError(f"pixels of type {written!r}: give unsigned integers of 8 or 16 bits")
    if len(shape) not in (2, 3) or 0 in shape:
        raise ValueError(f"pixels of shape {shape}: give (height, width), or (height, width, 3 or 4) of 8 bits; none may be 0")
    if len(shape) == 3 and (shape[2] not in (3, 4) or code != "B"):
        raise ValueError(f"pixels of shape {shape}, type {written!r}: color is (height, width, 3 or 4) of 8 bits")


class Buffer:
    """Memory that the library fills, and then an array of its shape."""

    def __init__(self, code: str, *shape: int) -> None:
        self.count = math.prod(shape)
        self._shape = shape
        self._memory = array.array(code, bytes(self.count * array.array(code).itemsize))
        self.address = self._memory.buffer_info()[0]

    def array(self) -> Any:
        """A NumPy array where there is NumPy, else a memoryview of the same shape; both own the memory."""
        flat = memoryview(self._memory)
        shaped = flat if len(self._shape) == 1 else flat.cast("B").cast(self._memory.typecode, list(self._shape))
        try:
            import numpy
        except ImportError:
            return shaped
        return numpy.asarray(shaped)
