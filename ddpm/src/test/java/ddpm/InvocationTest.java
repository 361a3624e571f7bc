package ddpm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command in a message is the one that can be typed. */
class InvocationTest {
    @TempDir
    Path folder;

    private Path file(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }

    private static String start(String typed, Path jar) {
        return Invocation.start(null, typed, Optional.of(jar), "java", false);
    }

    @Test
    void namesTheJarAsItWasTyped() throws IOException {
        Path jar = file("target/ddpm.jar");
        Path relative = Path.of("").toAbsolutePath().relativize(jar);
        assertEquals("java -jar " + jar, start(jar + " train --out x.jar", jar));
        assertEquals("java -jar " + relative, start(relative + " train", jar));
        assertEquals("java -jar " + relative, start(relative.toString(), jar));
        Path link = Files.createSymbolicLink(folder.resolve("d.jar"), jar);
        assertEquals("java -jar " + link, start(link + " doctor", jar));
    }

    @Test
    void quotesWhatAShellWouldTakeApart() throws IOException {
        Path jar = file("my builds/it's/ddpm.jar");
        file("my"); // a file that the name up to the first blank would lead to
        assertEquals(
                "java -jar '" + folder + "/my builds/it'\\''s/ddpm.jar'", start(jar + " train --out a b.jar", jar));
        assertEquals(
                "'/opt/my java/bin/java' -jar " + folder + "/d.jar",
                Invocation.start(null, folder + "/d.jar", Optional.of(file("d.jar")), "/opt/my java/bin/java", false));
    }

    @Test
    void anOptionOfJavaStandsWhereJavaTakesIt() {
        assertEquals("java -Xmx8g -jar a/ddpm.jar", new Invocation("java -jar a/ddpm.jar", false).java("-Xmx8g"));
        assertEquals("JAVA_TOOL_OPTIONS=-Xmx8g ./ddpm", new Invocation("./ddpm", false).java("-Xmx8g"));
    }

    @Test
    void aScriptNamesItself() throws IOException {
        Path jar = file("ddpm.jar");
        assertEquals("./ddpm", Invocation.start("./ddpm", jar + " train", Optional.of(jar), "java", false));
        assertEquals("java -jar " + jar, Invocation.start(" ", jar + " train", Optional.of(jar), "java", false));
    }

    @Test
    void fromAClassPathItIsTheName() throws IOException {
        assertEquals("ddpm", start("ddpm.cli.Main train", file("ddpm.jar")));
        assertEquals("ddpm", start("ddpm.cli.Main train", Files.createDirectory(folder.resolve("classes"))));
        assertEquals("ddpm", Invocation.start(null, "", Optional.empty(), "java", false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "runs/quick | false | runs/quick",
                "my run | false | 'my run'",
                "a;b | false | 'a;b'",
                "$HOME | false | '$HOME'",
                "bilder/grün | false | bilder/grün",
                "C:\\a b | true | \"C:\\a b\"",
                "C:\\Users\\x~1 | true | C:\\Users\\x~1",
                "~x | false | '~x'"
            })
    void oneWord(String word, boolean windows, String quoted) {
        assertEquals("ddpm train --out " + quoted, new Invocation("ddpm", windows).with("train", "--out", word));
    }

    @Test
    void javaIsNamedByItsFileWhereThePathLeadsToAnother() throws IOException {
        Path one = file("one/bin/java");
        Path other = file("other/bin/java");
        Assumptions.assumeTrue(
                one.toFile().setExecutable(true) && other.toFile().setExecutable(true));
        String here = one.getParent().toString();
        String there = other.getParent().toString();
        assertEquals("java", Invocation.java(one, List.of("", folder + "/none", here, there)));
        assertEquals(one.toString(), Invocation.java(one, List.of(there, here)));
        assertEquals(one.toString(), Invocation.java(one, List.of(folder.toString())));
    }
}
