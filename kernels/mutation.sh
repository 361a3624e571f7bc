#!/usr/bin/env bash
# Mutation evidence: does some test fail for every barrier left out, every < that became <=, every guard dropped?
#
#   kernels/mutation.sh [--only FILE] [--jobs N]
#
# Plants all mistakes of src/sim/mutate.cpp into the kernels, builds them once for the simulator (target/mutants/fast and
# target/mutants/check), runs for each mutant the engine's tests that reach it, and writes MUTATION.md. Ends with status 1
# where a survivor has no reason in mutants.txt, or too many survive.
#   --only FILE   mutants of one file only, e.g. pad.cu; the report goes to target/mutants/MUTATION.md
#   --jobs N      processes that run tests, 2 unless given
set -euo pipefail
cd "$(dirname "$0")"

only= jobs=2
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "$0"; exit 0 ;;
        --only) only=$2; shift 2 ;;
        --jobs) jobs=$2; shift 2 ;;
        *) echo "mutation.sh: $1 is no option; --help lists them" >&2; exit 2 ;;
    esac
done

# ---- the tests, and JCuda's libraries
(cd .. && mvn -q -B -ntp ${MAVEN_ARGUMENTS:--o} -pl kernels,engine test-compile dependency:build-classpath \
    -Dmdep.includeScope=test -Dmdep.outputFile=target/classpath.txt)
natives=$PWD/target/natives/lib
work=$PWD/target/mutants

# ---- the mutated sources: ids from 1 on, in the order of the files, whatever --only says
mkdir -p "$work"
g++ -std=gnu++20 -O1 -o "$work/mutate" src/sim/mutate.cpp
id=1
folders=()
: >"$work/list.new"
for folder in src/main/cuda ladder/*; do
    [ -d "$folder" ] || continue
    into=$work/src/$(basename "$folder")
    mkdir -p "$into"
    folders+=("$into")
    for source in "$folder"/*.cu "$folder"/*.cuh; do
        [ -e "$source" ] || continue
        name=$(basename "$source")
        "$work/mutate" "$source" "$work/new" $id >"$work/lines"
        cmp -s "$work/new" "$into/$name" && [ ! src/sim/mutants.h -nt "$into/$name" ] || mv "$work/new" "$into/$name"
        sed "s|^|${source#src/main/cuda/}\t|" "$work/lines" >>"$work/list.new"
        id=$((id + $(wc -l <"$work/lines")))
    done
done
mv "$work/list.new" "$work/mutants.tsv"
rm -f "$work/new" "$work/lines"
for mode in fast check; do
    CUSIM_CORE=$PWD/target/sim/core CUSIM_MUTANTS=yes bash src/sim/build.sh $mode "$work/$mode" "$natives" "${folders[@]}"
    [ ! -f "$work/$mode/UNAVAILABLE" ] || exit 1
done
echo "mutation: $((id - 1)) mutants built after $SECONDS s"

# ---- the tests of each mutant
cd ../engine
java -cp "target/test-classes:target/classes:$(cat target/classpath.txt)" ddpm.engine.testing.mutation.MutationRun \
    "$work" ../kernels/mutants.txt "$([ -n "$only" ] && echo "$work/MUTATION.md" || echo ../kernels/MUTATION.md)" "$jobs" "$only"
