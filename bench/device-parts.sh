#!/usr/bin/env bash
# One unit of device-run.sh, which sets DEVICE_* and calls this under a timeout: device-parts.sh UNIT.
#
# Everything a unit starts stays in its process group (hence timeout --foreground), which ends with it. Results are
# appended as whole lines; files are written beside their place and then renamed. Exit code: 0 right, 77 cannot run here (the
# last line says why), else wrong. A last line "note: ..." goes into the table.
set -euo pipefail
shopt -s inherit_errexit

results=$DEVICE_OUT/results.jsonl
read -r -a java_opts <<<"${JAVA_OPTS:-}"
app_class_path=$DEVICE_BENCH:$DEVICE_TESTS:$DEVICE_APP
run_java() { "$DEVICE_JAVA" ${java_opts[@]+"${java_opts[@]}"} -Djava.awt.headless=true -Dddpm.cache="$DEVICE_WORK/cache" "$@"; }
ddpm() { run_java -jar "$DEVICE_APP" "$@"; }
skip() { echo "$*"; exit 77; }
fail() { echo "$*"; exit 1; }
place() { mv "$1" "$DEVICE_OUT/$2"; } # FILE NAME: it appears whole or not at all; FILE lies in DEVICE_OUT
# smaller than any preset: the simulator needs seconds for a step
small_model=(--size 8x8 --batch 2 --set 'model.down_channels=[8,8,8,8]' --set 'model.mid_channels=[8,8,8]' --set model.norm_groups=4
    --set model.conv_out_channels=8 --set model.num_heads=2 --set train.warmup_steps=0
    --set train.log_every=1)

quiet_gpu() { # fails where other processes use the GPU; where nvidia-smi lists none it cannot tell
    local pids
    [ -z "$DEVICE_SIMULATED" ] && command -v nvidia-smi >/dev/null || return 0
    pids=$(nvidia-smi --query-compute-apps=pid --format=csv,noheader 2>/dev/null | grep -E '^[0-9]+$' | tr '\n' ' ') || return 0
    [ -z "${pids// /}" ] || fail "other processes use the GPU: $pids"
}
measured() { # COMMAND...: its last line of output, JSON, goes into the results
    local line
    quiet_gpu
    "$@" | tee "$DEVICE_WORK/measured"
    quiet_gpu
    line=$(tail -n 1 "$DEVICE_WORK/measured")
    case $line in '{'*'}') printf '%s\n' "$line" >>"$results" ;; *) fail "no line of JSON but: $line" ;; esac
}

unit_1_found() {
    local doctor=$DEVICE_WORK/doctor status=0
    ! command -v nvidia-smi >/dev/null || nvidia-smi || true
    nproc && free -g | head -n 2 && uname -sr
    echo "DDPM_CUDA_PATH=$DDPM_CUDA_PATH LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-}"
    { ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null; } | grep -E 'libcuda\.|libcublas|libcudnn|libnvrtc|nvidia-ptxjit' || true
    "$DEVICE_PYTHON" -c 'import torch; print("torch", torch.__version__, torch.version.cuda, torch.backends.cudnn.version())' 2>/dev/null ||
        echo "$DEVICE_PYTHON has no torch"
    ddpm doctor 2>&1 | tee "$doctor" || status=$?
    [ $status -eq 0 ] || fail "doctor failed"
    sed -n '/^cuda /,$p' "$doctor" >"$doctor-cuda"
    grep -qE '^cuda +usable' "$doctor-cuda" || fail "$(head -n 1 "$doctor-cuda")"
    for name in 'matrix product' 'convolution' 'recorded graph'; do
        grep -qE "^ +$name +right" "$doctor-cuda" || fail "$name: not right"
    done
    [ -n "$DEVICE_SIMULATED" ] || ! head -n 1 "$doctor-cuda" | grep -q 'a simulator' ||
        fail "cuda is the simulator; name it with --simulator"
    echo "note: $(head -n 1 "$doctor-cuda" | sed 's/^cuda *//')"
}

unit_1_verify() { # reference vectors from PyTorch: the whole network, and the small one's training in place of a larger one
    mkdir -p "$DEVICE_WORK/vectors"
    cp "$DEVICE_VECTORS"/tiny/unet_small_* "$DEVICE_VECTORS"/golden/*.* "$DEVICE_WORK/vectors/"
    ddpm verify "$DEVICE_WORK/vectors" --device cuda
}

unit_1_ceiling() { # what a copy and a large product reach here: ours, then PyTorch's
    local small=()
    [ -z "$DEVICE_SIMULATED" ] || small=(--rehearse)
    measured run_java -cp "$app_class_path" ddpm.bench.CeilingTime --device cuda --precision bf16 ${small[@]+"${small[@]}"}
    has_torch || { echo "note: $DEVICE_PYTHON has no torch: the ceilings are ours alone"; return; }
    measured "$DEVICE_PYTHON" "$DEVICE_PEERS/torch_ceiling.py" --device "$(peer_device)" ${small[@]+"${small[@]}"}
}
has_torch() { # without the seconds that importing it takes
    "$DEVICE_PYTHON" -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)'
}
peer_device() { if [ -n "$DEVICE_SIMULATED" ]; then echo cpu; else echo cuda; fi; }

unit_2() { # PRESET BATCH VARIANT: warm-up goes past the recording and lets the clock rise
    local preset=$1 batch=$2 variant=$3 taken=(--warmup 40 --samples 3 --sampling-samples 3) scaled=() workload
    if [ -n "$DEVICE_SIMULATED" ]; then
        batch=$((batch / 64 + 1)) taken=(--warmup 4 --samples 1 --sampling-samples 1) scaled=(--size 8x8 --widths 0.5)
    fi
    export TORCHINDUCTOR_CACHE_DIR=$DEVICE_WORK/inductor
    case $variant in
        ddpm-*)
            measured run_java -cp "$app_class_path" ddpm.bench.StepTime --preset "$preset" --batch "$batch" --device cuda \
                --precision "${variant#ddpm-}" --began "$EPOCHREALTIME" "${taken[@]}" ${scaled[@]+"${scaled[@]}"}
            ;;
        torch-graph-* | torch-autotune-*) [ -z "$DEVICE_SIMULATED" ] || skip "PyTorch has it on a GPU only" ;;&
        torch-*)
            has_torch || skip "$DEVICE_PYTHON has no torch"
            if [ -z "$DEVICE_SIMULATED" ] && [ -e "$DEVICE_WORKLOADS/$preset-$batch.json" ]; then
                workload=$(cat "$DEVICE_WORKLOADS/$preset-$batch.json")
            else
                workload=$(run_java -cp "$app_class_path" ddpm.bench.StepTime --describe --preset "$preset" --batch "$batch" \
                    ${scaled[@]+"${scaled[@]}"})
            fi
            measured "$DEVICE_PYTHON" "$DEVICE_PEERS/torch_steps.py" --workload "$workload" --variant "$variant" \
                --device "$(peer_device)" --began "$EPOCHREALTIME" ${DEVICE_SIMULATED:+--force} "${taken[@]}"
            ;;
    esac
}

data() { # where images are: a folder of IDX files, or what the program draws itself
    if [ -n "$DEVICE_DATA" ] && [ -d "$DEVICE_DATA/mnist" ]; then echo "$DEVICE_DATA/mnist"; else echo glyphs; fi
}

unit_3_profile() { # a step past warm-up and recording
    local run=$DEVICE_WORK/profile size=() step=60
    [ -z "$DEVICE_SIMULATED" ] || { size=("${small_model[@]}") step=3; }
    ddpm train --device cuda --preset mnist --precision bf16 --data "$(data)" --out "$run" --steps "$step" --profile="$step" \
        --sample-every 0 --save-every 1000000 ${size[@]+"${size[@]}"}
    gzip -9c "$run/trace.json" >"$DEVICE_OUT/.trace"
    place "$DEVICE_OUT/.trace" trace.json.gz
    {
        cat "$run/profile.txt"
        printf '\nThe algorithms that cuDNN was asked for, in this and the units before (convolutions.tsv):\n'
        cat "$DEVICE_WORK/cache/convolutions.tsv" 2>/dev/null || echo "none was searched for"
    } >"$DEVICE_OUT/.profile"
    place "$DEVICE_OUT/.profile" profile.txt
    echo "note: $(head -n 1 "$run/profile.txt")"
}

# ---- tests: a process for each class, several at a time
telling="SameBitsTest CudaConvTest ConvOpsTest CudaMatmulTest MatmulOpsTest CudaRecorderTest DeferredRecorderTest CudaMemoryTest
    DeferredMemoryTest AttentionKernelsTest AttentionOpsTest GroupNormKernelsTest NormOpsTest"
on_cuda() { # classes of tests that name CUDA, as ddpm.engine.backend.ConvOpsTest
    local folder
    for folder in ${DEVICE_TESTS//:/ }; do
        [[ $folder != *kernels* ]] || continue
        # nested classes and constants lie in files of their own
        (cd "$folder" && grep -rlaE 'OnEachDevice|OnEachPrecision|ddpm/engine/backend/cuda/|cuda' --include='*Test*.class' .) |
            sed -E 's#^\./##; s#(\$[^/]*)?\.class$##; s#/#.#g' | grep 'Test$' | grep -vE '^ddpm\.(docs|engine\.backend\.cuda\.sim)\.'
    done | sort -u
}
unit_4() { # first|rest
    local side_by_side=4 all classes name pattern most=120
    all=$(on_cuda)
    pattern="\\.($(echo $telling | tr ' ' '|'))\$"
    case $1 in
        first) classes=$(for name in $telling; do grep -E "\\.$name\$" <<<"$all" || true; done) ;;
        rest) classes=$(grep -vE "$pattern" <<<"$all") ;;
    esac
    if [ -n "$DEVICE_SIMULATED" ]; then # the build runs all of them on the simulator, for minutes
        side_by_side=2
        classes=$(grep -E '\.(Cuda(Conv|Matmul|Memory)|DeferredMemory|Launch|LossOps|CudaDiffusion)Test$' <<<"$classes")
    fi
    # the exit code says whether all passed; what each class did is in tests.tsv
    DEVICE_MOST=$most xargs -P "$side_by_side" -n 1 "$DEVICE_PARTS" class <<<"$classes" || fail "$(count_tests)"
    echo "note: $(count_tests)"
}
count_tests() {
    awk -F '\t' '{ n[$1]++ } END { printf "so far %d passed, %d failed, %d skipped", n["PASSED"], n["FAILED"], n["SKIPPED"] }' "$DEVICE_OUT/tests.tsv"
}
launcher() { # CLASS RUNNER...: JUnit's launcher, under a runner such as compute-sanitizer
    local class=$1 run=gpu
    shift
    [ -z "$DEVICE_SIMULATED" ] || run=fast
    mkdir -p "$DEVICE_WORK/tests/$class"
    (cd "$DEVICE_WORK/tests/$class" && "$@" "$DEVICE_JAVA" -Xmx2g ${java_opts[@]+"${java_opts[@]}"} -Djava.awt.headless=true \
        -Dddpm.cuda.run=$run -Dddpm.cuda.log="${tests_log:-$DEVICE_WORK/other-tests.tsv}" -Dddpm.cuda.exact="${exact:-false}" \
        -Dddpm.cache="$PWD/cache" -cp "$DEVICE_JUNIT:$DEVICE_TESTS:$DEVICE_APP" org.junit.platform.console.ConsoleLauncher \
        execute --disable-banner --disable-ansi-colors --details=summary --select-class="$class")
}
test_class() { # CLASS: a line of tests.tsv for each test as it ends, its output into the log at once
    local class=$1 log=$DEVICE_WORK/tests/$1.log status=0 began=${EPOCHREALTIME/./} spent
    mkdir -p "$DEVICE_WORK/tests"
    tests_log=$DEVICE_OUT/tests.tsv launcher "$class" timeout --foreground -k 5 "$DEVICE_MOST" >"$log" 2>&1 || status=$?
    spent=$(((${EPOCHREALTIME/./} - began) / 1000))
    if ! grep -q "$(printf '\t%s' "$class")" "$DEVICE_OUT/tests.tsv"; then # a launcher that does not log each test
        summary_lines "$class" "$log" "$spent" >>"$DEVICE_OUT/tests.tsv"
    fi
    case $status in
        0) ;;
        1) # some failed, as their lines say
            grep -q "^FAILED$(printf '\t%s' "$class")" "$DEVICE_OUT/tests.tsv" ||
                whole_class "$class" "$spent" "failed outside its tests; run.log says where"
            ;;
        124 | 137) whole_class "$class" "$spent" "stopped after $DEVICE_MOST s" ;;
        *) whole_class "$class" "$spent" "the process ended with exit code $status" ;;
    esac
    { echo "== $class, exit code $status"; head -c 20000 "$log"; echo; } >"$log.shown"
    cat "$log.shown"
    return $status
}
whole_class() { # CLASS MILLISECONDS REASON
    printf 'FAILED\t%s\t(the whole class)\t%d\t%s\n' "$1" "$2" "$3" >>"$DEVICE_OUT/tests.tsv"
}
summary_lines() { # CLASS LOG MILLISECONDS: a line for each test that the launcher counted
    local kind word count
    for kind in PASSED:successful FAILED:failed SKIPPED:'(aborted|skipped)'; do
        word=${kind#*:}
        count=$(sed -nE "s/^\\[ *([0-9]+) tests $word *\\]\$/\\1/p" "$2" | awk '{ n += $1 } END { print n + 0 }')
        for _ in $(seq "$count"); do printf '%s\t%s\t(one of %d)\t%d\t\n' "${kind%%:*}" "$1" "$count" "$(($3 / count))"; done
    done
}

# ---- training
unit_5_train() { # five minutes, or what is left less a minute for the images: SIGTERM ends it after a step, with a checkpoint
    # (SIGINT is ignored in the background)
    local run=$DEVICE_WORK/train seconds=$((DEVICE_SECONDS > 360 ? 300 : DEVICE_SECONDS - 60)) size=() count=1000 draw=() status=0 began=$SECONDS follower
    [ -z "$DEVICE_SIMULATED" ] || { seconds=30 size=("${small_model[@]}") count=8 draw=(--sample-steps 3); }
    mkdir -p "$run" && rmdir "$run"
    # the curve, a line for every 50th one logged
    (while [ ! -e "$run/metrics.jsonl" ]; do sleep 0.5; done
        tail -n +1 -f "$run/metrics.jsonl" | sed -un '1~50s/^{/{"kind": "metric", /p' >>"$results") &
    follower=$!
    timeout --foreground -k 60 "$seconds" "$DEVICE_JAVA" ${java_opts[@]+"${java_opts[@]}"} -Djava.awt.headless=true \
        -Dddpm.cache="$DEVICE_WORK/cache" -jar "$DEVICE_APP" train --device cuda --preset mnist --precision bf16 --data "$(data)" \
        --out "$run" --steps 100000000 --sample-every 0 --save-every 1000000 ${size[@]+"${size[@]}"} || status=$?
    pkill -P "$follower" 2>/dev/null || true
    kill "$follower" 2>/dev/null || true
    case $status in 124 | 130 | 143) ;; *) fail "training ended with exit code $status" ;; esac
    [ -s "$run/metrics.jsonl" ] || fail "training came to no step in $seconds s"
    printf '{"kind": "train", "data": "%s", "seconds": %d, "last": %s}\n' "$(basename "$(data)")" "$((SECONDS - began))" \
        "$(tail -n 1 "$run/metrics.jsonl")" >>"$results"
    began=$EPOCHREALTIME
    ddpm sample --device cuda --checkpoint "$run" --seed 1 --count "$count" --npy "$DEVICE_OUT/.samples.npy" ${draw[@]+"${draw[@]}"}
    place "$DEVICE_OUT/.samples.npy" samples.npy
    printf '{"kind": "drawn", "images": %d, "seconds": %s}\n' "$count" "$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')" >>"$results"
    echo "note: $(tail -n 1 "$run/metrics.jsonl")"
}

# ---- part 6
sanitizer() { # TOOL: the kernels of group normalisation, where a tensor ends where its block ends
    [ -z "$DEVICE_SIMULATED" ] || skip "the simulator's own check mode does this: kernels/src/sim/README.md"
    command -v compute-sanitizer >/dev/null || skip "compute-sanitizer is not installed"
    exact=true launcher ddpm.engine.backend.cuda.GroupNormKernelsTest \
        compute-sanitizer --tool "$1" --error-exitcode 9 --target-processes all
}
unit_6_ladder() { # the steps that one thread does alone are left out: they take seconds each
    local small=()
    [ -z "$DEVICE_SIMULATED" ] || small=(--rehearse)
    run_java -cp "$app_class_path" ddpm.bench.LadderBench --without v1_one_thread --json "$results" ${small[@]+"${small[@]}"}
}

case $1 in
    1-found) unit_1_found ;;
    1-verify) unit_1_verify ;;
    1-ceiling) unit_1_ceiling ;;
    2-*) IFS=- read -r _ preset batch variant <<<"$1" && unit_2 "$preset" "$batch" "$variant" ;;
    3-profile) unit_3_profile ;;
    4-*) unit_4 "${1#4-}" ;;
    class) test_class "$2" ;;
    5-train) unit_5_train ;;
    6-memcheck | 6-racecheck) sanitizer "${1#6-}" ;;
    6-ladder) unit_6_ladder ;;
    *) fail "there is no unit $1" ;;
esac
