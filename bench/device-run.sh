#!/usr/bin/env bash
# Learns the most about ddpm on an NVIDIA GPU that is at hand for some minutes, in a checkout or in the folder of bundle.sh.
#
#   device-run.sh --out DIR [--only NAME,NAME...] [--budget SECONDS] [--simulator DIR] [--bundle FILE] [--dry-run]
#
#   --out        where the results go; see below
#   --only       parts (1 to 6) or units, such as 1,2,3,4-first or 2-mnist-64; default: all
#   --budget     seconds for everything; what no longer fits is named and left out; default 560
#   --simulator  the folder kernels/target/sim/fast: rehearses everything where there is no GPU, on smaller networks, with
#                PyTorch on the CPU in the peer's place
#   --bundle     the folder of bundle.sh or its .tar.xz, .tar.gz; default: the one below bench/target if this checkout is not
#                built or there is no Java
#   --dry-run    list the units with their seconds (expected, at most) and stop
#
# Parts, in the order of what they teach; device-parts.sh has them:
#   1  the GPU, the libraries, doctor, verify, the ceilings     4  tests: 4-first the most telling classes, 4-rest the others
#   2  step times beside PyTorch's                              5  five minutes of training, 1000 samples
#   3  train --profile                                          6  compute-sanitizer, the ladders of kernels
#
# Files in DIR, none ever rewritten in part, so that a run that is cut off keeps what it has:
#   run.log          all output                     profile.txt     the kernels of a step, the algorithms of cuDNN
#   results.jsonl    a line for each result         trace.json.gz   the same step for chrome://tracing
#   tests.tsv        a line for each test           samples.npy     float32 [1000,H,W,C] in [-1,1]
#
# PYTHON: the Python with torch, default python3; its packages are DDPM_CUDA_PATH unless that is set. JAVA_OPTS: for Java.
# Exit code: 0 all passed or left out, 1 a unit failed or the GPU cannot be used, 2 wrong usage. bench/device-file.sh files DIR.
set -euo pipefail
export LC_ALL=C.UTF-8
usage() { sed -n '2,29s/^# \{0,1\}//p' "$0"; }
wrong() { echo "device-run.sh: $*; see --help" >&2; exit 2; }
die() { echo "device-run.sh: $*" >&2; exit 1; }

command="bench/device-run.sh $*" out='' only='' budget=560 simulator='' bundle='' dry=''
while [ $# -gt 0 ]; do
    case $1 in
        --out | --only | --budget | --simulator | --bundle)
            [ $# -gt 1 ] || wrong "$1 needs a value"
            printf -v "${1#--}" %s "$2"
            shift 2
            ;;
        --dry-run) dry=yes; shift ;;
        -h | --help) usage; exit 0 ;;
        *) wrong "unknown option $1" ;;
    esac
done
[[ $budget =~ ^[1-9][0-9]{0,5}$ ]] || wrong "--budget takes seconds, not $budget"
[ -z "$simulator" ] || [ -e "$simulator/libcuda.so.1" ] || wrong "--simulator: $simulator holds no libcuda.so.1"
[ -z "$bundle" ] || [ -e "$bundle" ] || wrong "--bundle: there is no $bundle"
[ -n "$out" ] || [ -n "$dry" ] || wrong "--out DIR is missing"

# ---- units: name, seconds expected, seconds at most. Expected on a GPU: predicted; a unit starts while that long is left
plan_gpu() {
    echo "1-found 25 60"
    echo "1-verify 10 60"
    echo "1-ceiling 20 60"
    for workload in mnist-64 cifar-64 mnist-256 cifar-256; do
        for variant in ddpm-bf16 torch-bf16-cl torch-graph-bf16-cl ddpm-tf32 ddpm-fp32; do
            echo "2-$workload-$variant 13 60"
        done
        [ $workload != mnist-64 ] || echo "2-$workload-torch-compile-bf16-cl 45 110"
    done
    echo "3-profile 15 60"
    echo "4-first 60 180"
    for workload in cifar-64 mnist-256 cifar-256; do echo "2-$workload-torch-compile-bf16-cl 45 110"; done
    for workload in mnist-64 cifar-64; do echo "2-$workload-torch-autotune-bf16-cl 90 180"; done
    echo "4-rest 90 240"
    echo "5-train 150 400" # 300 s of them training, or what is left less a minute
    for tool in memcheck racecheck; do echo "6-$tool 40 90"; done
    echo "6-ladder 20 90"
}
plan_simulator() { # expected here: measured on 2 cores
    plan_gpu | sed -E 's/^(1-found|1-verify) .*/\1 6 60/; s/^3-profile .*/3-profile 10 120/; s/^1-ceiling .*/1-ceiling 5 60/; s/^(2-.*) 13 60$/\1 6 60/
        s/^(2-mnist-64-torch-compile.*) 45 110$/\1 45 150/; /^2-(cifar|mnist-256).*-torch-compile/d; /-torch-autotune-/d
        s/^4-first .*/4-first 60 150/; s/^4-rest .*/4-rest 40 60/; s/^5-train .*/5-train 60 120/; s/^6-ladder .*/6-ladder 20 90/; s/^(6-.*check) .*/\1 1 20/'
}
plan() { if [ -n "$simulator" ]; then plan_simulator; else plan_gpu; fi; }
chosen() { # UNIT: whether --only names it, its part or the beginning of its name
    local name
    [ -n "$only" ] || return 0
    for name in ${only//,/ }; do
        case $1 in "$name" | "$name"-*) return 0 ;; esac
    done
    return 1
}
for name in ${only//,/ }; do
    # not through a pipe: grep leaves at the first match, and what it no longer reads would be a failure
    grep -qE "^${name//[^a-z0-9-]/.}( |-)" <<<"$(plan_gpu)" || wrong "--only: there is no part or unit $name"
done
if [ -n "$dry" ]; then
    left=$budget
    while read -r unit expected most; do
        [ "$unit" = 1-found ] || chosen "$unit" || continue
        if [ "$expected" -gt "$left" ]; then
            printf '%-36s %4d s expected: left out, %d s of %d are left\n' "$unit" "$expected" "$left" "$budget"
            continue
        fi
        printf '%-36s %4d s expected, %4d s at most\n' "$unit" "$expected" "$((most < left ? most : left))"
        left=$((left - expected))
    done < <(plan)
    exit 0
fi

# ---- where things are
mkdir -p "$out"
out=$(cd "$out" && pwd)
[ ! -e "$out/results.jsonl" ] || die "$out has results already; name another folder"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DEVICE_WORK=$(mktemp -d)
child=''
leave() { # whatever ends this run, what it has stays
    [ -z "$child" ] || kill -KILL -- "-$child" 2>/dev/null || true
    rm -rf "$DEVICE_WORK"
}
trap leave EXIT
trap 'say "stopped by a signal; the results so far are in $out"; exit 143' TERM INT HUP
say() { echo "$*" | tee -a "$out/run.log"; }

unpack() { # FILE: prints the folder that was in it
    mkdir "$DEVICE_WORK/bundle"
    if [ "${1##*.}" = gz ] || command -v xz >/dev/null; then
        tar -C "$DEVICE_WORK/bundle" -xf "$1"
    else
        "${PYTHON:-python3}" -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$1" "$DEVICE_WORK/bundle"
    fi
    echo "$DEVICE_WORK/bundle"/*
}
built() { command -v java >/dev/null && [ -f ../ddpm/target/ddpm.jar ] && [ -f ../bench/target/bench.jar ] && [ -d ../engine/target/test-classes ]; }
find_bundle() { # prints the folder of a bundle; nothing where the checkout itself is used
    local place
    if [ -e .bundle ]; then pwd; return; fi
    [ -n "$bundle" ] || built || for place in target/ddpm-bundle target/ddpm-bundle.tar.xz target/ddpm-bundle.tar.gz; do
        [ -n "$bundle" ] || [ ! -e "$place" ] || bundle=$place
    done
    if [ -z "$bundle" ]; then built || die "neither a built checkout with Java nor a bundle; make one with bench/bundle.sh"
    elif [ -d "$bundle" ]; then (cd "$bundle" && pwd)
    else unpack "$bundle"; fi
}
[ -z "$bundle" ] || bundle=$(cd "$(dirname "$bundle")" && pwd)/$(basename "$bundle")
[ -z "$simulator" ] || simulator=$(cd "$simulator" && pwd)
cd "$here"
home=$(find_bundle)
DEVICE_OUT=$out DEVICE_PYTHON=${PYTHON:-python3} DEVICE_SIMULATED=${simulator:+yes} DEVICE_PEERS=$here/peers
if [ -n "$home" ]; then
    DEVICE_JAVA=$home/jre/bin/java DEVICE_APP=$home/lib/ddpm.jar DEVICE_BENCH=$home/lib/bench.jar
    DEVICE_JUNIT=$home/lib/junit-platform-console-standalone.jar DEVICE_VECTORS=$home DEVICE_DATA=$home/data
    DEVICE_TESTS=$home/lib/ddpm-tests:$home/lib/engine-tests:$home/lib/kernels-tests DEVICE_WORKLOADS=$home/workloads
    version=$(cat "$home/version")
else
    root=$(cd .. && pwd)
    DEVICE_JAVA=java DEVICE_APP=$root/ddpm/target/ddpm.jar DEVICE_BENCH=$root/bench/target/bench.jar
    DEVICE_JUNIT=$root/bench/target/junit/junit-platform-console-standalone.jar DEVICE_VECTORS=$root/ddpm/src/test/resources
    DEVICE_TESTS=$root/ddpm/target/test-classes:$root/engine/target/test-classes:$root/kernels/target/test-classes
    DEVICE_DATA=${DDPM_DATA:-} DEVICE_WORKLOADS=''
    version=$(git describe --always --dirty --exclude '*' 2>/dev/null || echo unknown)
    [ -f "$DEVICE_JUNIT" ] || (cd "$root" && mvn -q -B -ntp dependency:copy -DoutputDirectory="$(dirname "$DEVICE_JUNIT")" \
        -Dartifact="org.junit.platform:junit-platform-console-standalone:$(sed -n 's:.*<junit.version>\(.*\)</junit.version>.*:\1:p' pom.xml)" \
        -Dmdep.stripVersion=true -pl . -N) || die "JUnit's launcher cannot be fetched; use a bundle"
fi
if [ -n "$simulator" ]; then
    export DDPM_CUDA_PATH=$simulator
elif [ -z "${DDPM_CUDA_PATH:-}" ]; then # a container's driver often lies in /usr/local/nvidia
    packages=$("$DEVICE_PYTHON" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' 2>/dev/null || true)
    export DDPM_CUDA_PATH=$packages:/usr/local/nvidia
fi
export DEVICE_OUT DEVICE_WORK DEVICE_PYTHON DEVICE_SIMULATED DEVICE_JAVA DEVICE_APP DEVICE_BENCH DEVICE_JUNIT DEVICE_VECTORS \
    DEVICE_DATA DEVICE_TESTS DEVICE_WORKLOADS DEVICE_PEERS DEVICE_PARTS=$here/device-parts.sh

# ---- run them
quoted() { # text as the inside of a JSON string
    local text=${1//[$'\001'-$'\037']/ }
    text=${text//\\/\\\\}
    printf %s "${text//\"/\\\"}"
}
header() {
    local gpu='' driver=''
    if [ -n "$simulator" ]; then gpu="CUDA simulator"; elif command -v nvidia-smi >/dev/null; then
        gpu=$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | sed -n 1p) || gpu=''
        driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null | sed -n 1p) || driver=''
    fi
    printf '{"kind": "device", "id": "%s", "machine": "%s", "simulator": %s, "driver": "%s", "processor": "%s", "cores": %d, "memory_gb": %d, "date": "%s", "commit": "%s", "forced": false, "command": "%s"}\n' \
        "$(date -u +%Y%m%dT%H%M%S)-$$" "$(quoted "${gpu:-no GPU}")" "$([ -n "$simulator" ] && echo true || echo false)" "$(quoted "$driver")" \
        "$(quoted "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | sed -n 1p)")" "$(nproc)" \
        "$(awk '/^MemTotal/ { printf "%.0f", $2 / 1e6 }' /proc/meminfo)" "$(date +%F)" "$version" "$(quoted "$command")" >>"$out/results.jsonl"
}
failed=0
told() { # UNIT VERDICT SECONDS NOTE
    printf '{"kind": "unit", "unit": "%s", "verdict": "%s", "seconds": %d, "note": "%s"}\n' "$1" "$2" "$3" "$(quoted "$4")" >>"$out/results.jsonl"
    printf -v line '%-9s %4d s  %-36s %s' "$2" "$3" "$1" "${4:0:100}"
    say "$line"
}
attempt() { # UNIT MOST
    local began=$SECONDS from status=0 verdict note=''
    echo "==== $1, at most $2 s, $SECONDS s after the start" >>"$out/run.log"
    from=$(($(wc -c <"$out/run.log") + 1))
    # in the background, so that a signal is heard at once
    DEVICE_SECONDS=$2 timeout -k 5 "$2" "$DEVICE_PARTS" "$1" >>"$out/run.log" 2>&1 </dev/null &
    child=$!
    wait "$child" || status=$?
    kill -KILL -- "-$child" 2>/dev/null || true # what it started and left; timeout has a process group of its own
    child=''
    note=$(tail -c "+$from" "$out/run.log" | grep -aE '[^[:space:]]' | tail -n 1 | cut -c 1-300) || true
    case $status in
        0) verdict=passed; [[ $note == note:* ]] && note=${note#note: } || note='' ;;
        77) verdict=skipped ;;
        124 | 137) verdict=stopped note="after $2 s; $note" failed=1 ;;
        *) verdict=failed failed=1 ;;
    esac
    told "$1" "$verdict" "$((SECONDS - began))" "$note"
    [ "$status" -eq 0 ]
}
RESERVE=6 # seconds for the last table
: >>"$out/run.log"
: >>"$out/tests.tsv"
header
say "device-run: ddpm $version, $budget s; results in $out"
usable=yes
# not in --only and yet asked: nothing else makes sense without
while read -r unit expected most; do
    [ "$unit" = 1-found ] || chosen "$unit" || continue
    left=$((budget - RESERVE - SECONDS))
    if [ "$expected" -gt "$left" ]; then
        told "$unit" "left out" 0 "expected to take $expected s, $((left > 0 ? left : 0)) s are left"
    elif ! attempt "$unit" "$((most < left ? most : left))" && [ "$unit" = 1-found ]; then
        usable='' failed=1
        break
    fi
done < <(plan)
if [ -z "$usable" ]; then
    say "the GPU cannot be used; what was searched:"
    awk '/^cuda  / && n++ { exit } n' "$out/run.log"
    exit 1
fi
say ""
"$DEVICE_JAVA" -Djava.awt.headless=true -cp "$DEVICE_BENCH:$DEVICE_APP" ddpm.bench.report.DeviceTables "$out" 2>&1 | tee -a "$out/run.log" || true
exit $failed
