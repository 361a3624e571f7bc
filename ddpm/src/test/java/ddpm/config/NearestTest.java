package ddpm.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    private static final List<String> KEYS = List.of("batch", "lr", "steps", "sample_every", "warmup_steps");

    @ParameterizedTest
    @CsvSource({
        "bach,batch",
        "Batch,batch",
        "btach,batch",
        "l,lr",
        "lR,lr",
        "step,steps",
        "sample_evrey,sample_every",
        "warmup,warmup_steps",
        "xyz,",
        "momentum,",
        "wa,"
    })
    void findsWhatWasMeant(String typed, String meant) {
        assertEquals(Optional.ofNullable(meant), Nearest.to(typed, KEYS));
    }

    @ParameterizedTest
    @CsvSource({"'','',0", "abc,abc,0", "abc,'',3", "kitten,sitting,3", "mnist,minst,1", "ab,ba,1"})
    void countsTypingErrors(String a, String b, int errors) {
        assertEquals(errors, Nearest.typingErrors(a, b));
        assertEquals(errors, Nearest.typingErrors(b, a));
    }

    @Test
    void hintsAtAllWhereNoneIsNear() {
        assertEquals("; known are ema and raw", Nearest.hint("averaged", List.of("ema", "raw")));
        assertEquals("; did you mean raw?", Nearest.hint("row", List.of("ema", "raw")));
    }
}
