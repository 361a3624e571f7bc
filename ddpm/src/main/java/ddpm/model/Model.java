package ddpm.model;

import ddpm.diffusion.Denoiser;
import ddpm.engine.nn.Parameters;

/** A network: a denoiser with parameters that live until it is closed. */
public interface Model extends Denoiser, AutoCloseable {
    Parameters parameters();

    /** Gives the parameters' memory back. */
    @Override
    void close();
}
