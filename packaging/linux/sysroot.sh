#!/usr/bin/env bash
# Fetches what programs for older systems are linked against: the C library of Debian 11 (glibc 2.31) with its headers and GCC's own
# libraries, for one processor, into a folder. Debian's keys verify the packages; no privileges are needed, and the machine's own packages
# stay as they are. Usage: sysroot.sh amd64|arm64 FOLDER
set -euo pipefail
architecture=$1 folder=$2
[ ! -e "$folder/complete" ] || exit 0
command -v apt-get >/dev/null 2>&1 && [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || {
  echo "The packages are linked against Debian's C library, for which apt-get and the package debian-archive-keyring are needed." >&2
  exit 2
}
rm -rf "$folder"
mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/packages" "$folder/root"
folder=$(cd "$folder" && pwd)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bullseye main" >"$folder/sources.list"
options=(-qq -oAPT::Architecture="$architecture" -oAPT::Architectures="$architecture" -oAPT::Sandbox::User=root
  -oDir::State::Lists="$folder/lists" -oDir::State::Status=/dev/null -oDir::Cache="$folder/cache"
  -oDir::Etc::SourceList="$folder/sources.list" -oDir::Etc::SourceParts=/dev/null)
apt-get "${options[@]}" update
(cd "$folder/packages" && apt-get "${options[@]}" download \
  libc6 libc6-dev libgcc-10-dev libgcc-s1 libstdc++6 libstdc++-10-dev linux-libc-dev)
for package in "$folder"/packages/*.deb; do
  dpkg-deb --extract "$package" "$folder/root"
done
# Links to absolute names lead out of the folder.
find "$folder/root" -type l -lname '/*' | while read -r link; do
  ln -sfn "$(realpath --canonicalize-missing --relative-to="$(dirname "$link")" "$folder/root$(readlink "$link")")" "$link"
done
touch "$folder/complete"
