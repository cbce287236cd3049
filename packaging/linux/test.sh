#!/usr/bin/env bash
# Installs what package.sh made for x86-64 where nothing else is, and uses it: in a bare Debian, on the oldest C library that Debian still
# hands out, and beside nothing but the C library and libstdc++. Of arm64 it looks at the files alone; ./build.sh test-arm64 runs those.
# Usage: test.sh. Ends with exit code 0, 1 where a check fails, or 77 where it can't be asked (it needs root, debootstrap, lintian).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=$PWD/packaging/linux work=$PWD/artifacts/packages/test packages=$PWD/dist/packages
version=$(sed -nE 's|.*<Version>(.*)</Version>.*|\1|p' Directory.Build.props)
deb=severity-engine_${version}_amd64.deb archive=severity-$version-linux-x64
sample=tests/samples/moderate.jpg
# The newest symbol version that RHEL 8 and Debian 10 have.
floor=2.28

if [ "$(uname -sm)" != "Linux x86_64" ] || [ "$(id -u)" != 0 ]; then
  echo "packaging/linux/test.sh: skipped, it installs packages as root on x86-64 Linux"
  exit 77
fi
for tool in debootstrap lintian mandoc zsh fish curl cc objdump; do
  command -v $tool >/dev/null 2>&1 || { echo "packaging/linux/test.sh: skipped, $tool is missing: apt-get install $tool"; exit 77; }
done

failed=0
passes() { echo "passed: $1"; }
fails() { echo "FAILED: $1" >&2; failed=1; }
same() { if [ "$2" = "$3" ]; then passes "$1"; else fails "$1: '$2', where '$3' was expected"; fi; }
# A row without the name of its image and without times.
score() { "$@" predict --format csv --quiet "$picture" | tail -n 1 | cut -d, -f3-25; }

server=
with_proc() { mkdir -p "$1/proc" && mount -t proc proc "$1/proc"; }
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  local root
  for root in old least bare; do
    [ ! -e "$work/$root/proc/self" ] || umount "$work/$root/proc"
  done
}
trap finish EXIT
finish
rm -rf "$work/unpacked" "$work/old" "$work/least"
mkdir -p "$work/unpacked"

(cd "$packages" && sha256sum --quiet -c SHA256SUMS) && passes "the sums are the files'" || fails "a sum is wrong"

for file in "$packages"/*.tar.gz; do
  tar -xzf "$file" -C "$work/unpacked"
done
for root in "$work/unpacked"/*; do
  for file in bin/severity bin/severity-server bin/severity-parquet lib/libseverity.so; do
    newest=$(objdump -T "$root/$file" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1)
    same "$(basename "$root")/$file asks for no later C library" "$(printf '%s\n' "${newest#GLIBC_}" $floor | sort -V | tail -n 1)" $floor
  done
  same "$(basename "$root") has a soname" "$(objdump -p "$root/lib/libseverity.so" | awk '$1 == "SONAME" { print $2 }')" libseverity.so
done

for file in "$packages"/*.deb; do
  if lintian --fail-on error,warning --allow-root "$file"; then passes "lintian has nothing against $(basename "$file")"
  else fails "lintian and $(basename "$file")"; fi
done

root=$work/unpacked/$archive
bash -n "$root/share/bash-completion/completions/severity" && zsh -n "$root/share/zsh/site-functions/_severity" &&
  fish -n "$root/share/fish/vendor_completions.d/severity.fish" && passes "shells read the completions" || fails "completions"
for page in severity severity-server severity-parquet; do
  if mandoc -T lint -W error "$root/share/man/man1/$page.1"; then passes "mandoc reads $page.1"; else fails "$page.1"; fi
done

picture=$PWD/$sample
expected=$(score dist/severity)

# Compiled against the archive where it was unpacked, as docs/install.md says.
PKG_CONFIG_PATH=$root/lib/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046
cc examples/c/score.c $(pkg-config --cflags --libs severity) -Wl,-rpath,"$(pkg-config --variable=libdir severity)" -o "$work/example"
if "$work/example" "$sample" >/dev/null; then passes "a C program runs against the unpacked library"; else fails "the C program"; fi

# The C library of Debian 11, with no other file.
cp -R artifacts/packages/sysroot-amd64/root "$work/old"
cp -R "$root" "$work/old/severity"
with_proc "$work/old"
cp "$sample" "$work/old/x.jpg"
picture=/x.jpg
same "it scores on glibc 2.31" "$(score env -i PATH="$PATH" chroot "$work/old" /severity/bin/severity)" "$expected"

# The packages of the container's base: the C library, libgcc and libstdc++. Nobody's files, no home, no shell.
mkdir -p "$work/packages"
[ -e "$work/packages/complete" ] ||
  (cd "$work/packages" && apt-get -qq -oAPT::Sandbox::User=root download libc6 libgcc-s1 libstdc++6 && touch complete)
mkdir -p "$work/least"
for file in "$work/packages"/*.deb; do dpkg-deb --extract "$file" "$work/least"; done
mkdir -p "$work/least/usr/local"
cp -R "$root"/. "$work/least/usr/local"
with_proc "$work/least"
cp "$sample" "$work/least/x.jpg"
same "it scores beside the C library alone" \
  "$(score env -i PATH="$PATH" chroot --userspec=65532:65532 "$work/least" /usr/local/bin/severity)" "$expected"

# A bare Debian, kept for the next time.
if [ ! -e "$work/bare/complete" ]; then
  rm -rf "$work/bare"
  debootstrap --variant=minbase bookworm "$work/bare" >"$work/debootstrap.log"
  touch "$work/bare/complete"
fi
cp "$packages/$deb" "$work/bare/"
cp "$sample" "$work/bare/x.jpg"
with_proc "$work/bare"
bare=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot "$work/bare")
inside() { "${bare[@]}" "$@"; }
files() { (cd "$work/bare" && find bin/ sbin/ lib/ etc usr -type f -o -type l | sort); }
before=$(files)
inside apt-get -qq -oDpkg::Use-Pty=0 install "/$deb" >/dev/null 2>&1 && passes "the package installs in a bare Debian" || fails "the package does not install"
same "it scores there" "$(score inside severity)" "$expected"
inside severity predict /x.jpg --quiet -o /x.jsonl --force
same "rows become Parquet there" "$(inside severity merge /x.jsonl --quiet --format parquet | head -c 4)" PAR1
"${bare[@]}" severity-server --listen 127.0.0.1:18080 >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do curl -fs http://127.0.0.1:18080/healthz >/dev/null && break; sleep 0.1; done
same "the server there scores alike" "$(curl -fs --data-binary "@$sample" -H 'Accept: text/csv' \
  'http://127.0.0.1:18080/v1/predict?name=moderate.jpg' | tail -n 1 | tr -d '\r' | cut -d, -f3-25)" "$expected"
kill -TERM $server && wait $server && passes "the server stops when it is told to" || fails "the server ended with $?"
server=
inside ldconfig -p | grep -q libseverity.so && passes "the loader finds the library" || fails "the loader knows no libseverity.so"
inside apt-get -qq -oDpkg::Use-Pty=0 purge severity-engine >/dev/null 2>&1
# What the package depends on stays, as apt leaves it.
left=$(comm -13 <(echo "$before") <(files) | grep severity || true)
same "nothing of it is left once it is removed" "$left" ""

[ $failed = 0 ] && echo "packages: every check passed"
exit $failed
