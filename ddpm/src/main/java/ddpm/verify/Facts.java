package ddpm.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/** An object of a JSON file whose entries are needed: what is missing or no number is named. */
record Facts(String file, JsonNode object) {
    JsonNode get(String key) {
        JsonNode value = object.get(key);
        if (value == null) {
            throw new VectorException("'" + key + "' is missing in " + file);
        }
        return value;
    }

    Facts in(String key) {
        return new Facts(file + ", " + key, get(key));
    }

    int size() {
        return object.size();
    }

    double number(String key) {
        double[] one = numbers(key);
        if (one.length != 1) {
            throw new VectorException("'" + key + "' in " + file + " has " + one.length + " values, needed is 1");
        }
        return one[0];
    }

    /** A number or a list of numbers. */
    double[] numbers(String key) {
        JsonNode value = get(key);
        double[] numbers = new double[value.isArray() ? value.size() : 1];
        for (int i = 0; i < numbers.length; i++) {
            JsonNode one = value.isArray() ? value.get(i) : value;
            if (!one.isNumber()) {
                throw new VectorException("'" + key + "' in " + file + " is no number: " + one);
            }
            numbers[i] = one.asDouble();
        }
        return numbers;
    }

    /** 64 bits, signed or unsigned. */
    long integer(String key) {
        if (!get(key).isIntegralNumber()) {
            throw new VectorException("'" + key + "' in " + file + " is no integer: " + get(key));
        }
        return get(key).bigIntegerValue().longValue();
    }

    List<String> keys() {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }
}
