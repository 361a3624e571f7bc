package ddpm.engine.backend.cuda.kernel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parameters of a kernel, read from its PTX.
 *
 * @param offsets of each parameter in the block of arguments, in bytes
 * @param sizes of each parameter in bytes
 */
record KernelSignature(String name, List<ArgKind> kinds, List<Integer> offsets, List<Integer> sizes) {
    private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)\\s*\\(([^)]*)\\)");
    private static final Pattern PARAM = Pattern.compile(
            "\\.param\\s+(?:\\.align\\s+(\\d+)\\s+)?\\.(\\w+)\\s+[^,\\[]*?(\\w+)\\s*(?:\\[(\\d+)\\])?\\s*(?:,|$)");
    private static final Pattern LOAD = Pattern.compile("ld\\.param\\.[ub]64\\s+(%\\w+),\\s*\\[(\\w+)\\]");
    private static final Pattern ADDRESS = Pattern.compile("cvta\\.to\\.global\\.u64\\s+%\\w+,\\s*(%\\w+)");

    KernelSignature {
        kinds = List.copyOf(kinds);
        offsets = List.copyOf(offsets);
        sizes = List.copyOf(sizes);
    }

    /** Bytes of the block of arguments. */
    int bytes() {
        int last = kinds.size() - 1;
        return last < 0 ? 0 : offsets.get(last) + sizes.get(last);
    }

    /** Every kernel of a PTX text by name. */
    static Map<String, KernelSignature> parse(String ptx) {
        Map<String, KernelSignature> all = new LinkedHashMap<>();
        Matcher entry = ENTRY.matcher(ptx);
        while (entry.find()) {
            int end = ptx.indexOf("\n}", entry.end());
            String body = ptx.substring(entry.end(), end < 0 ? ptx.length() : end);
            all.put(entry.group(1), of(entry.group(1), entry.group(2).strip(), pointers(body)));
        }
        return all;
    }

    /** Names of the parameters that are turned into addresses of global memory. */
    private static Set<String> pointers(String body) {
        Set<String> registers = new HashSet<>();
        Matcher address = ADDRESS.matcher(body);
        while (address.find()) {
            registers.add(address.group(1));
        }
        Set<String> names = new HashSet<>();
        Matcher load = LOAD.matcher(body);
        while (load.find()) {
            if (registers.contains(load.group(1))) {
                names.add(load.group(2));
            }
        }
        return names;
    }

    private static KernelSignature of(String name, String parameters, Set<String> pointers) {
        List<ArgKind> kinds = new ArrayList<>();
        List<Integer> offsets = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        int end = 0;
        Matcher p = PARAM.matcher(parameters);
        while (p.find()) {
            boolean struct = p.group(4) != null;
            ArgKind kind = struct ? ArgKind.STRUCT : kind(p.group(2), pointers.contains(p.group(3)));
            int size = struct
                    ? Integer.parseInt(p.group(4))
                    : Integer.parseInt(p.group(2).substring(1)) / 8;
            int align = p.group(1) == null ? size : Integer.parseInt(p.group(1));
            int offset = (end + align - 1) / align * align;
            kinds.add(kind);
            offsets.add(offset);
            sizes.add(size);
            end = offset + size;
        }
        return new KernelSignature(name, kinds, offsets, sizes);
    }

    private static ArgKind kind(String type, boolean pointer) {
        return switch (type) {
            case "u64", "s64", "b64" -> pointer ? ArgKind.POINTER : ArgKind.LONG;
            case "u32", "s32", "b32" -> ArgKind.INT;
            case "f32" -> ArgKind.FLOAT;
            case "f64" -> ArgKind.DOUBLE;
            default -> ArgKind.SMALL;
        };
    }
}
