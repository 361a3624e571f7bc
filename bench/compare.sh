#!/usr/bin/env bash
# Times training and sampling steps of ddpm and of PyTorch, in turns on this machine, and files the table in bench/results.
#
#   bench/compare.sh [--preset mnist] [--batch 64] [--device cpu|cuda] [--variants "NAME ..."] [--rounds 2] [--warmup 2]
#                    [--samples 2] [--sampling-samples 1] [--in-turns] [--out FILE] [--force]
#
# Every round starts each variant in a process of its own. A sample is at least half a second of steps; one taken while other
# processes used more than 5 % of the cores is refused and repeated, and where that does not help the run stops. On a GPU
# nvidia-smi is asked instead, at the start, whether other processes use it. --force takes all. --in-turns has all variants in
# memory at once, in one round, and each takes one sample in turn: on a host whose cores change their speed every minute only
# such samples can be compared. FILE has no ending: FILE.jsonl gets the measurements, FILE.md the tables.
#
# Variants: ddpm-fp32 ddpm-tf32 (cuda) ddpm-bf16; torch-P, torch-P-cl (channels_last), torch-compile-P[-cl],
# torch-autotune-P[-cl] (compile in mode max-autotune) and torch-graph-P[-cl] (one CUDA graph), with P fp32, tf32 or bf16
# (autocast).
#
# PYTHON      the Python with torch, default python3
# JAVA_OPTS   options for Java, default none: what a user gets
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/measure.sh

command=$(spelled "bench/compare.sh" "$@")
preset=mnist batch=64 device=cpu variants= rounds=2 warmup=2 samples=2 sampling_samples=1 in_turns= out= force=
while [ $# -gt 0 ]; do
    case $1 in
        --preset | --batch | --device | --variants | --rounds | --warmup | --samples | --sampling-samples | --out)
            [ $# -gt 1 ] || die "$1 needs a value"
            name=${1#--}
            printf -v "${name//-/_}" %s "$2"
            shift 2
            ;;
        --in-turns) in_turns=true rounds=1; shift ;;
        --force) force=true; shift ;;
        -h | --help) sed -n '2,19s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "compare.sh: unknown option $1; see --help" >&2; exit 2 ;;
    esac
done
python=${PYTHON:-python3}
cpu="ddpm-fp32 torch-fp32 ddpm-bf16 torch-fp32-cl torch-bf16 torch-bf16-cl torch-compile-fp32 torch-compile-bf16-cl"
cuda="ddpm-fp32 torch-fp32 ddpm-tf32 torch-tf32-cl ddpm-bf16 torch-fp32-cl torch-bf16 torch-bf16-cl torch-compile-fp32
    torch-compile-bf16-cl torch-autotune-bf16-cl torch-graph-fp32 torch-graph-bf16-cl"
case $device in
    cpu) variants=${variants:-$cpu} ;;
    cuda) variants=${variants:-$cuda} ;;
    *) die "--device $device: cpu or cuda" ;;
esac
# shellcheck disable=SC2086 # names without spaces
ready $variants
out=${out:-$(results)}

work=$(mktemp -d)
trap leave EXIT
export TORCHINDUCTOR_CACHE_DIR=$work/inductor # round 1 compiles, as a user's first run does
run_line compare "$command" > "$work/lines"
options=(--preset "$preset" --batch "$batch" --warmup "$warmup" --samples "$samples" --sampling-samples "$sampling_samples")

# turn VARIANT: waits until it has deleted its file
turn() {
    while [ -e "$work/$1.turn" ]; do
        kill -0 "${pids[$1]}" 2> /dev/null || die "$1 ended before its time"
        sleep 0.2 # each look is a process of its own
    done
}

if [ "$in_turns" ]; then
    declare -A pids=()
    set -m # a process group for each variant: none outlives this script
    trap 'for pid in "${pids[@]}"; do kill -- "-$pid" 2> /dev/null || true; done; leave' EXIT
    for variant in $variants; do
        echo "starting $variant" >&2
        touch "$work/$variant.turn"
        steps "$variant" "${options[@]}" --turn "$work/$variant.turn" > "$work/$variant.json" &
        pids[$variant]=$!
        turn "$variant"
    done
    # a turn for each sample, and one to warm up sampling
    for i in $(seq $((samples + (sampling_samples > 0 ? sampling_samples + 1 : 0)))); do
        echo "turn $i" >&2
        for variant in $variants; do
            touch "$work/$variant.turn"
            turn "$variant"
        done
    done
    for variant in $variants; do
        wait "${pids[$variant]}"
        cat "$work/$variant.json" >> "$work/lines"
    done
else
    for round in $(seq "$rounds"); do
        for variant in $variants; do
            echo "round $round of $rounds: $variant" >&2
            steps "$variant" "${options[@]}" >> "$work/lines"
        done
    done
fi
file_away "$out"
