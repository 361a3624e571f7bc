package ddpm.evaluate;

import ddpm.evaluate.network.FeatureFile;

/**
 * The network that makes features.
 *
 * @param text where it is from, for the user
 * @param learned from labels; otherwise it is random, and without classes
 */
record Judge(FeatureFile file, String text, boolean learned) implements AutoCloseable {
    @Override
    public void close() {
        file.close();
    }
}
