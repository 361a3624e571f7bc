#!/usr/bin/env bash
# Times one training step of ddpm and of PyTorch, in turns on this machine, and files the table in bench/results.
#
#   bench/compare.sh [--preset mnist|quick] [--batch 64] [--precision fp32|bf16] [--warmup 5] [--steps 9] [--rounds 3] [--force]
#
# PYTHON      the Python with torch, default python3
# JAVA_OPTS   options for Java, default none: what a user gets
set -euo pipefail
cd "$(dirname "$0")/.."

preset=mnist batch=64 precision=fp32 warmup=5 steps=9 rounds=3 force=
while [ $# -gt 0 ]; do
    case $1 in
        --preset | --batch | --precision | --warmup | --steps | --rounds)
            [ $# -gt 1 ] || { echo "compare.sh: $1 needs a value" >&2; exit 2; }
            printf -v "${1#--}" %s "$2"
            shift 2
            ;;
        --force) force=yes; shift ;;
        -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "compare.sh: unknown option $1; see --help" >&2; exit 2 ;;
    esac
done
python=${PYTHON:-python3}
jar=bench/target/bench.jar

[ -f "$jar" ] || { echo "compare.sh: $jar is missing; build it with: mvn -q -DskipTests package" >&2; exit 1; }
"$python" -c 'import torch' 2> /dev/null || {
    echo "compare.sh: $python has no torch; install it with: $python -m pip install torch," \
        "or name another Python in PYTHON" >&2
    exit 1
}
load=$(cut -d ' ' -f 1 /proc/loadavg 2> /dev/null || uptime | sed 's/.*averages\{0,1\}: *//; s/[, ].*//')
if [ -z "$force" ] && awk "BEGIN { exit !($load > 0.5) }"; then
    echo "compare.sh: the load is $load; wait until the machine is idle (below 0.5), or measure all the same with --force" >&2
    exit 1
fi

# shellcheck disable=SC2086 # several options in one variable
ours() { java ${JAVA_OPTS:-} -cp "$jar" ddpm.bench.TrainStepTime "$@"; }
model=$(ours "$preset")
lines=
for round in $(seq "$rounds"); do
    echo "round $round of $rounds" >&2
    lines+=$(ours "$preset" "$batch" "$precision" "$warmup" "$steps")$'\n'
    lines+=$("$python" bench/peers/torch_train_step.py --model "$model" --batch "$batch" --precision "$precision" \
        --warmup "$warmup" --steps "$steps")$'\n'
done

cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2> /dev/null | head -n 1 || true)
cpu=${cpu:-$(uname -m)}
slug=$(printf %s "$cpu" | tr '[:upper:]' '[:lower:]' | tr -cs 'a-z0-9' '-' | sed 's/^-//; s/-$//')
table=$(printf %s "$lines" | "$python" bench/peers/report.py)
mkdir -p bench/results
file=bench/results/$(date +%F)-$slug.md
{
    echo "## Training step, preset $preset, batch $batch, $precision"
    echo
    echo "$cpu, $(nproc) cores, load $load before${force:+ (forced)}; $(git rev-parse --short HEAD 2> /dev/null || echo no git)."
    echo "\`bench/compare.sh --preset $preset --batch $batch --precision $precision --warmup $warmup --steps $steps --rounds $rounds\`"
    echo
    echo "$table"
    echo
} | tee -a "$file"
echo "appended to $file" >&2
