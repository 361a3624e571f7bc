#!/usr/bin/env bash
# Packs ddpm, its tests and a Java runtime into one folder, for a Linux x86-64 machine without Java or a network.
#
#   bench/bundle.sh [-o DIR] [-p xz|gz|none] [--data DIR]        default: -o bench/target/ddpm-bundle -p xz
#
# --data, or DDPM_DATA: a folder with train-images-idx3-ubyte.gz of MNIST, in it or in mnist/ below. Its first 20,000 images,
# or as many as leave the packed bundle and what git tracks under 64 MiB, travel along; without it training there takes the built-in glyphs.
#
# Build first: mvn -q -DskipTests package. Needs here: a JDK 17 or later with jlink, Maven (for JUnit's launcher), binutils, unzip.
# Needs there: glibc of this machine's age or later, bash; for CUDA what docs/cuda.md says. Then, there:
#
#   tar xf ddpm-bundle.tar.xz && cd ddpm-bundle
#   ./ddpm doctor                   every command of ddpm
#   ./bench -l                      the benchmarks; ./bench ddpm.bench.LadderBench times the ladders of kernels
#   ./device-run.sh --out DIR       the most there is to learn on a GPU in some minutes; bench/device-file.sh files it here
set -euo pipefail
cd "$(dirname "$0")/.."

out=bench/target/ddpm-bundle pack=xz data=${DDPM_DATA:-}
usage() { sed -n '2,15s/^# \{0,1\}//p' "bench/${0##*/}"; }
die() { echo "bundle.sh: $*" >&2; exit 1; }
wrong() { echo "bundle.sh: $*; see --help" >&2; exit 2; }
while [ $# -gt 0 ]; do
    case $1 in
        -o | -p | --data)
            [ $# -gt 1 ] || wrong "$1 needs a value"
            case $1 in -o) out=$2 ;; -p) pack=$2 ;; --data) data=$2 ;; esac
            shift 2
            ;;
        -h | --help) usage; exit 0 ;;
        *) wrong "unknown option $1" ;;
    esac
done
case $pack in xz | gz | none) ;; *) wrong "-p takes xz, gz or none, not $pack" ;; esac
images=''
for place in ${data:+"$data" "$data/mnist"}; do
    [ -n "$images" ] || [ ! -f "$place/train-images-idx3-ubyte.gz" ] || images=$place/train-images-idx3-ubyte.gz
done
[ -z "$data" ] || [ -n "$images" ] || die "$data holds no train-images-idx3-ubyte.gz"
for built in ddpm/target/ddpm.jar bench/target/bench.jar engine/target/test-classes; do
    [ -e $built ] || die "$built is missing; build first: mvn -q -DskipTests package"
done
for tool in jlink jdeps mvn readelf strip unzip tar; do command -v $tool >/dev/null || die "$tool is missing"; done

# Only ever replace a folder that this script made.
if [ -e "$out" ]; then
    [ -e "$out/.bundle" ] || die "$out exists and is not a bundle"
    rm -rf "$out"
fi
mkdir -p "$out/lib"
touch "$out/.bundle"
out=$(cd "$out" && pwd)

# ---- programs: uncompressed, since what follows compresses better than a jar
jar_of() { # folder, jar
    (cd "$1" && jar --create --no-compress --file "$2" --manifest META-INF/MANIFEST.MF .)
}
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
unzip -qo ddpm/target/ddpm.jar -d "$unpacked"
rm -rf "$unpacked"/com/sun/jna/{aix,darwin,dragonflybsd,freebsd,openbsd,sunos,win32}* "$unpacked"/com/sun/jna/linux-[!x]*
rm -rf "$unpacked"/org/bytedeco/*/linux-x86_64/include
# kernels compiled for other GPUs than Hopper: there PTX has to do
rm -rf "$unpacked"/ddpm/kernels/sm_75 "$unpacked"/ddpm/kernels/sm_80 "$unpacked"/ddpm/kernels/sm_100 "$unpacked"/ddpm/kernels/sm_120
jar_of "$unpacked" "$out/lib/ddpm.jar"

# ---- benchmarks: only what the other folders do not hold
mkdir "$unpacked/bench"
unzip -qo bench/target/bench.jar 'ddpm/bench/*' 'org/openjdk/jmh/*' 'joptsimple/*' 'org/apache/commons/math3/*' \
    META-INF/BenchmarkList META-INF/CompilerHints -d "$unpacked/bench"
(cd "$unpacked/bench" && jar --create --no-compress --file "$out/lib/bench.jar" .)
rm -rf "$unpacked/bench"

# ---- tests: as folders, because some look for files beside their classes
for module in kernels engine ddpm; do
    [ ! -d $module/target/test-classes ] || cp -r $module/target/test-classes "$out/lib/$module-tests"
done
junit=$(sed -n 's:.*<junit.version>\(.*\)</junit.version>.*:\1:p' pom.xml)
mvn -q -B -ntp dependency:copy -Dartifact="org.junit.platform:junit-platform-console-standalone:$junit" \
    -DoutputDirectory="$out/lib" -Dmdep.stripVersion=true -pl . -N
for vectors in golden tiny; do cp -rl "$out/lib/ddpm-tests/$vectors" "$out/"; done # links: tar packs them once
cp -r bench/device-run.sh bench/device-parts.sh bench/peers "$out/"
rm -rf "$out/peers/__pycache__"
# what PyTorch is to build, for a machine where this is not asked of Java
mkdir "$out/workloads"
for preset in mnist cifar; do
    for batch in 64 256; do
        java -cp bench/target/bench.jar ddpm.bench.StepTime --describe --preset $preset --batch $batch >"$out/workloads/$preset-$batch.json"
    done
done

# ---- Java: uncompressed for the same reason
modules=$(jdeps --multi-release 17 --ignore-missing-deps --print-module-deps ddpm/target/ddpm.jar)
# JUnit wants the others; zipfs opens files inside jars
jlink --add-modules "$modules,java.logging,java.management,java.net.http,jdk.zipfs,jdk.crypto.ec,jdk.httpserver" --compress=0 --strip-java-debug-attributes \
    --no-header-files --no-man-pages --output "$out/jre"

# A distribution's JDK uses the system's libjpeg, lcms and freetype, which may have other names there. They travel beside the
# runtime's own libraries, which look for them in their own folder. Windows and sound are left out; glibc and the C++ library stay.
system='^(ld-linux.*|libc|libm|libdl|libpthread|librt|libutil|libresolv|libnsl|libstdc\+\+|libgcc_s)\.so'
windows='^(libX|libxcb|libasound|libGL|libEGL|libwayland)'
needed() { readelf -d "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
bring() { # a library of the runtime -> beside it, what it needs of this system, and what that needs
    local name path
    for name in $(needed "$1"); do
        [[ $name =~ $system || $name =~ $windows ]] && continue
        [ -e "$out/jre/lib/$name" ] || [ -e "$out/jre/lib/server/$name" ] && continue
        path=$(ldd "$1" 2>/dev/null | awk -v n="$name" '$1 == n && $3 ~ /^\// && !found { print $3; found = 1 }')
        [ -n "$path" ] || { echo "note: $name, which ${1##*/} needs, is not on this machine"; continue; }
        install -m 644 "$path" "$out/jre/lib/$name"
        bring "$path"
    done
}
find "$out/jre" \( -name libawt_xawt.so -o -name libjsound.so -o -name libsplashscreen.so -o -name libjawt.so \) -delete
find "$out/jre" -name '*.so' >"$unpacked/libraries"
while IFS= read -r library; do strip --strip-unneeded "$library" 2>/dev/null || true; done <"$unpacked/libraries" # symbols of the JVM: 4 MB
while IFS= read -r library; do bring "$library"; done <"$unpacked/libraries"

cat >"$out/ddpm" <<'RUN'
#!/usr/bin/env bash
# ddpm with the Java of this folder. JAVA_OPTS: options for Java, such as -Xmx8g.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2086 # several options in one variable
exec "$here/jre/bin/java" ${JAVA_OPTS:-} -Djava.awt.headless=true -Dddpm.command="$0" -jar "$here/lib/ddpm.jar" "$@"
RUN
cat >"$out/bench" <<'RUN'
#!/usr/bin/env bash
# The benchmarks with the Java of this folder: ./bench -l lists them, ./bench ddpm.bench.LadderBench times the ladders of kernels.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lib=$here/lib
case ${1:-} in ddpm.bench.*[^a-z.]*Bench | ddpm.bench.*Time) main=$1; shift ;; *) main=org.openjdk.jmh.Main ;; esac
# shellcheck disable=SC2086 # several options in one variable
exec "$here/jre/bin/java" ${JAVA_OPTS:-} -cp "$lib/bench.jar:$lib/engine-tests:$lib/kernels-tests:$lib/ddpm.jar" "$main" "$@"
RUN
chmod +x "$out/ddpm" "$out/bench"
git describe --always --dirty >"$out/version" 2>/dev/null || echo unknown >"$out/version"

echo "bundle: $(du -sm "$out" | cut -f 1) MiB in $out, $(du -sm "$out/jre" | cut -f 1) of them Java"
tracked=0
if tracked=$(git ls-files -z 2>/dev/null | xargs -0 du -cb 2>/dev/null | tail -n 1 | cut -f 1); then tracked=${tracked:-0}; fi
room=$((64 * 1024 * 1024 - tracked - 500000)) # with some for what git does not track
pack_up() {
    rm -f "$out.tar.$pack"
    case $pack in
        gz) tar -C "$(dirname "$out")" -c "$(basename "$out")" | gzip -9 >"$out.tar.gz" ;;
        xz) tar -C "$(dirname "$out")" -c "$(basename "$out")" | xz -T0 --x86 --lzma2=preset=6,dict=64MiB >"$out.tar.xz" ;; # jumps of x86: 7 % of oneDNN
    esac
    bytes=$(wc -c <"$out.tar.$pack")
}
# The first COUNT images of the IDX file: its header says how many. Packed here: gzip is what the program reads
idx() { # COUNT
    mkdir -p "$out/data/mnist"
    {
        printf '\x00\x00\x08\x03'
        printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)))"
        gzip -dc "$images" 2>/dev/null | tail -c +9 | head -c $((8 + $1 * 28 * 28)) || true
    } | gzip -9n >"$out/data/mnist/train-images-idx3-ubyte.gz"
}
count=0
[ -z "$images" ] || count=$(gzip -dc "$images" 2>/dev/null | head -c 8 | od -An -tu1 -j4 | awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 }') || true
count=$((count > 20000 ? 20000 : count)) # more would mostly not fit, and packing twice takes minutes
[ "$count" -eq 0 ] || idx "$count"
[ "$pack" != none ] || exit 0
pack_up
if [ "$count" -gt 0 ] && [ "$bytes" -ge $room ]; then # as many as fit, by what one takes
    each=$(($(wc -c <"$out/data/mnist/train-images-idx3-ubyte.gz") / count + 1))
    count=$((count - (bytes - room) / each - count / 50))
    if [ "$count" -ge 1000 ]; then idx "$count"; else count=0 && rm -rf "$out/data"; fi
    pack_up
fi
if [ "$count" -gt 0 ]; then
    echo "data: the first $count images of $images"
elif [ -n "$images" ]; then
    echo "data: there is no room for MNIST; training there takes the built-in glyphs"
else
    echo "data: none given; training there takes the built-in glyphs"
fi
echo "packed: $out.tar.$pack, $((bytes / 1000000)) MB; with the $((tracked / 1000000)) MB that git tracks under 64 MiB: $([ $bytes -lt $room ] && echo yes || echo no)"
[ $bytes -lt $room ] || die "what travels is more than 64 MiB"
