package ddpm.engine.backend.cuda.driver;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.BackendException.Instead;

/**
 * What a status code of the driver, cuBLAS or cuDNN says.
 *
 * @param problem with the code
 * @param remedy empty where none is known
 * @param instead null where there is no such choice
 */
public record Reason(String problem, String remedy, Instead instead) {
    public static Reason of(String problem) {
        return of(problem, "");
    }

    public static Reason of(String problem, String remedy) {
        return new Reason(problem, remedy, null);
    }

    public Reason withCode(int status) {
        return new Reason(problem + " (status " + status + ")", remedy, instead);
    }

    /** @param what was done, beginning with {@code cuda: } */
    public BackendException exception(String what) {
        return new BackendException(what + ": " + problem, remedy, instead);
    }

    /** Problem and remedy. */
    @Override
    public String toString() {
        return remedy.isEmpty() ? problem : problem + "; " + remedy;
    }
}
