package ddpm.model;

import ddpm.config.ImageSize;
import ddpm.config.Problems;
import ddpm.engine.nn.Parameters;

/** The shape of one kind of network, section {@code model} of a configuration; {@code kind} says which. */
public interface ModelConfig {
    /** Channels of an image, 1 or 3. */
    int imChannels();

    /** Height and width of an image. */
    ImageSize imSize();

    /** Channels of the result. */
    Integer outChannels();

    /** How many classes it knows, see {@link ClassCount}. */
    String classes();

    /** The same network for so many classes. */
    ModelConfig withClasses(String classes);

    /** Adds what is wrong to {@code problems}, whose section is that of the model. */
    void check(Problems problems);

    /** The same network for other images, with as many outputs for each of their channels. */
    ModelConfig forImages(int channels, ImageSize size);

    /**
     * The network.
     *
     * @param parameters still without any; the network makes its own there
     * @throws ddpm.UserError where the backend does not compute a network of that shape
     */
    Model create(Parameters parameters);
}
