#!/usr/bin/env bash
# Runs a command so that libraries made with GCC 13 load where the C++ library is GCC 12's, as in Debian 12; with a newer one it just runs it.
# Usage: bench/comparison/with-newer-libstdcxx.sh COMMAND [ARGUMENT]...   (needs g++ and objdump)
#
# TorchSharp's library is such a one. Of the newer C++ library it wants one symbol, std::ios_base_library_init(), which is there to keep it from
# loading with older ones and is never called: from GCC 13 on the C++ library makes std::cout and the like ready by itself, before that every
# program had to. So a stand-in libstdc++.so.6 comes before the system's, for this command and what it starts. It has the versions of the
# system's and the missing one, makes the streams ready, and needs the system's by its path; all other code is there.
set -euo pipefail
if [ $# -eq 0 ]; then
  echo "usage: $0 COMMAND [ARGUMENT]..." >&2
  exit 2
fi
newer=GLIBCXX_3.4.32
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/artifacts/newer-libstdcxx

system=$(/sbin/ldconfig -p | awk '$1 == "libstdc++.so.6" && /x86-64/ && !found++ { print $NF }')
versions=$(objdump -p "$system" | awk '$2 == "0x00" && $4 ~ /^(GLIBCXX|CXXABI)_/ { print $4 }')
if grep -qxF "$newer" <<<"$versions"; then
  exec "$@"
fi

mkdir -p "$folder"
# A library is needed by the name that the linked one bears. An empty one bears the system's path: by its own name the stand-in would find itself.
gcc -shared -nostdlib -x c /dev/null -Wl,-soname,"$system" -o "$folder/path.so"
{
  sed 's/$/ { };/' <<<"$versions"
  echo "$newer { global: _ZSt21ios_base_library_initv; local: *; };"
} >"$folder/versions.map"
# Through a new file and a rename: a program that is running keeps its own.
g++ -shared -fPIC -nodefaultlibs -x c++ - -x none -Wl,--no-as-needed "$folder/path.so" -lc \
  -Wl,-soname,libstdc++.so.6 -Wl,--version-script,"$folder/versions.map" -o "$folder/new.so" <<'CPP'
#include <ios>
static std::ios_base::Init streams;
extern "C" void _ZSt21ios_base_library_initv() {}
CPP
mv "$folder/new.so" "$folder/libstdc++.so.6"
LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec "$@"
