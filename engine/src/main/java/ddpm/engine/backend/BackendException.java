package ddpm.engine.backend;

import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A backend cannot be used or cannot do what was asked: the problem and, apart from it, the remedy. The message has both. A
 * program whose user makes the choice of {@link Instead} by an option says which by {@link #sentence}.
 */
public class BackendException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What may be chosen instead of what met the problem. */
    public enum Instead {
        CPU("compute on the CPU"),
        FP32("compute in fp32"),
        /** Steps that are not recorded, see {@link Recorder}. */
        NO_GRAPHS("compute without graphs");

        private final String words;

        Instead(String words) {
            this.words = words;
        }

        /** For somebody who reads code: what to do. */
        public String words() {
            return words;
        }
    }

    private final String problem;
    private final String remedy;
    private final Instead instead;

    /** One that only a change of the calling code remedies. */
    public BackendException(String problem) {
        this(problem, "");
    }

    public BackendException(String problem, String remedy) {
        this(problem, remedy, null);
    }

    /** @param remedy empty where {@code instead} is the only one @param instead null where there is no such choice */
    public BackendException(String problem, String remedy, Instead instead) {
        this(problem, remedy, instead, null);
    }

    public BackendException(String problem, String remedy, Instead instead, Throwable cause) {
        super(null, cause);
        this.problem = problem;
        this.remedy = remedy;
        this.instead = instead;
    }

    /** What disagrees, beginning with the backend's name. */
    public String problem() {
        return problem;
    }

    /** What to do about it; empty where nothing is known, or only {@link #instead}. */
    public String remedy() {
        return remedy;
    }

    public Optional<Instead> instead() {
        return Optional.ofNullable(instead);
    }

    /** Problem and remedy in one sentence. @param words for a choice; empty to leave it out */
    public String sentence(Function<Instead, String> words) {
        String todo = Stream.of(remedy, instead().map(words).orElse(""))
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(", or "));
        return todo.isEmpty() ? problem : problem + "; " + todo;
    }

    @Override
    public String getMessage() {
        return sentence(Instead::words);
    }
}
