#!/usr/bin/env bash
# Compiles every kernel: what ddpm.jar carries, and what the tests and benchmarks load beside it. Each kernel is a file of
# its own, so that a step loads what it launches and nothing else.
#
#   kernels/build-ptx.sh            compiles what changed since the last time; does nothing where there is no nvcc
#   kernels/build-ptx.sh --force    compiles everything and fails without nvcc
#
# src/main/cuda/*.cu  -> src/main/resources/ddpm/kernels/ptx-75/KERNEL.ptx.gz for compute capability 7.5 and later
#                        src/main/resources/ddpm/kernels/ptx-80/KERNEL.ptx.gz for 8.0 and later: bf16 tensor cores
#                        .../ptx-N/names.txt                                 the kernels there, one a line
#                        .../sm_N/KERNEL.cubin.gz                            the same, compiled for the usual GPUs and packed
#                        src/main/resources/ddpm/kernels/sources.sha256      what all were made from
#                        src/test/resources/ddpm/kernels/ptx-N/              the kernels of unshipped.txt
# ladder/*/*.cu       -> src/test/resources/ddpm/kernels/ladder/, ladder.sha256
#
# A new kernel needs no entry anywhere but in unshipped.txt, where nothing of the product launches it.
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

# GPUs whose kernels need no compiling at the first start: Turing, Ampere and Ada, Hopper, Blackwell's two.
cubins="75 80 90 100 120"

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
        case $f in *.cu) ;; *) continue ;; esac
        echo "namespace $(echo "${f%.cu}" | tr -c 'a-zA-Z0-9\n' _) {"
        echo "#include \"../../$f\""
        echo "}"
    done
}

split() { # PTX of many kernels, folder -> KERNEL.ptx for each, with those declarations around it that it names
    awk -v folder="$2" '
        /^[ \t]*\/\// || (/^$/ && !inside) { next }
        /^\.visible \.entry / {
            name = $3
            sub(/\(.*/, "", name)
            inside = 1
            body = ""
        }
        !inside && /^\.(version|target|address_size)/ { head = head $0 "\n"; next }
        !inside && /^\.(shared|global|const|extern)/ && /;$/ { shared[++count] = $0; next }
        !inside { print "build-ptx.sh: do not know what to do with: " $0 >"/dev/stderr"; exit 1 }
        {
            gsub(/\$L__BB[0-9]+_/, "$L__BB_")          # numbered through all kernels: a new one would change the others
            body = body $0 "\n"
        }
        /^}/ {
            inside = 0
            text = head
            for (i = 1; i <= count; i++) {
                variable = shared[i]
                sub(/[[;].*/, "", variable)
                sub(/.*[ \t]/, "", variable)
                if (index(body, variable)) text = text shared[i] "\n"
            }
            printf "%s%s", text, body >(folder "/" name ".ptx")
            close(folder "/" name ".ptx")
        }' "$1"
}

compile() { # text, capability, folder
    "$nvcc" -ptx -arch="compute_$2" -std=c++17 -Isrc/main/cuda -Werror all-warnings -o "$work/raw.ptx" "$1"
    sed "s/^\.version .*/.version $ptx_version/" "$work/raw.ptx" >"$work/lowered.ptx"
    rm -rf "$3"
    mkdir -p "$3"
    split "$work/lowered.ptx" "$3"
}

assemble() { # capability, folder of PTX, folder of cubins: as the driver would
    rm -rf "$3"
    mkdir -p "$3"
    for f in "$2"/*.ptx; do echo "$f"; done | xargs -P "$(nproc)" -I '{}' sh -c \
        '"$1" -Werror -arch="sm_$2" -o "$3/$(basename "$4" .ptx).cubin" "$4" && gzip -9n "$3/$(basename "$4" .ptx).cubin"' sh "$(dirname "$nvcc")/ptxas" "$1" "$3" '{}'
}

# name, file of hashes, sources...: whether to compile
stale() {
    local name=$1 stamp=$2
    shift 2
    [ $# -gt 0 ] || return 1
    wanted=$(hashes "$@")
    [ $force = yes ] || [ "$wanted" != "$(tr -d '\r' 2>/dev/null <"$stamp" || true)" ] || return 1
    if ! find_nvcc; then
        echo "kernels: $stamp is out of date and there is no nvcc here to compile $name; set CUDA_HOME" >&2
        [ $force = no ] && return 1 || exit 1
    fi
    mkdir -p "$work" "$(dirname "$stamp")"
}

done_with() { # name, file of hashes
    echo "$wanted" >"$2"
    echo "kernels: compiled $1 with $("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/nvcc \1/p')"
}

build_shipped() {
    stale kernels $main/sources.sha256 "$@" || return 0
    one_file "$@" >"$work/kernels.cu"
    for c in 75 80; do
        compile "$work/kernels.cu" $c $main/ptx-$c
        rm -rf $test/ptx-$c
        mkdir -p $test/ptx-$c
        while read -r name; do
            [ ! -f "$main/ptx-$c/$name.ptx" ] || mv "$main/ptx-$c/$name.ptx" $test/ptx-$c/
        done < <(grep -v '^#' unshipped.txt)
        (cd $main/ptx-$c && for f in *.ptx; do echo "${f%.ptx}"; done | LC_ALL=C sort) >"$work/names"
        mv "$work/names" $main/ptx-$c/names.txt
    done
    for c in $cubins; do
        if [ "$c" = 75 ]; then assemble 75 $main/ptx-75 $main/sm_75; else assemble "$c" $main/ptx-80 "$main/sm_$c"; fi
    done
    gzip -9n $main/ptx-75/*.ptx $main/ptx-80/*.ptx
    done_with kernels $main/sources.sha256
}

build_ladder() {
    stale ladder $test/ladder.sha256 "$@" || return 0
    one_file "$@" >"$work/ladder.cu"
    compile "$work/ladder.cu" 75 $test/ladder
    assemble 75 $test/ladder "$work/ladder"              # refuses what does not belong to the PTX version
    done_with ladder $test/ladder.sha256
}

headers=$(sources src/main/cuda/*.cuh)
shipped=$(sources src/main/cuda/*.cu src/main/cuda/*.cuh)
ladder=$(sources ladder/*/*.cu)
# no quotes: the paths are ours and hold no spaces
build_shipped $shipped unshipped.txt
[ -z "$ladder" ] || build_ladder $ladder $headers
