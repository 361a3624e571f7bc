package ddpm.data;

/**
 * A gzip file that a mirror serves, and what it must hold.
 *
 * @param name          file name, with .gz
 * @param unpackedBytes of the content
 * @param sha256        of the content, hex: packing differs between mirrors, the content must not
 */
public record RemoteFile(String name, long unpackedBytes, String sha256) {}
