"""Scores chest X-rays with the package severity_engine: image files, and numpy's .npy arrays of 8 or 16 bit pixels."""

import sys

import numpy as np

import severity_engine


def main(paths):
    failed = 0
    with severity_engine.Engine() as engine:
        for path in paths:
            try:
                score = engine.predict(np.load(path) if path.endswith(".npy") else path)
                print(f"{path}: geographic extent {score.geographic_extent:.17g} of 8, opacity {score.opacity:.17g} of 6")
            except severity_engine.Error as error:
                print(f"score: {error} ({error.name})", file=sys.stderr)
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
