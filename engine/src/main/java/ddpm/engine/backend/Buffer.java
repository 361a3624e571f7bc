package ddpm.engine.backend;

/** A piece of a backend's memory. Only the backend that made it can read it. */
public interface Buffer {
    /** Usable size in bytes; at least what was asked for. */
    long bytes();
}
