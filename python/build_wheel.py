"""Makes the wheel: the package beside this file, and the native library in it. Usage: build_wheel.py LIBRARY FOLDER

A wheel is a zip archive with a list of what is in it (PEP 427), so nothing but Python is needed. The same library makes the same wheel.
"""

import base64
import hashlib
import os
import platform
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DESCRIBE = "import severity_engine as s; i = s.library_info(); print(i.version); print(i.notices)"


def platform_tag(library: bytes) -> str:
    """Where the library runs. On Linux it is the highest version of glibc that it, or ONNX Runtime inside it, asks for (PEP 600)."""
    if sys.platform != "linux":
        return re.sub(r"[-.]", "_", sysconfig.get_platform())
    minor = max(int(version) for version in re.findall(rb"GLIBC_2\.(\d+)", library))
    return f"manylinux_2_{minor}_{platform.machine()}"


def main(library_path: str, folder: str) -> None:
    library = Path(library_path).resolve()
    described = subprocess.run(
        [sys.executable, "-B", "-c", DESCRIBE], env={**os.environ, "SEVERITY_LIBRARY": str(library), "PYTHONPATH": str(HERE)},
        check=True, capture_output=True).stdout.decode()
    version, notices = described.split("\n", 1)
    content = library.read_bytes()
    tag = f"py3-none-{platform_tag(content)}"
    info = f"severity_engine-{version}.dist-info"
    files = {f"severity_engine/{path.name}": path.read_bytes() for path in sorted((HERE / "severity_engine").iterdir()) if path.is_file()}
    files[f"severity_engine/{library.name}"] = content
    files[f"{info}/licenses/LICENSE"] = (HERE.parent / "LICENSE").read_bytes()
    files[f"{info}/licenses/THIRD-PARTY-NOTICES.md"] = notices.encode()
    files[f"{info}/METADATA"] = metadata(version).encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: severity-engine {version}\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    record = [f"{name},sha256={digest(data)},{len(data)}" for name, data in files.items()] + [f"{info}/RECORD,,"]
    files[f"{info}/RECORD"] = ("\n".join(record) + "\n").encode()
    os.makedirs(folder, exist_ok=True)
    wheel = Path(folder, f"severity_engine-{version}-{tag}.whl")
    unfinished = wheel.with_name(f".{wheel.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                entry = zipfile.ZipInfo(name)  # dated 1980: the same files make the same archive
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o100644 << 16
                archive.writestr(entry, data)
        os.replace(unfinished, wheel)
    finally:
        unfinished.unlink(missing_ok=True)
    print(wheel)


def metadata(version: str) -> str:
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    return (
        f"Metadata-Version: 2.1\nName: severity-engine\nVersion: {version}\n"
        "Summary: Scores the severity of pneumonia on chest X-rays. Research only, not for medical use.\n"
        f"License: Apache-2.0\nRequires-Python: >=3.9\nDescription-Content-Type: text/markdown\n\n{readme}")


def digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
