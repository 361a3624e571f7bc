package ddpm.huggingface;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PythonJsonTest {
    /** What Python 3 prints. */
    @ParameterizedTest
    @CsvSource({
        "0, 0.0",
        "1, 1.0",
        "-2.5, -2.5",
        "0.1, 0.1",
        "0.0001, 0.0001",
        "0.00001, 1e-05",
        "0.000001, 1e-06",
        "0.0000125, 1.25e-05",
        "1e-10, 1e-10",
        "123456.75, 123456.75",
        "1e15, 1000000000000000.0",
        "1e16, 1e+16",
        "1e100, 1e+100"
    })
    void numbers(double value, String text) {
        assertEquals(text + "\n", PythonJson.text(new DoubleNode(value)));
    }

    @Test
    void keysAreSortedAndIndented() throws IOException {
        String text = "{\"b\": {\"y\": [], \"x\": [1, 2.0]}, \"a\": null, \"c\": {}, \"B\": \"q\\\"\"}";
        String want = "{\n  \"B\": \"q\\\"\",\n  \"a\": null,\n  \"b\": {\n    \"x\": [\n      1,\n      2.0\n    ],\n"
                + "    \"y\": []\n  },\n  \"c\": {}\n}\n";
        assertEquals(want, PythonJson.text(new ObjectMapper().readTree(text)));
    }
}
