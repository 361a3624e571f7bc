#!/usr/bin/env bash
# Compiles all PTX for every GPU generation, as the driver will, warnings as errors, and fails on a kernel
# whose registers do not suffice (it "spills" to slow memory) unless spills.txt lists it.
#
#   kernels/check-archs.sh          writes target/registers.txt: kernel, architecture, registers, shared memory, spills
#
# Does nothing where there is no ptxas, or when neither the PTX nor spills.txt changed since it last succeeded.
set -euo pipefail
cd "$(dirname "$0")"

architectures="75 80 86 89 90 100 120"
folder=src/main/resources/ddpm/kernels
tests=src/test/resources/ddpm/kernels                   # what unshipped.txt keeps out of the jar
work=target/archs
mkdir -p "$work"

if [ -n "${CUDA_HOME:-}" ] && [ -x "$CUDA_HOME/bin/ptxas" ]; then
    ptxas=$CUDA_HOME/bin/ptxas
else
    ptxas=$(command -v ptxas || true)
fi
if [ -z "$ptxas" ]; then
    echo "kernels: no ptxas here, so nothing was compiled for a GPU; the PTX is used as it is checked in"
    exit 0
fi
[ -d $folder/ptx-75 ] || exit 0

printf '.version 7.0\n.target sm_50\n.address_size 64\n' >$work/nothing.ptx
for a in $architectures; do
    if ! "$ptxas" -arch="sm_$a" -o $work/nothing.cubin $work/nothing.ptx 2>/dev/null; then
        echo "kernels: $ptxas does not know sm_$a, which is left out"
        architectures=$(echo " $architectures " | sed "s/ $a / /; s/^ //; s/ $//")
    fi
done

now=$({ gzip -dc $folder/ptx-*/*.ptx.gz; cat $tests/ptx-*/*.ptx spills.txt check-archs.sh; } | cksum)
[ "$now" != "$(cat $work/checked 2>/dev/null || true)" ] || exit 0

one() { # architecture -> lines "kernel sm_N registers shared spilled" in a file
    local ptx=ptx-80 f
    [ "$1" != 75 ] || ptx=ptx-75
    : >"$work/$1.log"
    for f in "$folder/$ptx"/*.ptx.gz "$tests/$ptx"/*.ptx; do
        case $f in *.gz) gzip -dc "$f" >"$work/$1.ptx" ;; *) cp "$f" "$work/$1.ptx" ;; esac
        "$ptxas" -v -Werror -arch="sm_$1" -o "$work/$1.cubin" "$work/$1.ptx" >"$work/$1.one" 2>&1 ||
            { cat "$work/$1.one" >&2; return 1; }
        cat "$work/$1.one" >>"$work/$1.log"
    done
    awk -v arch="sm_$1" '
        /Compiling entry function/ { split($0, q, "\047"); kernel = q[2]; spilled = 0 }
        /bytes spill stores/ {
            for (i = 1; i < NF; i++) if ($(i + 1) == "bytes" && $(i + 2) == "spill") spilled += $i
        }
        /Used [0-9]+ registers/ {
            shared = 0
            for (i = 1; i < NF; i++) {
                if ($i == "Used") registers = $(i + 1)
                if ($(i + 1) == "bytes" && $(i + 2) ~ /^smem/) shared = $i
            }
            print kernel, arch, registers, shared, spilled
        }' "$work/$1.log" >"$work/$1.txt"
}

began=$SECONDS
echo $architectures | tr ' ' '\n' | {
    # two at a time: the build's machine has two cores
    while read -r a && { read -r b || b=; }; do
        one "$a" & first=$!
        if [ -n "$b" ]; then one "$b" & second=$!; wait "$second"; fi
        wait "$first"
    done
}

{
    echo "kernel arch registers shared_bytes spilled_bytes"
    for a in $architectures; do cat "$work/$a.txt"; done | LC_ALL=C sort -k 1,1 -s
} >target/registers.txt

# spills.txt: "kernel sm_N bytes   reason", N may be * for all
bad=$(awk '
    FNR == NR { if ($0 !~ /^#/ && NF >= 3) allowed[$1, $2] = $3; next }
    FNR > 1 && $5 > 0 {
        most = (($1, $2) in allowed) ? allowed[$1, $2] : (($1, "*") in allowed) ? allowed[$1, "*"] : 0
        if ($5 > most) print "  " $1 " " $2 ": " $5 " bytes, allowed " most
    }' spills.txt target/registers.txt)
if [ -n "$bad" ]; then
    echo "kernels: these spill registers; make them smaller, or list them with the reason in kernels/spills.txt:" >&2
    echo "$bad" >&2
    exit 1
fi
echo "$now" >$work/checked
echo "kernels: $(($(wc -l <target/registers.txt) - 1)) compiled for sm_${architectures// /, sm_} in $((SECONDS - began)) s, no unlisted spills"
