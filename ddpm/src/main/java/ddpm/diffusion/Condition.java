package ddpm.diffusion;

/** What a network is told about the images beside their noise. Nothing, so far. */
public record Condition() {
    public static final Condition NONE = new Condition();
}
