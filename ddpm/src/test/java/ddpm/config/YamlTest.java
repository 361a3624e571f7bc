package ddpm.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "true",
                "No",
                "y",
                "~",
                "28",
                "28x28",
                "1e5",
                "0x1F",
                ".5",
                "a b",
                "../data/a b",
                "a: b",
                "# no comment",
                "- x",
                "[1]",
                "quote \" and \\",
                "C:\\x",
                "line\nbreak",
                "Ünï 😀",
                "glyphs",
                "/data/mnist"
            })
    void textComesBackAsItWas(String text) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.putObject("data").put("source", text).putArray("list").add(text);

        assertEquals(tree, Yaml.parse(Yaml.print(tree), "here"), () -> Yaml.print(tree));
    }

    @Test
    void printsAsAPersonWould() {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.put("seed", 7)
                .putObject("model")
                .put("on", true)
                .putNull("none")
                .putArray("widths")
                .add(16)
                .add(32);
        tree.put("size", "28x36");

        assertEquals(
                "seed: 7\nmodel:\n  on: true\n  none: null\n  widths: [16, 32]\nsize: \"28x36\"\n", Yaml.print(tree));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`a: 1\na: 2`        | line 2 | a",
                "`a: [1, 2`          | line 1 | not valid YAML",
                "`a: 1\n  b: 2`      | line 2 | not valid YAML",
                "`a: 1\n---\nb: 2`   | line 3 | more than one document"
            })
    void brokenTextIsNamedWithItsLine(String text, String line, String what) {
        var error = assertThrows(UserError.class, () -> Yaml.parse(text, "--config my.yaml"));

        assertEquals(UserError.USAGE, error.exitCode());
        String message = error.getMessage();
        assertTrue(message.startsWith("--config my.yaml, " + line), message);
        assertTrue(message.contains(what), message);
        assertEquals(1, message.lines().count(), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# only a comment\n", "---\n", "null"})
    void nothingIsANullNode(String text) {
        assertTrue(Yaml.parse(text, "here").isNull());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train:\\n\\tbatch: 4      | here, line 2, column 1: not valid YAML: found character 'TAB'",
                "a: &b 4\\nc: *b        | here, line 2, column 4: *b is an alias, which is not supported",
                "a: &b {c: 4}\\n<<: *b  | here, line 2, column 5: *b is an alias, which is not supported",
                "a: [1,\\nb: 2           | here, line 2, column 5: not valid YAML"
            })
    void whatIsNotSupportedIsNamedWithItsLine(String text, String message) {
        UserError e = assertThrows(
                UserError.class, () -> Yaml.parse(text.replace("\\n", "\n").replace("\\t", "\t"), "here"));

        assertTrue(e.getMessage().startsWith(message), e.getMessage());
    }
}
