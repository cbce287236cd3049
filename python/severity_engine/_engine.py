"""The engine, and what it gives."""

import ctypes
import enum
import os
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Union

from ._abi import CDicomResults, CImage, CModelInfo, COptions, COutputs, CResult, Error, check, last_warnings, library
from ._arrays import Buffer, is_array, pixels_of

Path = Union[str, "os.PathLike[str]"]
Image = Any  # a path, the bytes of a file, or an array of pixels


class Target(enum.IntEnum):
    """The score that a saliency map explains."""

    GEOGRAPHIC_EXTENT = 0
    OPACITY = 1


class Method(enum.IntEnum):
    """How a saliency map is made: the squared and blurred gradient, or the class activation map."""

    GRADIENT = 0
    CLASS_ACTIVATION = 1


class Voi(enum.IntEnum):
    """Which display settings of a DICOM file its pixels go through."""

    NONE = 0
    WINDOW = 1
    AUTO = 2


@dataclass(frozen=True)
class Options:
    """How an engine is made, and what it refuses. What is 0 is the library's default; severity.h tells each."""

    threads: int = 0
    max_concurrency: int = 0
    max_side: int = 0
    max_pixels: int = 0
    max_file_bytes: int = 0
    trust_model: bool = False
    dicom_voi: Voi = Voi.NONE
    dicom_frame: int = 0
    dicom_any_modality: bool = False
    refuse_outside: bool = False
    interval_percent: int = 0

    def _structure(self) -> COptions:
        return COptions(**{name: int(value) for name, value in vars(self).items()})


class Interval(NamedTuple):
    """Where an expert's score lies."""

    low: float
    high: float


class Domain(NamedTuple):
    """Whether the picture is a frontal chest X-ray, as the model is made for; ratios above 1 are odd, NaN is not known."""

    verdict: str  # "not_checked", "inside" or "outside"
    reason: str  # "none", or for example "inverted"
    ratio: float
    picture_ratio: float
    feature_ratio: float
    contrast_ratio: float


_CANCELLED = 3

_VERDICTS = ("not_checked", "inside", "outside")
_REASONS = (
    "none", "not_an_x_ray", "aspect", "turned_counterclockwise", "upside_down", "turned_clockwise", "inverted",
    "inverted_turned_counterclockwise", "inverted_upside_down", "inverted_turned_clockwise")


def _named(names: Sequence[str], number: int) -> str:
    return names[number] if number < len(names) else str(number)


@dataclass(frozen=True)
class Score:
    """Two scores, and what they are worth."""

    geographic_extent: float
    """0 to 8: how much of the lungs has ground-glass opacity or consolidation."""
    opacity: float
    """0 to 6: how dense it is."""
    geographic_extent_raw: float
    opacity_raw: float
    interval_level: float
    """The share of experts' scores in such intervals; NaN where the model does not say."""
    geographic_extent_interval: Interval
    opacity_interval: Interval
    domain: Domain
    decode_ms: float
    preprocess_ms: float
    infer_ms: float
    warnings: Tuple[str, ...] = ()
    """What is odd about the file."""

    @staticmethod
    def _of(result: CResult, warnings: Tuple[str, ...]) -> "Score":
        return Score(
            result.geographic_extent, result.opacity, result.geographic_extent_raw, result.opacity_raw, result.interval_level,
            Interval(result.geographic_extent_low, result.geographic_extent_high), Interval(result.opacity_low, result.opacity_high),
            Domain(
                _named(_VERDICTS, result.domain_verdict), _named(_REASONS, result.domain_reason), result.domain_ratio,
                result.domain_picture_ratio, result.domain_feature_ratio, result.domain_contrast_ratio),
            result.decode_ms, result.preprocess_ms, result.infer_ms, warnings)


@dataclass(frozen=True)
class Explanation:
    """Where the model looked."""

    score: Score
    map: Any = field(repr=False)
    """float32 of (S, S), for the center square that the network sees."""
    picture: Any = field(repr=False)
    """uint8 of (S, S, 3): the map over the network's input."""


@dataclass(frozen=True)
class Analysis:
    """What else was asked of an image; None where it was not."""

    score: Score
    findings: Optional[Dict[str, float]] = None
    """The probability of each of the model's labels."""
    logits: Any = field(default=None, repr=False)
    features: Any = field(default=None, repr=False)
    input: Any = field(default=None, repr=False)
    """The network's input, float32 of (S, S), -1024 to 1024."""
    sha256: Optional[str] = None
    """Of the file; None for arrays."""


@dataclass(frozen=True)
class DicomResults:
    """A DICOM file's results, as the bytes of DICOM files in its study; empty where one was not wanted."""

    score: Score
    report: bytes = field(repr=False)
    """The structured report."""
    capture: bytes = field(repr=False)
    """The saliency map's picture."""


@dataclass(frozen=True)
class ModelInfo:
    """What a model says of itself."""

    name: str
    version: str
    source: str
    input_size: int
    geographic_extent_range: Interval
    opacity_range: Interval
    labels: Tuple[str, ...]
    feature_count: int
    metadata: Dict[str, str] = field(repr=False)


class Engine:
    """One model, ready to score. Any number of threads may share it: the interpreter's lock is not held while it scores.

    An image is a path, the bytes of a file, or an array of pixels: uint8 or uint16 of (height, width), or uint8 of (height, width, 3 or 4),
    of which red is read. Every method raises Error.
    """

    def __init__(
        self, model: Union[Path, bytes, None] = None, *, installed: Optional[str] = None, options: Optional[Options] = None
    ) -> None:
        """Takes a model from a file or its bytes, or an installed one by its name ('severity model list'); else the built-in one."""
        self._engine = ctypes.c_void_p()
        if model is not None and installed is not None:
            raise ValueError("give a model or the name of an installed one, not both")
        given = ctypes.byref((options or Options())._structure())
        place = ctypes.byref(self._engine)
        if installed is not None:
            check(library.severity_create_from_installed(_encoded(installed), given, place))
        elif model is None:
            check(library.severity_create(given, place))
        elif isinstance(model, bytes):
            check(library.severity_create_from_memory(model, len(model), given, place))
        else:
            check(library.severity_create_from_file(_encoded(model), given, place))
        self._info = self._read_info()

    @property
    def model(self) -> ModelInfo:
        """What the model says of itself."""
        return self._info

    def model_sha256(self) -> str:
        """The SHA-256 of the model's file."""
        text = ctypes.c_char_p()
        check(library.severity_get_model_sha256(self._engine, ctypes.byref(text)))
        assert text.value is not None
        return text.value.decode()

    def predict(self, image: Image, *, name: Optional[str] = None, max_value: int = 0, bgr: bool = False) -> Score:
        """Scores an image. name is what messages call bytes; max_value is the white of an array, 0 for its type's largest."""
        return self._run(image, COutputs(), name, max_value, bgr)

    def predict_many(self, paths: Iterable[Path]) -> List[Union[Score, Error]]:
        """Scores files on all of the engine's concurrency. A bad one has its Error in its place, which is not raised."""
        names = [_encoded(path) for path in paths]
        count = len(names)
        results, statuses = (CResult * count)(), (ctypes.c_int32 * count)(*[-1] * count)
        if count == 0:
            return []
        results[0].size = ctypes.sizeof(CResult)
        status = library.severity_predict_files(self._engine, (ctypes.c_char_p * count)(*names), count, results, statuses)
        if statuses[0] < 0:
            check(status)  # the call itself was refused
        lines = iter(last_warnings())
        scores: List[Union[Score, Error]] = []
        for i in range(count):
            if statuses[i]:
                scores.append(self._error_of(names[i], statuses[i]))
            else:
                scores.append(Score._of(results[i], tuple(next(lines) for _ in range(results[i].warnings))))
        return scores

    def explain(
        self, image: Image, target: Target = Target.GEOGRAPHIC_EXTENT, method: Method = Method.GRADIENT, *, name: Optional[str] = None,
        max_value: int = 0, bgr: bool = False, picture_end: float = 0
    ) -> Explanation:
        """
        Scores an image and finds where the model looked. picture_end is the value that the picture's colors end at, from 0 on, so that
        maps can be compared; 0 gives the published look, from the map's least to its largest value.
        """
        side = self._info.input_size
        values, picture = Buffer("f", side, side), Buffer("B", side, side, 3)
        outputs = COutputs(
            target=target, method=method, map=values.address, map_count=values.count, picture=picture.address,
            picture_size=picture.count, picture_end=picture_end)
        return Explanation(self._run(image, outputs, name, max_value, bgr), values.array(), picture.array())

    def analyze(
        self, image: Image, *, findings: bool = False, features: bool = False, input: bool = False, name: Optional[str] = None,
        max_value: int = 0, bgr: bool = False
    ) -> Analysis:
        """Scores an image and gives what else is wanted of it; the network runs once."""
        info, outputs = self._info, COutputs()
        # One place at least: the library tells which model lacks what is wanted, and does not take NULL for a wish.
        chances = Buffer("d", max(1, len(info.labels)))
        logits, pooled = Buffer("f", max(1, len(info.labels))), Buffer("f", max(1, info.feature_count))
        tensor = Buffer("f", info.input_size, info.input_size)
        digest = ctypes.create_string_buffer(65)
        if findings:
            outputs.findings, outputs.finding_count = chances.address, chances.count
            outputs.logits, outputs.logit_count = logits.address, logits.count
        if features:
            outputs.features, outputs.feature_count = pooled.address, pooled.count
        if input:
            outputs.input, outputs.input_count = tensor.address, tensor.count
        is_file = not is_array(image)
        if is_file:
            outputs.sha256, outputs.sha256_size = ctypes.addressof(digest), len(digest)
        score = self._run(image, outputs, name, max_value, bgr)
        return Analysis(
            score, dict(zip(info.labels, map(float, chances.array()))) if findings else None, logits.array() if findings else None,
            pooled.array() if features else None, tensor.array() if input else None, digest.value.decode() if is_file else None)

    def cancel(self) -> None:
        """Ends the calls of other threads that have begun: they raise Error."""
        check(library.severity_cancel(self._engine))

    def dicom_results(
        self, image: Image, *, report: bool = True, capture: bool = True, target: Target = Target.GEOGRAPHIC_EXTENT,
        method: Method = Method.GRADIENT, original: bool = False, picture_end: float = 0, name: Optional[str] = None
    ) -> DicomResults:
        """
        Scores a DICOM file, a path or its bytes, and makes the results that its archive can take. original shows the whole image in the
        capture; picture_end is the value that its colors end at, 0 for the map's largest.
        """
        result, room = CResult(), [1 << 16 if report else 0, 1 << 20 if capture else 0]
        place = ctypes.byref(result)
        while True:
            objects = [ctypes.create_string_buffer(size) if size else None for size in room]
            wanted = CDicomResults(
                target=target, method=method, overlay=int(original), picture_end=picture_end,
                report=objects[0] and ctypes.addressof(objects[0]), report_room=room[0],
                capture=objects[1] and ctypes.addressof(objects[1]), capture_room=room[1])
            status = _of_file(
                image, name,
                lambda path: int(library.severity_dicom_file(self._engine, path, ctypes.byref(wanted), place)),
                lambda data, called: int(library.severity_dicom_encoded(
                    self._engine, data, len(data), called, ctypes.byref(wanted), place)))
            sizes = [wanted.report_size, wanted.capture_size]
            if all(size <= there for size, there in zip(sizes, room)):
                check(status)
                score = Score._of(result, last_warnings())
                made = [made.raw[:size] if made else b"" for made, size in zip(objects, sizes)]
                return DicomResults(score, *made)
            room = sizes

    def close(self) -> None:
        """Waits for calls that run, and frees the engine; further calls raise Error."""
        engine, self._engine = self._engine, ctypes.c_void_p()
        check(library.severity_destroy(engine))

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_engine", None):
            library.severity_destroy(self._engine)

    def __repr__(self) -> str:
        return f"Engine({self._info.name} {self._info.version}{'' if self._engine else ', closed'})"

    def _run(self, image: Image, outputs: COutputs, name: Optional[str], max_value: int, bgr: bool) -> Score:
        result = CResult()
        wanted, place = ctypes.byref(outputs), ctypes.byref(result)
        if is_array(image):
            pixels, keeper = pixels_of(image, max_value, bgr)
            check(library.severity_analyze_pixels(self._engine, ctypes.byref(pixels), wanted, place))
            del keeper
        else:
            check(_of_file(
                image, name,
                lambda path: int(library.severity_analyze_file(self._engine, path, wanted, place)),
                lambda data, called: int(library.severity_analyze_encoded(self._engine, data, len(data), called, wanted, place))))
        return Score._of(result, last_warnings())

    def _error_of(self, path: bytes, status: int) -> Error:
        # A batch tells the words of its first failure alone; the file by itself has its own. What was canceled is not begun again.
        if status == _CANCELLED:
            return Error(status, f"{os.fsdecode(path)}: the batch was canceled")
        result = CResult()
        again = library.severity_analyze_file(self._engine, path, ctypes.byref(COutputs()), ctypes.byref(result))
        text = library.severity_last_error().decode() if again == status else os.fsdecode(path)
        return Error(status, text)

    def _read_info(self) -> ModelInfo:
        info = CModelInfo()
        check(library.severity_get_model_info(self._engine, ctypes.byref(info)))
        key, value = ctypes.c_char_p(), ctypes.c_char_p()
        metadata = {}
        for i in range(info.metadata_count):
            check(library.severity_get_model_metadata(self._engine, i, ctypes.byref(key), ctypes.byref(value)))
            assert key.value is not None and value.value is not None
            metadata[key.value.decode()] = value.value.decode()
        return ModelInfo(
            info.name.decode(), info.version.decode(), info.source.decode(), info.input_size,
            Interval(info.geographic_extent_lowest, info.geographic_extent_highest), Interval(info.opacity_lowest, info.opacity_highest),
            tuple(info.labels[i].decode() for i in range(info.label_count)), info.feature_count, metadata)


def decode(image: Any, *, name: Optional[str] = None, options: Optional[Options] = None) -> Any:
    """The pixels of a file or of its bytes, uint8 or uint16 of (height, width); nothing is scored."""
    given, info = (options or Options())._structure(), CImage()

    def read(address: Optional[int], room: int) -> int:
        return _of_file(
            image, name,
            lambda path: int(library.severity_decode_file(path, ctypes.byref(given), address, room, ctypes.byref(info))),
            lambda data, called: int(library.severity_decode_encoded(
                data, len(data), called, ctypes.byref(given), address, room, ctypes.byref(info))))

    check(read(None, 0))
    pixels = Buffer("H" if info.bits == 16 else "B", info.height, info.width)
    check(read(pixels.address, info.data_size))
    return pixels.array()


def _encoded(path: Path) -> bytes:
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise ValueError(f"a path with a zero character in it: {path!r}")
    return encoded


def _of_file(
    image: Any, name: Optional[str], by_path: Callable[[bytes], int], by_bytes: Callable[[bytes, Optional[bytes]], int]
) -> int:
    if isinstance(image, (bytes, bytearray, memoryview)):
        return by_bytes(bytes(image), name.encode() if name is not None else None)
    return by_path(_encoded(image))
