"""Scores the severity of pneumonia on frontal chest X-rays. Research only, not for medical use.

    import severity_engine

    with severity_engine.Engine() as engine:
        score = engine.predict("chest.jpeg")
        print(score.geographic_extent, "of 8,", score.opacity, "of 6")

The engine is libseverity, a native library that is inside the wheel. NumPy is not needed; where it is installed, arrays are given as
its own.
"""

from ._abi import Error, LibraryInfo, library_info
from ._engine import (
    Analysis,
    DicomResults,
    Domain,
    Engine,
    Explanation,
    Interval,
    Method,
    ModelInfo,
    Options,
    Score,
    Target,
    Voi,
    decode,
)

__all__ = [
    "Analysis",
    "DicomResults",
    "Domain",
    "Engine",
    "Error",
    "Explanation",
    "Interval",
    "LibraryInfo",
    "Method",
    "ModelInfo",
    "Options",
    "Score",
    "Target",
    "Voi",
    "decode",
    "library_info",
]
