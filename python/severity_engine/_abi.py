"""severity.h as ctypes sees it: the structures, the functions, and the library they are in."""

import ctypes
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

ABI_VERSION = 4

_i32, _u32, _i64, _size = ctypes.c_int32, ctypes.c_uint32, ctypes.c_int64, ctypes.c_size_t
_f64, _text, _address = ctypes.c_double, ctypes.c_char_p, ctypes.c_void_p


class Sized(ctypes.Structure):
    """A structure that begins with its size, which is set here; all else is 0."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(size=ctypes.sizeof(self), **fields)


class CResult(Sized):
    """severity_result"""

    _fields_ = [("size", _u32), ("warnings", _u32)] + [
        (name, _f64)
        for name in (
            "geographic_extent opacity geographic_extent_raw opacity_raw decode_ms preprocess_ms infer_ms interval_level "
            "geographic_extent_low geographic_extent_high opacity_low opacity_high "
            "domain_ratio domain_picture_ratio domain_feature_ratio"
        ).split()
    ] + [("domain_verdict", _i32), ("domain_reason", _i32), ("domain_contrast_ratio", _f64)]


class COptions(Sized):
    """severity_options"""

    _fields_ = [
        ("size", _u32), ("threads", _i32), ("max_concurrency", _i32), ("max_side", _i32),
        ("max_pixels", _i64), ("max_file_bytes", _i64), ("log", _address), ("log_context", _address),
        ("trust_model", _i32), ("reserved", _i32), ("dicom_voi", _i32), ("dicom_frame", _i32),
        ("dicom_any_modality", _i32), ("refuse_outside", _i32), ("interval_percent", _i32), ("reserved_2", _i32),
    ]


class CPixels(Sized):
    """severity_pixels"""

    _fields_ = [
        ("size", _u32), ("format", _i32), ("data", _address), ("data_size", _size), ("width", _i32), ("height", _i32),
        ("stride", _i64), ("max_value", _i32), ("reserved", _i32),
    ]


class COutputs(Sized):
    """severity_outputs"""

    _fields_ = [
        ("size", _u32), ("target", _i32), ("method", _i32), ("overlay", _i32),
        ("findings", _address), ("finding_count", _size), ("logits", _address), ("logit_count", _size),
        ("features", _address), ("feature_count", _size), ("input", _address), ("input_count", _size),
        ("map", _address), ("map_count", _size), ("picture", _address), ("picture_size", _size),
        ("sha256", _address), ("sha256_size", _size), ("picture_end", _f64),
    ]


class CDicomResults(Sized):
    """severity_dicom_results"""

    _fields_ = [
        ("size", _u32), ("target", _i32), ("method", _i32), ("overlay", _i32),
        ("report", _address), ("report_room", _size), ("report_size", _size),
        ("capture", _address), ("capture_room", _size), ("capture_size", _size), ("picture_end", _f64),
    ]


class CImage(Sized):
    """severity_image"""

    _fields_ = [
        ("size", _u32), ("warnings", _u32), ("width", _i32), ("height", _i32), ("format", _i32), ("bits", _i32),
        ("max_value", _i32), ("reserved", _i32), ("data_size", _size),
    ]


class CModelInfo(Sized):
    """severity_model_info"""

    _fields_ = [
        ("size", _u32), ("input_size", _i32),
        ("geographic_extent_lowest", _f64), ("geographic_extent_highest", _f64), ("opacity_lowest", _f64), ("opacity_highest", _f64),
        ("name", _text), ("version", _text), ("source", _text), ("metadata_count", _size),
        ("label_count", _size), ("labels", ctypes.POINTER(_text)), ("feature_count", _size),
    ]


class CLibraryInfo(Sized):
    """severity_library_info"""

    _fields_ = [
        ("size", _u32), ("abi_version", _u32), ("version", _text), ("onnx_runtime_version", _text), ("instruction_sets", _text),
        ("notices", _text),
    ]


def _load() -> ctypes.CDLL:
    name = {"win32": "severity.dll", "darwin": "libseverity.dylib"}.get(sys.platform, "libseverity.so")
    beside = Path(__file__).with_name(name)
    library = ctypes.CDLL(os.environ.get("SEVERITY_LIBRARY") or (str(beside) if beside.exists() else name))
    engine, out = _address, ctypes.POINTER
    for function, result, arguments in [
        ("severity_abi_version", _u32, []),
        ("severity_last_error", _text, []),
        ("severity_last_warnings", _text, []),
        ("severity_status_name", _text, [_i32]),
        ("severity_get_library_info", _i32, [out(CLibraryInfo)]),
        ("severity_create", _i32, [out(COptions), out(engine)]),
        ("severity_create_from_file", _i32, [_text, out(COptions), out(engine)]),
        ("severity_create_from_installed", _i32, [_text, out(COptions), out(engine)]),
        ("severity_create_from_memory", _i32, [_text, _size, out(COptions), out(engine)]),
        ("severity_cancel", _i32, [engine]),
        ("severity_destroy", _i32, [engine]),
        ("severity_get_model_info", _i32, [engine, out(CModelInfo)]),
        ("severity_get_model_metadata", _i32, [engine, _size, out(_text), out(_text)]),
        ("severity_get_model_sha256", _i32, [engine, out(_text)]),
        ("severity_predict_files", _i32, [engine, out(_text), _size, out(CResult), out(_i32)]),
        ("severity_analyze_file", _i32, [engine, _text, out(COutputs), out(CResult)]),
        ("severity_analyze_encoded", _i32, [engine, _text, _size, _text, out(COutputs), out(CResult)]),
        ("severity_analyze_pixels", _i32, [engine, out(CPixels), out(COutputs), out(CResult)]),
        ("severity_dicom_file", _i32, [engine, _text, out(CDicomResults), out(CResult)]),
        ("severity_dicom_encoded", _i32, [engine, _text, _size, _text, out(CDicomResults), out(CResult)]),
        ("severity_decode_file", _i32, [_text, out(COptions), _address, _size, out(CImage)]),
        ("severity_decode_encoded", _i32, [_text, _size, _text, out(COptions), _address, _size, out(CImage)]),
    ]:
        if not hasattr(library, function):
            raise ImportError(f"the library {library._name} lacks {function}: it is older than this package")
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    return library


library = _load()
if library.severity_abi_version() < ABI_VERSION:
    raise ImportError(f"the library {library._name} has ABI version {library.severity_abi_version()}, and this package needs {ABI_VERSION}")


class Error(Exception):
    """What went wrong: the file, the fault and the remedy in words, and the code's number and name, for example image_truncated."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.name: str = library.severity_status_name(status).decode()

    def __reduce__(self) -> Any:
        return Error, (self.status, str(self))


def check(status: int) -> None:
    if status:
        raise Error(status, library.severity_last_error().decode())


def last_warnings() -> "tuple[str, ...]":
    text = library.severity_last_warnings().decode()
    return tuple(text.split("\n")) if text else ()


class LibraryInfo(NamedTuple):
    """What the native library is."""

    version: str
    abi_version: int
    onnx_runtime_version: str
    instruction_sets: str
    notices: str


def library_info() -> LibraryInfo:
    """What the native library is, and the licenses of everything in it."""
    info = CLibraryInfo()
    check(library.severity_get_library_info(ctypes.byref(info)))
    return LibraryInfo(
        info.version.decode(), info.abi_version, info.onnx_runtime_version.decode(), info.instruction_sets.decode(), info.notices.decode()
    )
