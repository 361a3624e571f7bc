#!/usr/bin/env bash
# Times training steps at several batches, image sizes and widths, and files time and memory in bench/results.
#
#   bench/scaling.sh [--preset mnist] [--device cpu|cuda] [--variants "ddpm-fp32 ddpm-bf16 torch-fp32"] [--batch 16]
#                    [--batches "16 32 64 128"] [--sizes "16 28 32 48"] [--widths "0.5 1 2"] [--warmup 10] [--samples 2]
#                    [--out FILE] [--force]
#
# --batch is that of the series over sizes and widths. Warm-up: Java compiles the loops during the first steps. Variants, samples,
# FILE, PYTHON and JAVA_OPTS: see compare.sh --help.
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/measure.sh

command=$(spelled "bench/scaling.sh" "$@")
preset=mnist device=cpu variants="ddpm-fp32 ddpm-bf16 torch-fp32" batch=16 batches="16 32 64 128" sizes="16 28 32 48"
widths="0.5 1 2" warmup=10 samples=2 out= force=
while [ $# -gt 0 ]; do
    case $1 in
        --preset | --device | --variants | --batch | --batches | --sizes | --widths | --warmup | --samples | --out)
            [ $# -gt 1 ] || die "$1 needs a value"
            printf -v "${1#--}" %s "$2"
            shift 2
            ;;
        --force) force=true; shift ;;
        -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "scaling.sh: unknown option $1; see --help" >&2; exit 2 ;;
    esac
done
python=${PYTHON:-python3}
# shellcheck disable=SC2086 # names without spaces
ready $variants
out=${out:-$(results)}

work=$(mktemp -d)
trap leave EXIT
run_line scaling "$command" > "$work/lines"
mkdir "$work/points"
point() { # SERIES ARGS...: a line of each variant, measured once where two series meet
    local series=$1 variant known
    shift
    for variant in $variants; do
        known="$work/points/$variant $*"
        if [ ! -f "$known" ]; then
            echo "$series: $variant $*" >&2
            steps "$variant" --preset "$preset" --warmup "$warmup" --samples "$samples" --sampling-samples 0 "$@" > "$known"
        fi
        sed "s/^{/{\"series\": \"$series\", /" "$known" >> "$work/lines"
    done
}
own=$(java -cp "$jar" ddpm.bench.StepTime --describe --preset "$preset" | sed 's/.*"size":"\([^"]*\)".*/\1/')
for b in $batches; do point batch --batch "$b"; done
for s in $sizes; do
    if [ "${s}x$s" = "$own" ]; then point size --batch "$batch"; else point size --batch "$batch" --size "${s}x$s"; fi
done
for w in $widths; do
    if [ "$w" = 1 ]; then point widths --batch "$batch"; else point widths --batch "$batch" --widths "$w"; fi
done
file_away "$out"
