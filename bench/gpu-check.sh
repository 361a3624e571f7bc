#!/usr/bin/env bash
# Checks everything there is to check on an NVIDIA GPU and writes a report, in a checkout or in the folder of bench/bundle.sh.
#
#   gpu-check.sh [--only STEP,STEP...] [--tests NAME] [--steps N] [--simulator DIR] [--out DIR]
#
#   --only       some of the steps: doctor basics tests verify sanitizer ladder train; default: all
#   --tests      only test classes whose name matches, such as NormOpsTest or 'Norm*Test'
#   --steps      of the training run; default 2000 (on the simulator 3, with a smaller network)
#   --simulator  the folder kernels/target/sim/fast: tries this script where there is no GPU
#   --out        where the report goes; default bench/results, in a bundle results; of the simulator bench/target
#
# DDPM_CUDA_PATH: where NVIDIA's libraries lie if they are not found (docs/cuda.md). JAVA_OPTS: options for Java.
# A failed step does not stop the others. Exit code: 0 all passed or skipped, 1 a step failed, 2 wrong usage.
# shellcheck disable=SC2317 # the steps are called by their names in a variable
set -euo pipefail

export LC_ALL=C.UTF-8
usage() { sed -n '2,13s/^# \{0,1\}//p' "$0"; }
wrong() { echo "gpu-check.sh: $*; see --help" >&2; exit 2; }
all="doctor basics tests verify sanitizer ladder train"
only=$all tests='' steps='' out=''
while [ $# -gt 0 ]; do
    case $1 in
        --only | --tests | --steps | --simulator | --out)
            [ $# -gt 1 ] || wrong "$1 needs a value"
            case $1 in
                --only) only=${2//,/ } ;;
                --tests) tests=$2 ;;
                --steps) steps=$2 ;;
                --out) mkdir -p "$2" && out=$(cd "$2" && pwd) ;;
                --simulator)
                    [ -e "$2/libcuda.so.1" ] || wrong "$2 holds no libcuda.so.1"
                    DDPM_CUDA_PATH=$(cd "$2" && pwd)
                    export DDPM_CUDA_PATH
                    ;;
            esac
            shift 2
            ;;
        -h | --help) usage; exit 0 ;;
        *) wrong "unknown option $1" ;;
    esac
done
for step in $only; do [[ " $all " == *" $step "* ]] || wrong "there is no step $step"; done
[[ $steps =~ ^[0-9]*$ ]] || wrong "--steps takes a number, not $steps"

# ---- where things are: a bundle has its own Java, a checkout has Maven
cd "$(dirname "${BASH_SOURCE[0]}")"
if [ -d jre ]; then
    bundle=yes java=$PWD/jre/bin/java lib=$PWD/lib vectors=$PWD work=$PWD/work
    app=$lib/ddpm.jar junit=$lib/junit-platform-console-standalone.jar bench=$lib/bench.jar results=$PWD/results
    tests_of() { echo "$lib/$1-tests"; }
    version=$(cat version)
else
    cd ..
    bundle='' java=java vectors=$PWD/ddpm/src/test/resources work=$PWD/bench/target/gpu-check
    app=$PWD/ddpm/target/ddpm.jar junit=$work/junit-platform-console-standalone.jar bench=$PWD/bench/target/bench.jar
    results=$PWD/bench/results root=$PWD
    tests_of() { echo "$root/$1/target/test-classes"; }
    for tool in java mvn; do command -v $tool >/dev/null || { echo "gpu-check.sh: $tool is missing" >&2; exit 1; }; done
    if [ ! -f "$app" ] || [ ! -f "$bench" ]; then mvn -q -B -ntp -DskipTests package; fi
    version=$(git describe --always --dirty 2>/dev/null || echo unknown)
fi
rm -rf "$work/logs" "$work/runs"
mkdir -p "$work/logs" "$work/runs"
read -r -a java_opts <<<"${JAVA_OPTS:-}"
run_java() { "$java" ${java_opts[@]+"${java_opts[@]}"} -Djava.awt.headless=true "$@"; }
ddpm() { run_java -jar "$app" "$@"; }

# ---- the steps: each prints to its log and fails by its exit status; 77 says that it could not run
SKIPPED=77
skip() { echo "$*"; exit "$SKIPPED"; }

step_doctor() { # the GPU is found, and what it computes is right
    ddpm doctor
}

step_basics() { # a product, a convolution and a recorded graph on the GPU; doctor prints their lines behind that of cuda
    local line cuda=''
    sed -n '/^cuda /,$p' "$work/logs/doctor" >"$work/logs/doctor-cuda"
    cuda=$(head -n 1 "$work/logs/doctor-cuda")
    echo "$cuda"
    [[ $cuda =~ ^cuda\ +usable ]] || return 1
    for name in 'matrix product' 'convolution' 'recorded graph'; do
        line=$(grep -E "^ +$name +right" "$work/logs/doctor-cuda") || { echo "$name: not right"; return 1; }
        echo "$line"
    done
}

counted() { # NAME FILE: how many tests ran on CUDA; fails where none did
    [ -f "$2" ] || { echo "$1: no count of tests in $2"; return 1; }
    echo "$1 tests on CUDA: $(cat "$2")"
    grep -qE '^passed=[1-9][0-9]* failed=0 ' "$2"
}

console() { # MODULE RUNNER... -- OPTIONS...: the tests of a module by JUnit's launcher; counts in work/MODULE/target/cuda-tests
    local module=$1 runner=()
    shift
    while [ "$1" != -- ]; do runner+=("$1"); shift; done
    shift
    mkdir -p "$work/$module"
    (cd "$work/$module" && ${runner[@]+"${runner[@]}"} "$java" -Xmx2g ${java_opts[@]+"${java_opts[@]}"} \
        -Djava.awt.headless=true -Dddpm.cuda.run=gpu -Dddpm.cache="$work/$module/cache" \
        -cp "$junit:$(tests_of ddpm):$(tests_of engine):$(tests_of kernels):$app" \
        org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors --details=summary \
        --scan-class-path="$(tests_of "$module")" \
        --exclude-package=ddpm.engine.backend.cuda.sim --exclude-package=ddpm.docs "$@")
}

named() { # a pattern of class names as the regular expression of JUnit's launcher
    local pattern=${tests:-*Test}
    pattern=${pattern//./\\.}
    echo "^(.*\\.)?${pattern//\*/.*}\$"
}

step_tests() {
    local bad=0 module before ran_on=''
    if [ -n "$bundle" ]; then
        for module in engine ddpm; do
            rm -rf "$work/$module/target"
            console "$module" -- --include-classname="$(named)" || bad=1
        done
        before=$work
    else
        rm -f engine/target/cuda-tests/gpu.txt ddpm/target/cuda-tests/gpu.txt
        mvn -B -ntp verify -fae -Dddpm.device=cuda -Dcuda.path="${DDPM_CUDA_PATH:-}" \
            ${tests:+-Dtest="$tests" -Dsurefire.failIfNoSpecifiedTests=false} || bad=1
        before=$PWD
    fi
    for module in engine ddpm; do
        # a chosen class may belong to the other module
        [ -n "$tests" ] && ! grep -qs '^passed=[1-9]' "$before/$module/target/cuda-tests/gpu.txt" && continue
        ran_on=cuda
        counted "$module" "$before/$module/target/cuda-tests/gpu.txt" || bad=1
    done
    [ -n "$ran_on" ] || { echo "tests on CUDA: none of them is called $tests"; bad=1; }
    return "$bad"
}

step_verify() { # reference vectors from PyTorch: the whole network, and the small one's training in place of a larger one
    mkdir -p "$work/runs/vectors"
    cp "$vectors"/tiny/unet_small_* "$vectors"/golden/*.* "$work/runs/vectors/"
    ddpm verify "$work/runs/vectors" --device cuda
}

fetch_junit() { # a bundle brings it
    local release
    [ -f "$junit" ] && return
    release=$(sed -n 's:.*<junit.version>\(.*\)</junit.version>.*:\1:p' pom.xml)
    mvn -q -B -ntp dependency:copy -Dartifact="org.junit.platform:junit-platform-console-standalone:$release" \
        -DoutputDirectory="$work" -Dmdep.stripVersion=true -pl . -N
}

step_sanitizer() { # the tests that launch kernels directly, under NVIDIA's checker
    local tool bad=0
    [ -z "$simulated" ] || skip "the simulator's own check mode does this: kernels/src/sim/README.md"
    command -v compute-sanitizer >/dev/null || skip "compute-sanitizer is not installed"
    fetch_junit
    local java_opts=(${java_opts[@]+"${java_opts[@]}"} -Dddpm.cuda.exact=true)     # a tensor ends where its block ends
    for tool in memcheck racecheck synccheck; do
        echo "== $tool"
        console engine compute-sanitizer --tool "$tool" --error-exitcode 9 --target-processes all -- \
            --include-tag=kernels --include-classname="$(named)" || bad=1
    done
    return "$bad"
}

step_ladder() { # the teaching kernels, step by step, beside the bandwidth of a copy
    [ -z "$simulated" ] || skip "the simulator's times mean nothing"
    run_java -cp "$bench:$(tests_of engine):$(tests_of kernels):$app" ddpm.bench.LadderBench
}

step_train() { # a short real training, and images drawn from it
    local size=() draw=(--count 64) began=$SECONDS run=$work/runs/train
    if [ -n "$simulated" ]; then
        size=(--size 8x8 --batch 4 --set 'model.down_channels=[8,8,8,8]' --set 'model.mid_channels=[8,8,8]'
            --set model.norm_groups=4 --set train.log_every=1 --set train.warmup_steps=0)
        draw=(--count 4 --sample-steps 3)
    fi
    ddpm train --device cuda --data glyphs --out "$run" --steps "${steps:-$([ -n "$simulated" ] && echo 3 || echo 2000)}" \
        --sample-every 0 ${size[@]+"${size[@]}"}
    echo "training, start to end: $((SECONDS - began)) s"
    tail -n 1 "$run/metrics.jsonl"
    began=$SECONDS
    ddpm sample --device cuda --checkpoint "$run" --seed 1 --grid "$work/runs/samples.png" "${draw[@]}"
    echo "${draw[1]} images, start to end: $((SECONDS - began)) s"
    [ -s "$work/runs/samples.png" ] && [ -s "$run/metrics.jsonl" ]
    ! tail -n 1 "$run/metrics.jsonl" | grep -qi nan
}

# ---- run them
simulated=''
declare -A verdict seconds
ran=()
attempt() { # STEP
    local began=$SECONDS status=0
    printf '%-10s ' "$1" >&2
    # not in a condition: there set -e would not hold inside the step
    set +e
    (set -e; "step_$1") >"$work/logs/$1" 2>&1
    status=$?
    set -e
    case $status in
        0) verdict[$1]=PASS ;;
        "$SKIPPED") verdict[$1]=SKIPPED ;;
        *) verdict[$1]=FAIL ;;
    esac
    seconds[$1]=$((SECONDS - began))
    ran+=("$1")
    printf '%-8s %5d s  %s\n' "${verdict[$1]}" "${seconds[$1]}" "$work/logs/$1" >&2
}

# doctor is always asked: the report is named after the GPU that it finds
attempt doctor
grep -q '^cuda .*a simulator' "$work/logs/doctor" && simulated=yes
for step in $only; do [ "$step" = doctor ] || attempt "$step"; done

# ---- the report
gpu=$(sed -n 's/^cuda  *usable[^:]*: \(.*\), compute capability.*/\1/p' "$work/logs/doctor" | sed 's/^.*: //')
slug=$(echo "${gpu:-no-gpu}" | tr '[:upper:]' '[:lower:]' | tr -cs 'a-z0-9' '-' | sed 's/^-//; s/-$//')
[ -z "$simulated" ] || results=$work
out=${out:-$results}
mkdir -p "$out"
report=$out/$slug-$(date +%Y-%m-%d).md
bad=0

shown() { # STEP: what of its log the report shows
    case ${verdict[$1]}-$1 in
        *-tests | [PF]*-sanitizer) grep -aE 'tests on CUDA|^cuda tests|Tests run:.*Fail|tests (successful|failed|found|skipped)|ERROR|==|FAIL' \
            "$work/logs/$1" | tail -n 60 || true ;;
        *) tail -n 80 "$work/logs/$1" ;;
    esac
}
{
    echo "# ${gpu:-no usable GPU}, $(date +%Y-%m-%d)"
    echo
    [ -z "$simulated" ] || printf 'This is the simulator: the times below say nothing about a GPU.\n\n'
    echo "ddpm $version, $([ -n "$bundle" ] && echo bundle || echo checkout);" \
        "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores."
    if [ -z "$simulated" ] && command -v nvidia-smi >/dev/null; then
        printf '\n```\n'
        nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm,clocks.max.memory,power.limit --format=csv || true
        printf '```\n'
    fi
    printf '\n| step | | seconds |\n| --- | --- | ---: |\n'
    for step in "${ran[@]}"; do printf '| %s | **%s** | %s |\n' "$step" "${verdict[$step]}" "${seconds[$step]}"; done
    for step in "${ran[@]}"; do
        printf '\n## %s: %s\n\n```\n' "$step" "${verdict[$step]}"
        shown "$step" | sed "s#$PWD/##g"
        printf '```\n'
        if [ "$step" = train ] && [ -s "$work/runs/samples.png" ]; then
            cp "$work/runs/samples.png" "${report%.md}.png"
            printf '\n![samples](%s)\n' "$(basename "${report%.md}.png")"
        fi
    done
} >"$report"
for step in "${ran[@]}"; do [ "${verdict[$step]}" != FAIL ] || bad=1; done
echo "report: $report" >&2
exit $bad
