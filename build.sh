#!/usr/bin/env bash
# Builds Severity Engine. Usage: ./build.sh [build|test|arm64|test-arm64|pack|package|test-package|python|bench|reproduce|clean|help]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
configuration=Release
# The processors that dist/ runs on. x86-64-v3 (AVX2: Intel since 2013, AMD since 2015) is the default; SEVERITY_CPU=x86-64-v2 also
# runs on older ones, and on Atom-class ones, with slower preprocessing.
cpu=${SEVERITY_CPU:-x86-64-v3}

usage() {
  cat <<'TEXT'
./build.sh            checks the tools, restores, builds, publishes dist/severity, severity-server, severity-parquet and libseverity, and scores the samples
./build.sh test       the same, then every test; ends with "N passed, N failed, N skipped"
./build.sh arm64      cross-builds dist/linux-arm64/severity, severity-server, severity-parquet and libseverity.so on x86-64 Linux
./build.sh test-arm64 the same and the build for this machine, then runs them on emulated arm64 processors and compares what they answer
./build.sh pack       makes the NuGet packages (SeverityEngine, SeverityEngine.Models and what they need) in dist/nuget
./build.sh package    makes what is handed out for Linux, for x86-64 and arm64, in dist/packages: archives and Debian packages; on x86-64 Linux
./build.sh test-package the same, then installs and runs it in a bare Debian; as root
./build.sh python     makes the wheel for Python in dist, with the library inside
./build.sh bench      runs the benchmarks; arguments go to BenchmarkDotNet (for example --filter '*Preprocess*'); --quick: in two minutes
./build.sh reproduce  builds the sources in two folders and compares what comes of them, bit for bit
./build.sh clean      removes everything that was built

SEVERITY_CPU          x86-64-v3 (the default) or x86-64-v2, for processors without AVX2
SEVERITY_ARM64        1: ./build.sh test also cross-builds for arm64 Linux and tests that on an emulated processor
SEVERITY_TEST_DATA    the folder of reference data for the tests (default ../shared); tests that need it are skipped without it
TEXT
}

missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$1: $2"); }

check_tools() {
  if ! command -v dotnet >/dev/null 2>&1 || ! dotnet --list-sdks | grep -q '^10\.'; then
    missing+=("the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0 (Debian: apt-get install dotnet-sdk-10.0, from Microsoft's package feed)")
  fi
  if ! command -v clang >/dev/null 2>&1; then
    need gcc "the linker of Native AOT. Debian: apt-get install gcc"
  fi
  if [ "${1:-}" = test ] && [ "$(uname -s)" = Linux ]; then
    need strace "shows that nothing leaves the machine. Debian: apt-get install strace"
    need gcc "compiles the programs that test the library. Debian: apt-get install gcc"
    need g++ "the same, in C++. Debian: apt-get install g++"
    need valgrind "counts instructions, and shows that the library touches no memory but its own. Debian: apt-get install valgrind"
    need pkg-config "tests how the library is found. Debian: apt-get install pkg-config"
    need cmake "tests how the library is found. Debian: apt-get install cmake"
    need make "what cmake builds with. Debian: apt-get install make"
    need giftext "comes with giflib, which reads damaged GIFs beside the engine. Debian: apt-get install giflib-tools"
    need djpeg "judges which JPEGs are damaged. Debian: apt-get install libjpeg-turbo-progs"
    need python3 "installs and runs the wheel. Debian: apt-get install python3 python3-numpy python3-venv"
    need mypy "holds the wheel's types. Debian: apt-get install mypy"
    need objdump "reads which C library the wheel's library needs. Debian: apt-get install binutils"
    need dciodvfy "judges DICOM results. Debian: apt-get install dicom3tools"
    need dsrdump "reads DICOM results, and sends and receives DICOM. Debian: apt-get install dcmtk"
    PATH="$PATH:/usr/sbin" need Orthanc "is an archive beside the receiver, and runs the plugin. Debian: apt-get install orthanc orthanc-dev"
    [ -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ] ||
      missing+=("Orthanc's plugin for DICOMweb, which sends to the server. Debian: apt-get install orthanc-dicomweb")
    /usr/bin/python3 -c 'import prometheus_client' 2>/dev/null ||
      missing+=("a reader of the server's metrics. Debian: apt-get install python3-prometheus-client")
    need systemd-analyze "judges the unit for systemd. Debian: apt-get install systemd"
    need unzip "judges damaged zip archives. Debian: apt-get install unzip"
    need chromium "opens the report and the server's page. Debian: apt-get install chromium"
    need node "drives the browser, and checks the server's description and the files for Kubernetes. Debian: apt-get install nodejs"
    need npm "installs what drives the browser and what checks those files. Debian: apt-get install npm"
    if [ "$(id -u)" = 0 ]; then
      # Without root the tests on a real Slurm are skipped.
      need munged "tells the parts of Slurm who they are. Debian: apt-get install munge"
      need slurmctld "runs the array job. Debian: apt-get install slurmctld"
      need slurmd "runs the array job's tasks. Debian: apt-get install slurmd"
      need sbatch "submits the array job. Debian: apt-get install slurm-client"
    fi
  fi
  if [ ${#missing[@]} -gt 0 ]; then
    echo "Missing on this machine:" >&2
    printf '  %s\n' "${missing[@]}" >&2
    exit 2
  fi
}

# What cross-building for arm64 Linux needs; with "test" also what boots the result.
need_arm64() {
  need clang "cross-compiles. Debian: apt-get install clang"
  need ld.lld "links for the other processor. Debian: apt-get install lld"
  need aarch64-linux-gnu-gcc "has what arm64 programs are linked with. Debian: apt-get install gcc-aarch64-linux-gnu"
  [ -e /usr/aarch64-linux-gnu/lib/crt1.o ] ||
    missing+=("the C library of arm64. Debian: apt-get install libc6-dev-arm64-cross")
  [ "${1:-}" = test ] || return 0
  need qemu-system-aarch64 "emulates the machine. Debian: apt-get install qemu-system-arm"
  need cpio "packs the machine's file system. Debian: apt-get install cpio"
  need apt-get "downloads the machine's kernel and C library, for which no privileges are needed. Comes with Debian and Ubuntu"
}

# What packages are linked and packed with.
need_package() {
  need clang "links packages, for both processors. Debian: apt-get install clang"
  need ld.lld "is the linker. Debian: apt-get install lld"
  need llvm-objcopy "strips what is linked. Debian: apt-get install llvm"
  need cmake "installs the library into a package. Debian: apt-get install cmake"
  need dpkg-deb "packs. Debian and Ubuntu have it"
  need apt-get "downloads the older C library that is linked against, for which no privileges are needed. Comes with Debian and Ubuntu"
}

runtime_identifier() {
  local os arch
  case "$(uname -s)" in
    Linux) os=linux ;;
    Darwin) os=osx ;;
    *) echo "build.sh builds on Linux and macOS; use build.ps1 on Windows" >&2; exit 2 ;;
  esac
  case "$(uname -m)" in
    x86_64) arch=x64 ;;
    aarch64|arm64) arch=arm64 ;;
    *) echo "no ONNX Runtime for $(uname -m); build on x86_64 or arm64" >&2; exit 2 ;;
  esac
  echo "$os-$arch"
}

publish() {
  local rid instructions=()
  rid=$(runtime_identifier)
  [[ $rid == *-x64 ]] && instructions=("-p:IlcInstructionSet=$cpu")
  dotnet publish src/SeverityEngine.Cli -c "$configuration" -r "$rid" "${instructions[@]}" -o artifacts/cli --nologo -v quiet
  dotnet publish src/SeverityEngine.Server -c "$configuration" -r "$rid" "${instructions[@]}" -o artifacts/server --nologo -v quiet
  dotnet publish src/SeverityEngine.Parquet -c "$configuration" -r "$rid" "${instructions[@]}" -o artifacts/parquet --nologo -v quiet
  mkdir -p dist
  # Through a new file and a rename: a program that is running keeps its own.
  cp artifacts/cli/severity dist/.severity.new
  mv dist/.severity.new dist/severity
  cp artifacts/server/severity-server dist/.severity-server.new
  mv dist/.severity-server.new dist/severity-server
  cp artifacts/parquet/severity-parquet dist/.severity-parquet.new
  mv dist/.severity-parquet.new dist/severity-parquet
  publish_library "$rid" "${instructions[@]}"
}

# The library behind a C ABI, with what its users build with.
publish_library() {
  local rid=$1 library=libseverity.so
  shift
  [[ $rid == osx-* ]] && library=libseverity.dylib
  dotnet publish src/SeverityEngine.Native -c "$configuration" -r "$rid" "$@" -o artifacts/native --nologo -v quiet
  cp "artifacts/native/$library" "dist/.$library.new"
  mv "dist/.$library.new" "dist/$library"
  cp -R artifacts/native/include artifacts/native/pkgconfig artifacts/native/cmake dist/
}

# The programs and the library for arm64 Linux (Raspberry Pi OS of 64 bits, servers), made on x86-64.
publish_arm64() {
  local project file
  local cross=(-r linux-arm64 -p:LinkerFlavor=lld -p:CppCompilerAndLinker=clang -p:ObjCopyName=aarch64-linux-gnu-objcopy)
  mkdir -p dist/linux-arm64
  for project in Cli Server Parquet Native; do
    dotnet publish "src/SeverityEngine.$project" -c "$configuration" "${cross[@]}" -o "artifacts/arm64/$project" --nologo -v quiet
  done
  for file in Cli/severity Server/severity-server Parquet/severity-parquet Native/libseverity.so; do
    cp "artifacts/arm64/$file" "dist/linux-arm64/.${file#*/}.new"
    mv "dist/linux-arm64/.${file#*/}.new" "dist/linux-arm64/${file#*/}"
  done
  cp -R artifacts/arm64/Native/{include,pkgconfig,cmake} dist/linux-arm64/
}

pack() {
  local project published=()
  # From a clone of a published repository the packages name it, and their symbols lead debuggers to its sources.
  [[ $(git remote get-url origin 2>/dev/null) != https://* ]] || published=(-p:PublishRepositoryUrl=true -p:ContinuousIntegrationBuild=true)
  rm -rf dist/nuget
  for project in SeverityEngine{.Core,.Imaging,.Onnx,,.Models,.Dicom,.Batch,.Evaluation}; do
    dotnet pack "src/$project" -c "$configuration" "${published[@]}" -o dist/nuget --nologo -v quiet
  done
  ls dist/nuget
}

# The wheel of the library in dist; one of another version goes.
python_wheel() {
  local library=dist/libseverity.so
  [ "$(uname -s)" != Darwin ] || library=dist/libseverity.dylib
  rm -f dist/severity_engine-*.whl
  python3 -B python/build_wheel.py "$library" dist
}

# The same sources make the same files: published from two folders whose names differ in length, they are compared bit for bit.
reproduce() {
  local folder copy file status=0
  folder=$(mktemp -d)
  for copy in "$folder/one" "$folder/of/another/length/two"; do
    mkdir -p "$copy"
    git ls-files -z | tar -cf - --null -T - | tar -xf - -C "$copy"
  done
  (cd "$folder/one" && publish)
  (cd "$copy" && publish)
  while read -r file; do
    if cmp -s "$folder/one/$file" "$copy/$file"; then
      echo "the same   $file"
    else
      echo "DIFFERENT  $file"
      status=1
    fi
  done < <(cd "$folder/one" && find dist src/*/bin \( -path 'dist/*' -o -name '*everity*.dll' \) -type f | sort)
  rm -rf "$folder"
  return $status
}

score_samples() {
  echo
  echo "\$ dist/severity predict tests/samples/*.{jpg,png}"
  dist/severity predict tests/samples/*.jpg tests/samples/*.png
  echo
  echo "Built dist/severity ($(($(wc -c <dist/severity) / 1048576)) MiB) and libseverity, the same for other languages. Try it: dist/severity predict YOUR-XRAY"
}

run_project() {
  local code=0
  "tests/$1/bin/$configuration/net10.0/$1" -noColor -noLogo -longRunning 300 || code=$?
  echo "$1 ended with $code"
}

run_tests() {
  # Style and analyzers were the build's own; what is left is white space.
  dotnet format whitespace SeverityEngine.sln --verify-no-changes --no-restore
  local project name status=0 passed=0 failed=0 skipped=0 outputs beside="SeverityEngine.Cli.Tests SeverityEngine.Native.Tests"
  outputs=$(mktemp -d)
  # These start one program at a time and wait for it: they run beside all others. Their output comes last.
  for name in $beside; do
    run_project "$name" >"$outputs/$name" 2>&1
  done &
  local beside_all=$!
  for project in tests/*.Tests; do
    name=$(basename "$project")
    if [[ " $beside " != *" $name "* ]]; then
      run_project "$name" 2>&1 | tee "$outputs/$name"
    fi
  done
  wait $beside_all || true
  for name in $beside; do
    cat "$outputs/$name"
  done
  for project in tests/*.Tests; do
    name=$(basename "$project")
    # Without a count in its output a test project has not run, and that is a failure.
    local line
    line=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$outputs/$name" | tail -n 1) || true
    if [ -z "$line" ]; then
      echo "$name: no test summary" >&2
      failed=$((failed + 1)) status=1
      continue
    fi
    local total errors bad skips
    read -r total errors bad skips < <(sed -E 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/' <<<"$line")
    # Its exit code is its last line: not 0 also where a run was cut off behind its tests.
    [ "$total" -gt 0 ] && [ "$(tail -n 1 "$outputs/$name")" = "$name ended with 0" ] || status=1
    passed=$((passed + total - bad - skips)) failed=$((failed + bad + errors)) skipped=$((skipped + skips))
  done
  # What failed and what it said comes once more at the end, where it is found.
  local failures
  failures=$(awk '/^ *[A-Za-z_0-9.]+\.[^ ]+.* \[(FAIL|PASS|SKIP)\]$/ || /^ *Finished:/ || /^===/ { told = /\[FAIL\]$/ ? 60 : 0 } told-- > 0' "$outputs"/*)
  rm -rf "$outputs"
  # One test more: that decoding and preprocessing have not become slower.
  if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "bench/count-instructions.sh: skipped, its counts are for x86-64 Linux"
    skipped=$((skipped + 1))
  elif bench/count-instructions.sh; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  # And one, where it is asked for: that the arm64 build runs, and answers as this one does.
  local arm64=0
  missing=()
  need_arm64 test
  if [ "${SEVERITY_ARM64:-}" != 1 ]; then
    echo "arm64 is not tested in this run: ./build.sh test-arm64 does that, or SEVERITY_ARM64=1 here"
    arm64=elsewhere
  elif [ "$(uname -sm)" != "Linux x86_64" ] || [ ${#missing[@]} -gt 0 ]; then
    echo "eng/arm64/test.sh: skipped, ${missing[*]:-it cross-builds on x86-64 Linux}"
    arm64=77
  else
    # A process of its own, which ends at the first error.
    { ./build.sh arm64 && eng/arm64/test.sh quick; } || arm64=$?
  fi
  case $arm64 in
    elsewhere) ;;
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *) failed=$((failed + 1)) ;;
  esac
  [ "$failed" -eq 0 ] || status=1
  [ -z "$failures" ] || printf '\nWhat failed:\n%s\n' "$failures"
  echo
  echo "$passed passed, $failed failed, $skipped skipped"
  return $status
}

build() {
  dotnet restore SeverityEngine.sln -v quiet
  dotnet build SeverityEngine.sln -c "$configuration" --no-restore --nologo -v quiet
  publish
}

case "${1:-build}" in
  build) check_tools; build; score_samples ;;
  test) check_tools test; build; score_samples; run_tests ;;
  arm64) need_arm64; check_tools; publish_arm64 ;;
  test-arm64) need_arm64 test; check_tools; publish; publish_arm64; eng/arm64/test.sh ;;
  pack) check_tools; pack ;;
  package) need_package; check_tools; publish; packaging/linux/package.sh ;;
  test-package) need_package; check_tools; publish; packaging/linux/package.sh; packaging/linux/test.sh ;;
  python) need python3 "packs the wheel. Debian: apt-get install python3"; check_tools; build; python_wheel ;;
  reproduce) check_tools; reproduce ;;
  bench) check_tools; shift; dotnet run --project bench/SeverityEngine.Benchmarks -c "$configuration" -- "$@" ;;
  clean) rm -rf dist artifacts; find . -type d \( -name bin -o -name obj \) -not -path './.git/*' -prune -exec rm -rf {} + ;;
  help|-h|--help) usage ;;
  *) usage >&2; exit 2 ;;
esac
