#!/usr/bin/env bash
# Builds the CUDA simulator with every kernel for the tests: target/sim/fast and target/sim/check, see src/sim.
# Compiles what changed. Where it cannot be built, the tests on CUDA are skipped with the reason.
#
#   kernels/build-sim.sh NATIVES        the folder with JCuda's libraries; mvn unpacks them to target/natives/lib
set -euo pipefail
cd "$(dirname "$0")"

natives=${1:-target/natives/lib}
folders=(src/main/cuda)
for folder in ladder/*/; do
    [ ! -d "$folder" ] || folders+=("${folder%/}")
done
began=$SECONDS
for mode in fast check; do
    bash src/sim/build.sh $mode target/sim/$mode "$natives" "${folders[@]}"
done
[ -f target/sim/fast/UNAVAILABLE ] || echo "kernels: CUDA simulator built in $((SECONDS - began)) s"
