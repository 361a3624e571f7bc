#!/usr/bin/env bash
# Files what device-run.sh found on a GPU: bench/results/<gpu>-<date>.md with its lines of JSON and a grid of its samples, the
# GPU part of docs/performance.md, and the column of measured shares in kernels/README.md.
#
#   bench/device-file.sh [--out FILE] DIR...
#
#   DIR    folders of device-run.sh, of one GPU: several runs become one report; one that was cut off will do
#   --out  FILE.jsonl, FILE.md and FILE.png, and nothing else, also from a rehearsal on the simulator
#
# Build first: mvn -q -DskipTests package. What was not measured is called so. Filing a run twice changes nothing.
# Exit code: 0 filed, 1 refused with the reason, 2 wrong usage.
set -euo pipefail
export LC_ALL=C.UTF-8
wrong() { echo "device-file.sh: $*; see --help" >&2; exit 2; }
out='' folders=()
while [ $# -gt 0 ]; do
    case $1 in
        --out)
            [ $# -gt 1 ] || wrong "--out needs a value"
            mkdir -p "$(dirname "$2")"
            out=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
            shift 2
            ;;
        -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
        -*) wrong "unknown option $1" ;;
        *)
            [ -d "$1" ] || wrong "there is no folder $1"
            folders+=("$(cd "$1" && pwd)")
            shift
            ;;
    esac
done
[ ${#folders[@]} -gt 0 ] || wrong "name a folder of device-run.sh"
cd "$(dirname "$0")/.."
[ -f bench/target/bench.jar ] || { echo "device-file.sh: bench/target/bench.jar is missing; build it with: mvn -q -DskipTests package" >&2; exit 1; }
exec java -Djava.awt.headless=true -cp bench/target/bench.jar ddpm.bench.report.DeviceFile ${out:+--out "$out"} "${folders[@]}"
