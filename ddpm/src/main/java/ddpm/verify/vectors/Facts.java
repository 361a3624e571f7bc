package ddpm.verify.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.verify.report.VectorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An object of a JSON file whose entries are needed: what is missing or no number is named. */
public record Facts(String file, JsonNode object) {
    public JsonNode get(String key) {
        JsonNode value = object.get(key);
        if (value == null) {
            throw new VectorException("'" + key + "' is missing in " + file);
        }
        return value;
    }

    public Facts in(String key) {
        return new Facts(file + ", " + key, get(key));
    }

    /** @throws VectorException where there are others than these, which are all that is known here */
    public Facts only(String... known) {
        List<String> others =
                keys().stream().filter(k -> !List.of(known).contains(k)).toList();
        if (!others.isEmpty()) {
            throw new VectorException(file + ": not known here: " + String.join(", ", others) + "; known are "
                    + String.join(", ", known));
        }
        return this;
    }

    /** The objects of a list. */
    public List<Facts> list(String key) {
        List<Facts> all = new ArrayList<>();
        get(key).forEach(one -> all.add(new Facts(file + ", " + key + " " + all.size(), one)));
        return all;
    }

    public int size() {
        return object.size();
    }

    public double number(String key) {
        double[] one = numbers(key);
        if (one.length != 1) {
            throw new VectorException("'" + key + "' in " + file + " has " + one.length + " values, needed is 1");
        }
        return one[0];
    }

    /** A number or a list of numbers. */
    public double[] numbers(String key) {
        return numbers(file + ", " + key, get(key));
    }

    /** @param what how an error calls it */
    public static double[] numbers(String what, JsonNode value) {
        double[] numbers = new double[value.isArray() ? value.size() : 1];
        for (int i = 0; i < numbers.length; i++) {
            JsonNode one = value.isArray() ? value.get(i) : value;
            if (!one.isNumber()) {
                throw new VectorException("'" + what + "' is no number: " + one);
            }
            numbers[i] = one.asDouble();
        }
        return numbers;
    }

    /** 64 bits, signed or unsigned. */
    public long integer(String key) {
        if (!get(key).isIntegralNumber()) {
            throw new VectorException("'" + key + "' in " + file + " is no integer: " + get(key));
        }
        return get(key).bigIntegerValue().longValue();
    }

    public List<String> keys() {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }
}
