#!/bin/sh
# build.sh fast|check OUT NATIVES KERNELS...
#
# Builds the simulated CUDA libraries (README.md) into the folder OUT: libcuda.so.1 with the kernels of all *.cu files in
# the folders KERNELS compiled in, and libcublas.so.12, libcudnn.so.9; in OUT/cuda13 the same two as CUDA 13 has them.
# NATIVES is the folder with JCuda's libJ*.so files, whose undefined symbols say what a library must export. Compiles what
# is older than its sources, nothing else.
# Where it cannot build, it prints why, writes the reason to OUT/UNAVAILABLE and ends with status 0.
# The compiled simulator itself lies in OUT/../core, or in the folder CUSIM_CORE, and serves both modes.
# With CUSIM_MUTANTS=yes the kernels have been through mutate.cpp.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mode=$1 out=$2 natives=$3
shift 3
mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -f "$out/UNAVAILABLE"

unavailable() {
    echo "CUDA simulator: not built: $1" | tee "$out/UNAVAILABLE"
    exit 0
}
[ "$(uname -sm)" = "Linux x86_64" ] || unavailable "it runs on Linux x86_64 only"
for tool in g++ nm; do
    command -v $tool >/dev/null || unavailable "$tool is not installed (packages g++ and binutils)"
done
echo 'int main() {}' | g++ -std=gnu++20 -x c++ -fsyntax-only - 2>/dev/null || unavailable "this g++ does not know C++20"
ls "$natives"/libJCudaDriver*.so >/dev/null 2>&1 || unavailable "no libJCudaDriver*.so in $natives"

core=${CUSIM_CORE:-$(dirname "$out")/core}
mkdir -p "$core" "$out/kernels"
jobs=$out/jobs
common="-std=gnu++20 -fPIC -fvisibility=hidden -I$here"
core_flags="$common -g1 -Wall -Wextra -fno-strict-aliasing"
# As nvcc: a * b + c is fused where the processor can; optimisation may not assume strict aliasing (float4 over float).
# Lines of source are all that is asked of the debugging information: which variable is where takes a quarter of the time.
# DWARF 4: where a file's first line table entry is of the .cu, addr2line 2.40 reads it as the .cpp in DWARF 5.
kernel_flags="$common -gdwarf-4 -fno-var-tracking -ffp-contract=fast -fno-strict-aliasing
    -Wall -Wno-unknown-pragmas -Wno-unused-function -Wno-unused-variable -Wno-unused-but-set-variable -Wno-sign-compare"
grep -qw fma /proc/cpuinfo && grep -qw avx2 /proc/cpuinfo && kernel_flags="$kernel_flags -march=x86-64-v3"
case $mode in
    fast) kernel_flags="$kernel_flags -O2" ;;
    check) kernel_flags="$kernel_flags -O1 -fsanitize=thread,alignment,bounds,shift,signed-integer-overflow" ;;
    *) echo "build.sh: mode fast or check, not $mode" >&2; exit 2 ;;
esac

stale() {                           # stale TARGET SOURCE...: is the target missing or older than a source?
    made=$1
    shift
    [ -e "$made" ] || return 0
    for newer; do [ "$newer" -nt "$made" ] && return 0; done
    return 1
}
job() {                             # job SOURCE COMMAND: for run_jobs
    echo "$(wc -c <"$1") $2" | tr -s ' \n' ' ' >>"$jobs"
    echo >>"$jobs"
}
run_jobs() {                        # several at a time, of the largest source first; the first failure ends the build
    sort -rn "$jobs" | cut -d' ' -f2- | tr '\n' '\0' | xargs -0 -r -P "$(nproc)" -n 1 sh -c 'eval "$1" || exit 255' sh
    : >"$jobs"
}

# ---- the header in front of every kernel, compiled in advance: g++ takes start.h.gch where it finds one beside start.h
: >"$jobs"
start=$out/kernels/start.h
if stale "$start.gch" "$here"/device_*.h "$here/kernel.h" "$here/threads.h" "$here/build.sh"; then
    echo '#include "device_side.h"' >"$start"
    job "$start" "g++ $kernel_flags -x c++-header '$start' -o '$start.gch'"
fi
kernel_flags="-include '$start' $kernel_flags"

# ---- the simulator and the translator
for source in "$here"/*.cpp; do
    name=$(basename "$source" .cpp)
    if [ "$name" = translate ]; then
        stale "$core/translate" "$source" && job "$source" "g++ -std=gnu++20 -O1 -o '$core/translate' '$source'"
    elif [ "$name" != mutate ] && [ "$name" != mutants ]; then
        case $name in driver_* | stream | capture | ptx) optimise=-O1 ;; *) optimise=-O2 ;; esac     # -O1: never busy
        stale "$core/$name.o" "$source" "$here"/*.h &&
            job "$source" "g++ $core_flags $optimise -c '$source' -o '$core/$name.o'"
    fi
done
driver_objects=
if [ "${CUSIM_MUTANTS:-}" = yes ]; then
    driver_objects=$out/mutants.o
    kernel_flags="$kernel_flags -w"                       # a condition behind a switch hides what the compiler knew
    stale "$out/mutants.o" "$here/mutants.cpp" "$here"/*.h &&
        job "$here/mutants.cpp" "g++ $core_flags -O1 -c '$here/mutants.cpp' -o '$out/mutants.o'"
fi
run_jobs

# ---- the kernels; a header belongs to all files of its folder and of those after it
objects=
headers=
includes=
for folder; do
    folder=$(cd "$folder" && pwd)
    gen=$out/kernels/$(echo "$folder" | cksum | cut -d' ' -f1)
    mkdir -p "$gen"
    includes="-I'$gen' $includes"
    own=$(find "$folder" -maxdepth 1 -name '*.cuh')
    headers="$own $headers"
    for header in $own; do
        stale "$gen/$(basename "$header")" "$header" "$core/translate" &&
            "$core/translate" "$header" "$gen/$(basename "$header")"
    done
    for source in "$folder"/*.cu; do
        [ -e "$source" ] || continue
        name=$(basename "$source" .cu)
        objects="$objects $gen/$name.o"
        # shellcheck disable=SC2086
        stale "$gen/$name.o" "$source" $headers "$here"/device_*.h "$here/kernel.h" "$here/threads.h" "$core/translate" &&
            job "$source" "'$core/translate' '$source' '$gen/$name.cpp' &&
                g++ $kernel_flags $includes -c '$gen/$name.cpp' -o '$gen/$name.o'"
    done
done
run_jobs
printf '%s\n' $objects | sort >"$out/objects.new"         # a kernel file that was removed asks for a new link, too
cmp -s "$out/objects.new" "$out/objects" || { mv "$out/objects.new" "$out/objects"; rm -f "$out/libcuda.so.1"; }

# ---- what JCuda's libraries name and no source here has: a stub that says so and returns an error
defined() { nm "$@" | awk '$2 == "T" { print $3 }' | sort -u; }
stubs() {                           # stubs CODE: for the names on stdin
    echo '#include <stdio.h>'
    sed "s/.*/__attribute__((visibility(\"default\"))) int &(void) { fprintf(stderr, \"CUDA simulator: & is not simulated\\\\n\"); return $1; }/"
}
for object in "$core"/*.o; do
    case $object in */cublas.o | */cublas_*.o | */cudnn.o | */cudnn_*.o) ;; *) driver_objects="$driver_objects $object" ;; esac
done
# shellcheck disable=SC2086
if stale "$out/libcuda.so.1" $driver_objects $objects "$here/build.sh"; then
    defined $driver_objects >"$out/have"
    nm -D --undefined-only "$natives"/libJCudaDriver*.so | awk '$2 ~ /^cu[A-Z]/ { print $2 }' | sort -u >"$out/want"
    comm -23 "$out/want" "$out/have" | stubs 801 >"$out/rest.c"
    g++ -shared -fPIC -o "$out/libcuda.so.1" $driver_objects $objects -x c "$out/rest.c" -x none \
        -Wl,-soname,libcuda.so.1 -lpthread -ldl
fi

# ---- cuBLAS and cuDNN, with the symbol versions that JCuda's libraries ask for
library() {                         # library FOLDER SOURCE SONAME CODE CUDA: of which major version of CUDA
    mkdir -p "$1"
    made=$1/$3
    shift
    [ -e "$core/$1.o" ] || return 0
    parts=$(find "$core" -name "$1.o" -o -name "$1_*.o" | sort)
    # shellcheck disable=SC2086
    stale "$made" $parts "$out/libcuda.so.1" "$here/build.sh" || return 0
    defined $parts >"$out/have"
    for native in "$natives"/*.so; do nm -D --undefined-only "$native"; done |
        awk '{ print $NF }' | sed -n "s/@lib$1\.so\..*//p" | sort -u >"$out/want"
    [ -s "$out/want" ] || return 0                        # NATIVES has nobody who would load it
    { echo "const int cusim_cuda = $4;"; comm -23 "$out/want" "$out/have" | stubs "$3"; } >"$out/rest_$1.c"
    { echo "$2 { global:"; sed 's/$/;/' "$out/want"; echo "local: *; };"; } >"$out/$1.map"
    g++ -shared -fPIC -o "$made" $parts -x c "$out/rest_$1.c" -x none "$out/libcuda.so.1" \
        -Wl,-soname,"$2" -Wl,--version-script="$out/$1.map"
}
library "$out" cublas libcublas.so.12 15 12
library "$out" cudnn libcudnn.so.9 3000 12
library "$out/cuda13" cublas libcublas.so.13 15 13
library "$out/cuda13" cudnn libcudnn.so.9 3000 13
rm -f "$out"/have "$out"/want "$out"/objects.new "$jobs"
