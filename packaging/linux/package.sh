#!/usr/bin/env bash
# Makes what is handed out for Linux, in dist/packages: an archive (.tar.gz) and a Debian package (.deb) for each processor, and their
# SHA-256 sums. They are linked against an old C library, so that glibc 2.28 suffices (RHEL 8, Debian 10, Ubuntu 18.10 and later), which is
# what ONNX Runtime itself needs. Usage: package.sh [x64] [arm64], both where none is named. Run by ./build.sh package.
#
# SEVERITY_MAINTAINER   "Name <address>" of whoever hands the Debian packages out
# SOURCE_DATE_EPOCH     the time that files in the packages have; the last commit's where it is not set
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=$PWD/packaging/linux work=$PWD/artifacts/packages out=$PWD/dist/packages
version=$(sed -nE 's|.*<Version>(.*)</Version>.*|\1|p' Directory.Build.props)
maintainer=${SEVERITY_MAINTAINER:-The Severity Engine developers <root@localhost>}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
# What completes commands and tells of them is asked of the programs that run here.
command=$PWD/dist/severity server=$PWD/dist/severity-server parquet=$PWD/dist/severity-parquet
mkdir -p "$work" "$out"

publish() {
  local processor=$1 debian=$2 project instructions=()
  "$here/sysroot.sh" "$debian" "$work/sysroot-$debian"
  local link=(-p:SysRoot="$work/sysroot-$debian/root" -p:LinkerFlavor=lld -p:CppCompilerAndLinker=clang -p:ObjCopyName=llvm-objcopy)
  [ "$processor" != x64 ] || instructions=("-p:IlcInstructionSet=${SEVERITY_CPU:-x86-64-v3}")
  for project in Cli Server Parquet Native; do
    # Objects of its own, so that what build.sh made stays as it is.
    dotnet publish "src/SeverityEngine.$project" -c Release -r "linux-$processor" "${instructions[@]}" "${link[@]}" \
      -p:NativeOutputPath="$work/$processor/native/$project/" -o "$work/$processor/$project" --nologo -v quiet
  done
}

# A manual page made of a program's help. $2: what it does.
manual() {
  local name
  name=$(basename "$1" | sed 's/-/\\-/g')
  printf '.TH %s 1 "" "%s %s" "User Commands"\n' "${name^^}" "$name" "$version"
  printf '.SH NAME\n%s \\- %s\n.SH USE\n.nf\n' "$name" "${2//-/\\-}"
  # As troff takes text: no hyphen is one, no backslash an escape, no line a macro.
  "$1" --help | sed -e 's/\\/\\e/g; s/-/\\-/g' -e "s/^[.']/\\\\\&&/"
  printf '.fi\n.SH SEE ALSO\n.BR severity (1)\n'
}

# The files below a prefix. $1: the folder; $2: the processor; $3: the folder of libraries in it.
lay_out() {
  local root=$1 made=$work/$2 libraries=$3 shell file
  rm -rf "$root"
  mkdir -p "$root"/{bin,share/man/man1,share/doc/severity-engine/docs,lib/systemd/system}
  install -m 755 "$made/Cli/severity" "$made/Server/severity-server" "$made/Parquet/severity-parquet" "$root/bin"
  # CMake's own installation knows where the library's files belong.
  rm -rf "$work/library" && mkdir -p "$work/library"
  cp -R "$made"/Native/{libseverity.so,include,pkgconfig,cmake} "$work/library"
  cmake -S "$work/library/cmake" -B "$work/library/build" -DCMAKE_INSTALL_LIBDIR="$libraries" >/dev/null
  cmake --install "$work/library/build" --prefix "$root" >/dev/null
  "$command" help --man >"$root/share/man/man1/severity.1"
  manual "$server" "scores chest X-rays over HTTP, with a page for people" >"$root/share/man/man1/severity-server.1"
  manual "$parquet" "writes the rows of severity merge as Parquet" >"$root/share/man/man1/severity-parquet.1"
  for shell in bash:bash-completion/completions/severity zsh:zsh/site-functions/_severity \
    fish:fish/vendor_completions.d/severity.fish pwsh:powershell/severity.ps1; do
    file=$root/share/${shell#*:}
    mkdir -p "$(dirname "$file")"
    "$command" completion "${shell%%:*}" >"$file"
  done
  install -m 644 packaging/systemd/*.service "$root/lib/systemd/system"
  install -m 644 README.md LICENSE CHANGELOG.md SECURITY.md "$root/share/doc/severity-engine"
  install -m 644 docs/*.md docs/*.png docs/*.jpg "$root/share/doc/severity-engine/docs"
  install -m 644 models/README.md "$root/share/doc/severity-engine/severity-compact.md"
  "$command" version --licenses >"$root/share/doc/severity-engine/THIRD-PARTY-NOTICES.md"
  "$server" --licenses >"$root/share/doc/severity-engine/THIRD-PARTY-NOTICES.severity-server.md"
  "$parquet" --licenses >"$root/share/doc/severity-engine/THIRD-PARTY-NOTICES.severity-parquet.md"
}

archive() {
  local processor=$1 name=severity-$version-linux-$1
  lay_out "$work/$name" "$processor" lib
  tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - "$name" |
    gzip -9n >"$out/.$name.new"
  mv "$out/.$name.new" "$out/$name.tar.gz"
}

debian_package() {
  local processor=$1 debian=$2 triple=$3 root=$work/deb-$2 name=severity-engine_${version}_$2
  lay_out "$root/usr" "$processor" "lib/$triple"
  mkdir -p "$root/DEBIAN" "$root/usr/share/lintian/overrides"
  rm "$root/usr/share/doc/severity-engine/LICENSE"
  gzip -9n "$root/usr/share/doc/severity-engine/CHANGELOG.md" "$root"/usr/share/man/man1/*.1
  mv "$root/usr/share/doc/severity-engine/CHANGELOG.md.gz" "$root/usr/share/doc/severity-engine/NEWS.md.gz"
  { printf 'severity-engine (%s) unstable; urgency=medium\n\n  * Release %s: NEWS.md.gz says what changed.\n\n -- %s  %s\n' \
    "$version" "$version" "$maintainer" "$(date -Ru -d "@$SOURCE_DATE_EPOCH")"; } |
    gzip -9n >"$root/usr/share/doc/severity-engine/changelog.gz"
  install -m 644 "$here/debian/copyright" "$root/usr/share/doc/severity-engine/copyright"
  install -m 644 "$here/debian/lintian-overrides" "$root/usr/share/lintian/overrides/severity-engine"
  sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$debian/; s/@SIZE@/$(du -sk "$root/usr" | cut -f1)/" \
    -e "s/@MAINTAINER@/$maintainer/" "$here/debian/control.in" >"$root/DEBIAN/control"
  printf 'activate-noawait ldconfig\n' >"$root/DEBIAN/triggers"
  (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  find "$root" -type d -exec chmod 755 {} +
  dpkg-deb --root-owner-group -Zxz --build "$root" "$out/.$name.new" >/dev/null
  mv "$out/.$name.new" "$out/$name.deb"
}

processors=("$@")
[ ${#processors[@]} -gt 0 ] || processors=(x64 arm64)
for processor in "${processors[@]}"; do
  case $processor in
    x64) debian=amd64 triple=x86_64-linux-gnu ;;
    arm64) debian=arm64 triple=aarch64-linux-gnu ;;
    *) echo "package.sh makes packages for x64 and arm64, and for no $processor" >&2; exit 2 ;;
  esac
  publish "$processor" "$debian"
  archive "$processor"
  debian_package "$processor" "$debian" "$triple"
done
(cd "$out" && sha256sum -- *.tar.gz *.deb >SHA256SUMS)
ls -l "$out"
