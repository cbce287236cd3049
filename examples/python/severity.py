"""libseverity for Python, with nothing but ctypes and numpy. Research only, not for medical use.

    engine = severity.Engine()
    score = engine.predict("chest.jpeg")
    print(score.geographic_extent, score.opacity)
    score = engine.predict_array(array)      # a numpy array, 8 or 16 bit gray, or (height, width, 3 or 4) color
    score, map = engine.explain("chest.jpeg")

The library is found through SEVERITY_LIBRARY, else by the system's loader.
"""

import ctypes
import os

import numpy as np

GEOGRAPHIC_EXTENT, OPACITY = range(2)
GRADIENT, CLASS_ACTIVATION = range(2)
GRAY8, GRAY16, RGB24, BGR24, RGBA32, BGRA32 = range(6)


class Error(Exception):
    """What went wrong: the code's name, for example image_truncated, and the library's words."""

    def __init__(self, status):
        super().__init__(_library.severity_last_error().decode())
        self.status = status
        self.name = _library.severity_status_name(status).decode()


class Score(ctypes.Structure):
    """severity_result"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("warnings", ctypes.c_uint32),
        ("geographic_extent", ctypes.c_double),
        ("opacity", ctypes.c_double),
        ("geographic_extent_raw", ctypes.c_double),
        ("opacity_raw", ctypes.c_double),
        ("decode_ms", ctypes.c_double),
        ("preprocess_ms", ctypes.c_double),
        ("infer_ms", ctypes.c_double),
    ]

    def __init__(self):
        super().__init__(size=ctypes.sizeof(Score))


class Pixels(ctypes.Structure):
    """severity_pixels"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("format", ctypes.c_int32),
        ("data", ctypes.c_void_p),
        ("data_size", ctypes.c_size_t),
        ("width", ctypes.c_int32),
        ("height", ctypes.c_int32),
        ("stride", ctypes.c_int64),
        ("max_value", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
    ]


class Map(ctypes.Structure):
    """severity_map"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("target", ctypes.c_int32),
        ("method", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
        ("values", ctypes.c_void_p),
        ("count", ctypes.c_size_t),
    ]


class ModelInfo(ctypes.Structure):
    """severity_model_info"""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("input_size", ctypes.c_int32),
        ("geographic_extent_lowest", ctypes.c_double),
        ("geographic_extent_highest", ctypes.c_double),
        ("opacity_lowest", ctypes.c_double),
        ("opacity_highest", ctypes.c_double),
        ("name", ctypes.c_char_p),
        ("version", ctypes.c_char_p),
        ("source", ctypes.c_char_p),
        ("metadata_count", ctypes.c_size_t),
    ]


def _load():
    library = ctypes.CDLL(os.environ.get("SEVERITY_LIBRARY", "libseverity.so"))
    engine, status = ctypes.c_void_p, ctypes.c_int32
    for name, result, arguments in [
        ("severity_last_error", ctypes.c_char_p, []),
        ("severity_status_name", ctypes.c_char_p, [status]),
        ("severity_create", status, [ctypes.c_void_p, ctypes.POINTER(engine)]),
        ("severity_create_from_file", status, [ctypes.c_char_p, ctypes.c_void_p, ctypes.POINTER(engine)]),
        ("severity_cancel", status, [engine]),
        ("severity_destroy", status, [engine]),
        ("severity_predict_file", status, [engine, ctypes.c_char_p, ctypes.POINTER(Score)]),
        ("severity_predict_encoded", status, [engine, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.POINTER(Score)]),
        ("severity_predict_pixels", status, [engine, ctypes.POINTER(Pixels), ctypes.POINTER(Score)]),
        ("severity_explain_file", status, [engine, ctypes.c_char_p, ctypes.POINTER(Map), ctypes.POINTER(Score)]),
        ("severity_get_model_info", status, [engine, ctypes.POINTER(ModelInfo)]),
    ]:
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


_library = _load()


def _check(status):
    if status:
        raise Error(status)


class Engine:
    """One model, ready to score. Any number of threads may share it: the interpreter's lock is not held while it scores."""

    def __init__(self, model=None):
        self._engine = ctypes.c_void_p()
        if model is None:
            _check(_library.severity_create(None, ctypes.byref(self._engine)))
        else:
            _check(_library.severity_create_from_file(os.fsencode(model), None, ctypes.byref(self._engine)))

    def predict(self, path):
        """Scores an image file."""
        score = Score()
        _check(_library.severity_predict_file(self._engine, os.fsencode(path), ctypes.byref(score)))
        return score

    def predict_bytes(self, data, name=None):
        """Scores an image file that is in memory."""
        score = Score()
        _check(_library.severity_predict_encoded(self._engine, data, len(data), name and name.encode(), ctypes.byref(score)))
        return score

    def predict_array(self, array, max_value=0, bgr=False):
        """Scores pixels: uint8 or uint16 of (height, width), or uint8 of (height, width, 3 or 4). Rows may lie apart; nothing is copied then."""
        kinds = {(2, np.uint8): GRAY8, (2, np.uint16): GRAY16, (3, np.uint8): BGR24 if bgr else RGB24}
        kind = kinds.get((array.ndim, array.dtype.type))
        if kind is None or array.ndim == 3 and array.shape[2] not in (3, 4):
            raise ValueError(f"no pixels: {array.dtype} {array.shape}")
        if array.ndim == 3 and array.shape[2] == 4:
            kind += RGBA32 - RGB24
        pixel_bytes = array.itemsize * (array.shape[2] if array.ndim == 3 else 1)
        packed = array.strides[1] == pixel_bytes and array.strides[-1] == array.itemsize and array.strides[0] >= array.shape[1] * pixel_bytes
        if not packed or not array.dtype.isnative:
            array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
        height, width = array.shape[:2]
        pixels = Pixels(ctypes.sizeof(Pixels), kind, array.ctypes.data, 0, width, height, array.strides[0], max_value, 0)
        score = Score()
        _check(_library.severity_predict_pixels(self._engine, ctypes.byref(pixels), ctypes.byref(score)))
        return score

    def explain(self, path, target=GEOGRAPHIC_EXTENT, method=GRADIENT):
        """Scores an image file and finds where the model looked: the score, and a map as an array."""
        info = ModelInfo(size=ctypes.sizeof(ModelInfo))
        _check(_library.severity_get_model_info(self._engine, ctypes.byref(info)))
        values = np.empty((info.input_size, info.input_size), np.float32)
        score, wanted = Score(), Map(ctypes.sizeof(Map), target, method, 0, values.ctypes.data, values.size)
        _check(_library.severity_explain_file(self._engine, os.fsencode(path), ctypes.byref(wanted), ctypes.byref(score)))
        return score, values

    def cancel(self):
        """Ends the calls of other threads that have begun: they raise Error."""
        _check(_library.severity_cancel(self._engine))

    def close(self):
        """Frees the engine; further calls raise Error."""
        engine, self._engine = self._engine, ctypes.c_void_p()
        _check(_library.severity_destroy(engine))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
