package ddpm.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: the release, and the Java and system it runs on, as a report of a defect needs them. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String release = Main.class.getPackage().getImplementationVersion();
        return new String[] {
            "ddpm " + (release == null ? "(not from a jar)" : release),
            "Java " + System.getProperty("java.version") + ", " + System.getProperty("os.name") + " "
                    + System.getProperty("os.arch")
        };
    }
}
