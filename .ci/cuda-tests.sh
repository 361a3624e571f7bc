#!/usr/bin/env bash
# Fails unless the tests of the last mvn verify really ran on CUDA: a build that skips them all is green.
# Each run of tests wrote how many passed, failed and were skipped to MODULE/target/cuda-tests/RUN.txt, and the kernels
# that it never launched to RUN-never-launched.txt.
set -euo pipefail
cd "$(dirname "$0")/.."

bad=0
at_least() { # module, run, tests
    local file=$1/target/cuda-tests/$2.txt passed=0 failed=0 skipped=0
    if [ ! -f "$file" ]; then
        echo "cuda tests: $1 wrote no $file"
        bad=1
        return
    fi
    eval "$(grep -E '^passed=[0-9]+ failed=[0-9]+ skipped=[0-9]+$' "$file")"
    echo "cuda tests: $1, simulator $2: $passed passed, $failed failed, $skipped skipped; at least $3 must pass, none be skipped"
    if [ "$passed" -lt "$3" ] || [ "$failed" -gt 0 ] || [ "$skipped" -gt 0 ]; then bad=1; fi
}

every_kernel() { # module, run
    local file=$1/target/cuda-tests/$2-never-launched.txt
    if [ ! -f "$file" ]; then
        echo "cuda tests: $1 wrote no $file"
        bad=1
    elif [ -s "$file" ]; then
        echo "cuda tests: $1, simulator $2: no test launched $(tr '\n' ' ' <"$file")"
        bad=1
    fi
}

# About nine tenths of what there is; raise them with the tests.
at_least engine fast 215
at_least engine check 69
at_least ddpm fast 48
every_kernel engine fast
every_kernel engine check

if [ $bad -ne 0 ]; then
    echo "cuda tests: NOT all of them ran; the test output says why a test did not, under 'SKIPPED device cuda'" >&2
    exit 1
fi
