# What compare.sh and scaling.sh share; they source it from the project's root. Sets nothing but functions.

jar=bench/target/bench.jar

die() { echo "${0##*/}: $*" >&2; exit 1; }

# spelled WORD...: the words as they are typed, quoted where they hold spaces
spelled() {
    local word all=()
    for word; do
        case $word in *" "*) word="'$word'" ;; esac
        all+=("$word")
    done
    echo "${all[*]}"
}

# ready VARIANT...: stops with the reason where one of them cannot be measured
ready() {
    [ -f "$jar" ] || die "$jar is missing; build it with: mvn -q -DskipTests package"
    case " $* " in *" torch-"*)
        "$python" -c 'import torch' 2> /dev/null ||
            die "$python has no torch; install it with: $python -m pip install torch, or name another Python in PYTHON"
        ;;
    esac
    case " $* " in *" torch-compile-"* | *" torch-autotune-"*)
        command -v "${CXX:-g++}" > /dev/null || die "torch.compile needs ${CXX:-g++}; install it, or leave those --variants out"
        ;;
    esac
    if [ "$device" = cuda ] && [ -z "$force" ] && command -v nvidia-smi > /dev/null; then
        [ -z "$(nvidia-smi --query-compute-apps=pid --format=csv,noheader)" ] ||
            die "other processes use the GPU; stop them, or measure all the same with --force"
    fi
}

machine() {
    if [ "$device" = cuda ]; then
        nvidia-smi --query-gpu=name --format=csv,noheader 2> /dev/null | head -n 1 | grep . || die "nvidia-smi names no GPU"
    else
        local cpu
        cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2> /dev/null | head -n 1)
        echo "${cpu:-$(uname -m)}"
    fi
}

# run_line KIND COMMAND: the line of JSON that says what the lines after it were measured on
run_line() {
    local driver= memory
    [ "$device" != cuda ] || driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader | head -n 1)
    memory=$(awk '/^MemTotal/ { printf "%.0f", $2 / 1e6 }' /proc/meminfo)
    printf '{"kind": "%s", "machine": "%s", "cores": %d, "memory_gb": %d, "driver": "%s", "date": "%s", "commit": "%s", "forced": %s, "command": "%s"}\n' \
        "$1" "$(machine)" "$(nproc)" "$memory" "$driver" "$(date +%F)" \
        "$(git describe --always --dirty --exclude '*' 2> /dev/null || echo unknown)" "${force:-false}" "$2"
}

# steps VARIANT ARGS...: one line of JSON on stdout; ARGS are options of StepTime
steps() {
    local variant=$1 only=() workload=()
    shift
    # shellcheck disable=SC2086 # several options in one variable
    case $variant in
        ddpm-*)
            java ${JAVA_OPTS:-} -cp "$jar" ddpm.bench.StepTime --precision "${variant#ddpm-}" --device "$device" \
                --began "$EPOCHREALTIME" ${force:+--force} "$@"
            ;;
        torch-*)
            while [ $# -gt 0 ]; do
                case $1 in
                    --preset | --batch | --size | --widths) workload+=("$1" "$2") ;;
                    *) only+=("$1" "$2") ;;
                esac
                shift 2
            done
            workload=$(java -cp "$jar" ddpm.bench.StepTime --describe "${workload[@]}")
            "$python" bench/peers/torch_steps.py --workload "$workload" --variant "$variant" --device "$device" \
                --began "$EPOCHREALTIME" ${force:+--force} "${only[@]}"
            ;;
        *) die "no variant $variant; see --help" ;;
    esac
}

# leave: clears up; what was measured before a failure is kept
leave() {
    if [ -s "$work/lines" ] && [ ! -e "$work/filed" ]; then
        cp "$work/lines" bench/target/unfinished.jsonl
        echo "${0##*/}: stopped; what was measured so far is in bench/target/unfinished.jsonl" >&2
    fi
    rm -rf "$work"
}

# results: the file in bench/results, without ending, for today and this machine
results() {
    printf 'bench/results/%s-%s' "$(date +%F)" "$(machine | tr '[:upper:]' '[:lower:]' | tr -cs 'a-z0-9' '-' | sed 's/^-//; s/-$//')"
}

# file_away OUT: adds the measured lines to OUT.jsonl and writes the tables of all in it to OUT.md
file_away() {
    mkdir -p "$(dirname "$1")"
    cat "$work/lines" >> "$1.jsonl"
    touch "$work/filed"
    java -cp "$jar" ddpm.bench.report.Tables "$1.jsonl" > "$1.md"
    cat "$1.md"
    echo "${0##*/}: added to $1.jsonl, tables in $1.md" >&2
}
