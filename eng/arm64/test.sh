#!/usr/bin/env bash
# Runs dist/linux-arm64 on emulated arm64 machines (QEMU: a kernel and a file system in memory, no disk, no network), with the processor of
# a Raspberry Pi 4 and with one that has all that QEMU knows, and holds the answers to what dist/severity answers here. Each also runs half of
# the tests of vectorized code. Needs both built: ./build.sh test-arm64 does that first.
# Usage: test.sh [quick]; quick asks one machine alone, the Raspberry Pi's, and runs no test programs.
# Ends with exit code 0, 1 where a check fails, or 77 where the packages of the emulated machine can't be had.
# The user-mode emulator (qemu-aarch64) does not do: its version 7.2 crashes when ONNX Runtime's library is loaded.
set -euo pipefail
run=${1:-whole}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=$PWD/eng/arm64 work=$PWD/artifacts/arm64
machine=$work/machine root=$work/root packages=$work/packages
data=${SEVERITY_TEST_DATA:-../shared}
# Seconds that an emulated machine may run, lest it hangs: it takes some 200 where it has a core for itself.
limit=${SEVERITY_ARM64_LIMIT:-1200}
python=/usr/bin/python3
[ -x $python ] || python=python3

# Debian's packages of the other architecture, in lists and folders of their own: the machine's stay as they are. They are kept.
fetch() {
  local kernel options=(-qq -oAPT::Architecture=arm64 -oAPT::Architectures=arm64 -oAPT::Sandbox::User=root
    -oDir::State::Lists="$packages/lists" -oDir::Cache="$packages/cache")
  [ ! -e "$packages/complete" ] || return 0
  rm -rf "$packages"
  mkdir -p "$packages/lists/partial" "$packages/cache/archives/partial" "$packages/files"
  apt-get "${options[@]}" update || return 1
  kernel=$(apt-cache "${options[@]}" depends linux-image-cloud-arm64 | sed -nE 's/^ *Depends: (linux-image-[0-9].*-cloud-arm64)$/\1/p')
  [ -n "$kernel" ] || return 1
  (cd "$packages/files" && apt-get "${options[@]}" download libc6 libstdc++6 libgcc-s1 zlib1g libssl3 busybox-static "$kernel") || return 1
  touch "$packages/complete"
}

# The folder of inputs that checks.sh runs in, on both machines.
make_inputs() {
  local inputs=$root/repo/inputs images=tests/fixtures/images file
  mkdir -p "$inputs"/{pictures,batch}
  # The samples, and a file that has no score.
  cp tests/samples/*.{jpg,png} "$inputs/batch"
  head -c 20000 tests/samples/moderate.jpg >"$inputs/batch/cut.jpg"
  cp $images/jpeg/color-420-progressive.jpg $images/png/rgba-16-37x21.png tests/fixtures/dicom/planted.dcm "$inputs/pictures"
  file=$data/data/cxr/01E392EE-69F9-4E33-BFCE-E5C968654078.jpeg
  [ ! -e "$file" ] || { mkdir "$inputs/real" && cp "$file" "$inputs/real"; }
  [ -e "$inputs/real" ] || echo "no real X-rays: $data/data/cxr is not there (SEVERITY_TEST_DATA names the folder that holds data/cxr)"

  local checkpoint=$data/checkpoints/standin-module-legacy.pt
  if [ ! -e "$checkpoint" ]; then
    checkpoint=$work/densenet.safetensors
    $python "$here/make_densenet.py" "$checkpoint"
  fi
  dist/severity model import "$checkpoint" -o "$inputs/densenet.onnx" --force >/dev/null
  dist/severity phantom "$work/phantoms" --count 8 --size 448 --force >/dev/null
  dist/severity model optimize "$inputs/densenet.onnx" --int8 --calibrate "$work/phantoms" -o "$inputs/densenet-int8.onnx" --force \
    >"$work/optimize.log" 2>&1 || { cat "$work/optimize.log" >&2; exit 1; }
}

# The machine's file system: the system with the engine, the inputs and the tests.
make_machine() {
  local file project
  rm -rf "$root" "$work/tests-root"
  mkdir -p "$root/repo/dist" "$machine"
  for file in "$packages"/files/*.deb; do
    case $(basename "$file") in
      linux-image-*) dpkg-deb --fsys-tarfile "$file" | tar -x -O --wildcards './boot/vmlinuz-*' >"$machine/kernel" ;;
      *) dpkg-deb -x "$file" "$root" ;;
    esac
  done
  rm -rf "$root"/usr/share/{doc,man,lintian,gcc,gdb} "$root"/usr/lib/*/gconv
  cp "$here/init" "$root/init"
  cp "$here/checks.sh" "$root/repo"
  cp dist/linux-arm64/severity dist/linux-arm64/libseverity.so "$root/repo/dist"
  aarch64-linux-gnu-gcc -std=c99 -Wall -Wextra -Werror -Idist/linux-arm64/include examples/c/score.c \
    -Ldist/linux-arm64 -lseverity -Wl,--allow-shlib-undefined -o "$root/repo/dist/score"
  make_inputs
  if [ "$run" = quick ]; then
    (cd "$root" && find . | cpio -o -H newc --quiet) >"$machine/system.cpio"
    return
  fi

  local tests=$work/tests-root/repo
  for project in SeverityEngine.Imaging.Tests SeverityEngine.Tests; do
    # Compiled ahead where it can be: compiling under emulation takes most of the time.
    dotnet publish "tests/$project" -c Release -r linux-arm64 --self-contained -p:PublishReadyToRun=true -o "$work/tests" --nologo -v quiet
  done
  mkdir -p "$tests/tests/bin"
  cp SeverityEngine.sln "$tests"
  cp -r tests/samples tests/fixtures "$tests/tests"
  cp -r models "$tests"
  (cd "$work/tests" &&
    find . -type f ! -name '*.pdb' ! -name '*.xml' ! -name '*.dylib' ! -name 'onnxruntime.dll' -exec cp -t "$tests/tests/bin" {} +)
  # What holds vector kernels to scalar ones and to definitions, and the decoders and the resize that use them.
  printf ' -class *%s' JpegKernelTests PngFiltersTests Jpeg2000RowsTests JpegDecoderTests PngDecoderTests \
    >"$tests/tests/bin/SeverityEngine.Imaging.Tests.filters"
  printf ' -class *%s' PixelRowTests PreprocessorTests WinogradKernelTests DenseLayerKernelTests DenseClampKernelTests \
    >"$tests/tests/bin/SeverityEngine.Tests.filters"
  # A file system may consist of several, one behind the other.
  { (cd "$root" && find . | cpio -o -H newc --quiet); (cd "$work/tests-root" && find . | cpio -o -H newc --quiet); } >"$machine/system.cpio"
}

# Boots a machine and unpacks what it hands back into OUT. Usage: boot PROCESSOR some|more TESTS OUT
boot() {
  local console=$4.console
  rm -rf "$4"
  mkdir -p "$4"
  timeout --kill-after=5 "$limit" qemu-system-aarch64 -M virt -cpu "$1" -smp 2 -m 2560 -nodefaults -serial stdio -display none -no-reboot \
    -kernel "$machine/kernel" -initrd "$machine/system.cpio" -append "console=ttyAMA0 quiet panic=-1 severity.extent=$2 severity.tests=$3" \
    </dev/null >"$console" 2>&1 ||
    echo "$1: the emulator ended with exit code $? (124: after $limit s)" >&2
  tr -d '\r' <"$console" | sed -n '/^@ out begins$/,/^@ out ends$/{/^@/!p}' | base64 -d 2>/dev/null | tar -xz -C "$4" 2>/dev/null || {
    echo "$1: the machine handed nothing back; its console said" >&2
    tail -n 40 "$console" >&2
    return 1
  }
}

if ! fetch; then
  echo "eng/arm64/test.sh: skipped, Debian's packages for arm64 can't be downloaded here"
  exit 77
fi
make_machine
status=0 processors=(cortex-a72 max)
if [ "$run" = quick ]; then
  processors=(cortex-a72)
  boot cortex-a72 more "" "$work/cortex-a72" || status=1
else
  boot max,pauth-impdef=on more SeverityEngine.Imaging.Tests "$work/max" &
  second=$!
  boot cortex-a72 some SeverityEngine.Tests "$work/cortex-a72" || status=1
  wait $second || status=1
fi
rm -rf "$work/here"
(cd "$root/repo/inputs" && LD_LIBRARY_PATH='' "$here/checks.sh" "$OLDPWD/dist/severity" "$work/here" more >/dev/null)
extent=some
[ "$run" != quick ] || extent=more
for processor in "${processors[@]}"; do
  echo "arm64, -cpu $processor:"
  tr -d '\r' <"$work/$processor.console" | grep '^@ ran' || true
  # Where a machine handed nothing back there is nothing to compare, and it has failed already.
  [ ! -e "$work/$processor/version.out" ] || $python "$here/compare.py" "$work/$processor" "$work/here" $extent "$run" || status=1
  extent=more
done
exit $status
