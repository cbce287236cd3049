"""The installed package, with NumPy or ("without") as if there were none. Arguments: with or without, an image, the model with findings of
analyze.c, its SHA-256, a 16-bit image of 37 x 21 pixels and those pixels, a color image, the command's two scores of the first image,
a DICOM file."""

import array
import hashlib
import math
import pickle
import shutil
import sys
import threading

use, image, model, model_hash, deep, deep_pixels, odd, extent, opacity, dicom = sys.argv[1:]
if use == "without":
    sys.modules["numpy"] = None  # importing it fails
else:
    import numpy as np

import severity_engine as s  # noqa: E402

assert "site-packages" in s.__file__, s.__file__


def fails(kind, part, call):
    try:
        call()
    except kind as error:
        assert part in str(error), str(error)
        return error
    raise AssertionError(f"no {kind.__name__}")


with s.Engine() as engine:
    score = engine.predict(image)
    assert (score.geographic_extent, score.opacity) == (float(extent), float(opacity)), score
    assert repr(score).startswith(f"Score(geographic_extent={score.geographic_extent!r}, opacity={score.opacity!r},"), score
    assert score.domain.verdict == "inside" and score.domain.reason == "none" and 0 < score.domain.contrast_ratio < 1
    assert score.interval_level == 0.9 and score.opacity_interval.low <= score.opacity <= score.opacity_interval.high
    assert repr(engine).startswith("Engine(severity-compact ") and engine.model.metadata["severity.name"] == "severity-compact"
    data = open(image, "rb").read()
    assert engine.predict(data).opacity == score.opacity
    error = fails(s.Error, "study 7", lambda: engine.predict(data[:1000], name="study 7"))
    assert error.name == "image_truncated" and pickle.loads(pickle.dumps(error)).name == error.name
    assert len(engine.predict(odd).warnings) == 2 and all(w.startswith(odd) for w in engine.predict(odd).warnings)
    assert fails(s.Error, "findings", lambda: engine.analyze(image, findings=True)).name == "model_unsupported"
    fails(TypeError, "", lambda: engine.predict(7))
    fails(ValueError, "zero character", lambda: engine.predict("a\0b"))

    results = engine.dicom_results(dicom)
    plain = engine.predict(dicom)
    # With a map the network is another graph, and may round the last digit otherwise.
    assert abs(results.score.opacity - plain.opacity) < 1e-5 and results.score.warnings == plain.warnings
    assert results.report[128:132] == results.capture[128:132] == b"DICM" and len(results.report) < 65536 < len(results.capture)
    alone = engine.dicom_results(open(dicom, "rb").read(), capture=False)
    assert alone.capture == b"" and len(alone.report) == len(results.report)
    assert engine.dicom_results(dicom, report=False, original=True, target=s.Target.OPACITY).capture[128:132] == b"DICM"
    assert fails(s.Error, "no DICOM file", lambda: engine.dicom_results(image)).name == "image_format_unsupported"

    many = engine.predict_many([image, "/no/such.png", odd, image])
    assert many[0].opacity == many[3].opacity == score.opacity and many[0].warnings == () and len(many[2].warnings) == 2
    assert isinstance(many[1], s.Error) and many[1].name == "file_not_found" and "/no/such.png" in str(many[1])
    assert engine.predict_many([]) == []
    shutil.copy(odd, "two\nlines.png")
    lines = engine.predict_many(["two\nlines.png", odd])
    assert [len(found.warnings) for found in lines] == [2, 2] and lines[0].warnings[0].startswith("two lines.png: ")
    assert engine.model_sha256() == s.Engine().model_sha256() and len(engine.model_sha256()) == 64
fails(s.Error, "engine is NULL", lambda: engine.predict(image))
assert repr(engine).endswith(", closed)")
fails(s.Error, "/no/such.onnx", lambda: s.Engine("/no/such.onnx"))
fails(s.Error, "nowhere", lambda: s.Engine(installed="nowhere"))
fails(s.Error, "threads", lambda: s.Engine(options=s.Options(threads=-1)))
assert fails(s.Error, odd, lambda: s.Engine(options=s.Options(refuse_outside=True)).predict(odd)).name == "image_outside_domain"

# The mean model: the input of black is -1024, the gradient is the same in all places.
engine = s.Engine(open(model, "rb").read(), options=s.Options(threads=1))
assert engine.model.labels == ("Effusion", "Mass", "Edema") and engine.model.feature_count == 2 and engine.model.input_size == 32
assert engine.model_sha256() == model_hash
found = engine.analyze(image, findings=True, features=True, input=True)
assert found.sha256 == hashlib.sha256(data).hexdigest()
assert list(found.findings) == ["Effusion", "Mass", "Edema"]
assert abs(found.findings["Mass"] - 1 / (1 + math.exp(-found.logits[1]))) < 1e-9
assert abs(found.features[1] * 2 - found.features[0]) < 1e-3 and found.input.shape == (32, 32)
assert engine.analyze(image).findings is None

raw = open(deep_pixels, "rb").read()
pixels = s.decode(deep)
assert pixels.shape == (21, 37) and pixels.tobytes() == raw and s.decode(open(deep, "rb").read()).tobytes() == raw
assert engine.predict(pixels).geographic_extent_raw == engine.predict(deep).geographic_extent_raw
fails(s.Error, "36", lambda: s.decode(deep, options=s.Options(max_side=36)))

black = memoryview(bytes(32 * 32)).cast("B", [32, 32])
assert engine.predict(black).geographic_extent_raw == -4 and engine.analyze(black).sha256 is None
writable = memoryview(bytearray(b"\xff" * 32 * 32)).cast("B", [32, 32])
assert engine.predict(writable).geographic_extent_raw == 4
twelve = memoryview(array.array("H", [4095] * 1024)).cast("B").cast("H", [32, 32])
assert engine.predict(twelve, max_value=4095).geographic_extent_raw == 4
seen = engine.explain(black, target=s.Target.OPACITY)
assert seen.map.shape == (32, 32) and seen.picture.shape == (32, 32, 3) and seen.score.geographic_extent_raw == -4
assert abs(seen.map[3, 4] * (512 * 1024) ** 2 - 1) < 1e-4 and bytes(seen.picture[0, 0, i] for i in (0, 2)) == bytes([34, 42])
compared = engine.explain(black, target=s.Target.OPACITY, picture_end=1.0)  # far above all that the map has
assert bytes(compared.picture[0, 0, i] for i in range(3)) == bytes(3)
fails(TypeError, "floats", lambda: engine.predict(memoryview(array.array("d", [0.5] * 16)).cast("B").cast("d", [4, 4])))
fails(TypeError, "unsigned", lambda: engine.predict(memoryview(array.array("h", [1] * 16)).cast("B").cast("h", [4, 4])))
fails(ValueError, "(height, width)", lambda: engine.predict(array.array("B", [1, 2])))
fails(ValueError, "color", lambda: engine.predict(memoryview(bytes(32)).cast("B", [4, 4, 2])))

results = []
threads = [threading.Thread(target=lambda: results.append(engine.predict(deep).opacity_raw)) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(results) == 8 and len(set(results)) == 1

if use == "with":
    values = np.frombuffer(raw, np.uint16).reshape(21, 37)
    expected = engine.predict(deep).geographic_extent_raw
    assert isinstance(pixels, np.ndarray) and isinstance(seen.map, np.ndarray) and (pixels == values).all()
    wide = np.zeros((21, 64), np.uint16)
    wide[:, 5:42] = values
    spread = np.zeros((21, 74), np.uint16)
    spread[:, ::2] = values
    for same in (values, wide[:, 5:42], values.astype(">u2"), np.asfortranarray(values), spread[:, ::2], values[::-1].copy()[::-1]):
        assert engine.predict(same).geographic_extent_raw == expected
    color = np.zeros((32, 32, 4), np.uint8)
    color[..., 2] = 255
    assert engine.predict(color, bgr=True).geographic_extent_raw == 4 and engine.predict(color).geographic_extent_raw == -4
    assert engine.predict(color[..., :3], bgr=True).geographic_extent_raw == 4
    for kind in (np.float32, np.float64, np.float16):
        fails(TypeError, "floats", lambda: engine.predict(values.astype(kind)))
    fails(TypeError, "unsigned", lambda: engine.predict(values > 5))
    fails(ValueError, "none may be 0", lambda: engine.predict(np.zeros((0, 5), np.uint8)))
else:
    assert isinstance(pixels, memoryview) and pixels.format == "H" and isinstance(found.input, memoryview)
print("ok")
