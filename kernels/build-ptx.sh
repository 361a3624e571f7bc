#!/usr/bin/env bash
# Compiles every kernel to PTX: what ddpm.jar carries, and what the tests and benchmarks of the ladder load.
#
#   kernels/build-ptx.sh            compiles what changed since the last time; does nothing where there is no nvcc
#   kernels/build-ptx.sh --force    compiles everything and fails without nvcc
#
# src/main/cuda/*.cu  -> src/main/resources/ddpm/kernels/kernels-75.ptx    for compute capability 7.5 and later
#                        src/main/resources/ddpm/kernels/kernels-80.ptx    for 8.0 and later: bf16 tensor cores
#                        src/main/resources/ddpm/kernels/sources.sha256    what both were made from
# ladder/*/*.cu       -> src/test/resources/ddpm/kernels/ladder.ptx, ladder.sha256
#
# All of them are checked in, so that building ddpm needs no nvcc; PtxTest says when they are out of date.
set -euo pipefail
cd "$(dirname "$0")"

force=no
[ "${1:-}" != --force ] || force=yes

main=src/main/resources/ddpm/kernels
test=src/test/resources/ddpm/kernels
work=target/ptx

# The oldest PTX that has all we use. nvcc writes its own version, which only drivers of its age accept; ptxas below
# refuses what does not belong to this one.
ptx_version=7.0

hash_of() { # file -> SHA-256 of its text with Unix line endings
    tr -d '\r' <"$1" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -d ' ' -f 1
}

hashes() { # files -> one line each, "hash  path"
    local f
    for f in "$@"; do echo "$(hash_of "$f")  $f"; done
}

sources() { # patterns -> the files that there are, in an order that no locale changes
    local f
    for f in "$@"; do [ ! -f "$f" ] || echo "$f"; done | LC_ALL=C sort
}

nvcc=
find_nvcc() {
    if [ -n "${CUDA_HOME:-}" ] && [ -x "$CUDA_HOME/bin/nvcc" ]; then
        nvcc=$CUDA_HOME/bin/nvcc
    else
        nvcc=$(command -v nvcc || true)
    fi
    [ -n "$nvcc" ]
}

one_file() { # files -> one text with all of them: headers first, then each kernel file in a namespace, so that no two clash
    local f
    for f in $headers; do echo "#include \"${f##*/}\""; done
    for f in "$@"; do
        case $f in *.cuh) continue ;; esac
        echo "namespace $(echo "${f%.cu}" | tr -c 'a-zA-Z0-9\n' _) {"
        echo "#include \"../../$f\""
        echo "}"
    done
}

compile() { # text, capability, output
    "$nvcc" -ptx -arch="compute_$2" -std=c++17 -Isrc/main/cuda -Werror all-warnings -o "$work/raw.ptx" "$1"
    sed "s/^\.version .*/.version $ptx_version/" "$work/raw.ptx" >"$work/lowered.ptx"
    "$(dirname "$nvcc")/ptxas" -arch="sm_$2" -o "$work/lowered.cubin" "$work/lowered.ptx"
    mv "$work/lowered.ptx" "$3"
}

# name, file of hashes, folder, capabilities, sources...
build() {
    local name=$1 stamp=$2 folder=$3 capabilities=$4 wanted c
    shift 4
    [ $# -gt 0 ] || return 0
    wanted=$(hashes "$@")
    if [ $force = no ] && [ "$wanted" = "$(tr -d '\r' 2>/dev/null <"$stamp" || true)" ]; then
        return 0
    fi
    if ! find_nvcc; then
        echo "kernels: $stamp is out of date and there is no nvcc here to compile $name; set CUDA_HOME" >&2
        [ $force = no ] && return 0 || exit 1
    fi
    mkdir -p "$work" "$folder"
    one_file "$@" >"$work/$name.cu"
    for c in $capabilities; do
        if [ "$capabilities" = "$c" ]; then compile "$work/$name.cu" "$c" "$folder/$name.ptx"
        else compile "$work/$name.cu" "$c" "$folder/$name-$c.ptx"; fi
    done
    echo "$wanted" >"$stamp"
    echo "kernels: compiled $name for $capabilities with $("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/nvcc \1/p')"
}

headers=$(sources src/main/cuda/*.cuh)
shipped=$(sources src/main/cuda/*.cu src/main/cuda/*.cuh)
ladder=$(sources ladder/*/*.cu)
# no quotes: the paths are ours and hold no spaces
build kernels $main/sources.sha256 $main "75 80" $shipped
[ -z "$ladder" ] || build ladder $test/ladder.sha256 $test 75 $ladder $headers
