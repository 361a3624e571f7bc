package ddpm.picture;

import ddpm.disk.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes an animation that repeats for ever. Grey frames keep their values; colours are reduced to 256 a frame. */
public final class GifWriter {
    private static final String FORMAT = "javax_imageio_gif_image_1.0";

    private GifWriter() {}

    /**
     * Writes {@code frames}, all of one size.
     *
     * @param delayMs per frame, in steps of 10 ms and at least 20: browsers slow shorter ones down to 100
     * @param restMs the same of the last frame, before the first comes again
     * @throws ddpm.DataException the file cannot be written
     */
    public static void write(Path file, List<BufferedImage> frames, int delayMs, int restMs) {
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("gif: no frames; give at least one");
        }
        BufferedImage first = frames.get(0);
        for (BufferedImage f : frames) {
            if (f.getWidth() != first.getWidth() || f.getHeight() != first.getHeight()) {
                throw new IllegalArgumentException("gif: a frame is " + f.getWidth() + "x" + f.getHeight()
                        + ", the first " + first.getWidth() + "x" + first.getHeight() + "; all must have one size");
            }
        }
        AtomicFile.write(file, bytes -> encode(bytes, frames, centiseconds(delayMs), centiseconds(restMs)));
    }

    private static int centiseconds(int milliseconds) {
        return Math.max(2, Math.round(milliseconds / 10f));
    }

    private static void encode(OutputStream bytes, List<BufferedImage> frames, int delay, int rest) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (var out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            for (int i = 0; i < frames.size(); i++) {
                BufferedImage frame = frames.get(i);
                IIOMetadata metadata =
                        writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(frame), null);
                animate(metadata, i == frames.size() - 1 ? rest : delay, i == 0);
                writer.writeToSequence(new IIOImage(frame, null, metadata), null);
            }
            writer.endWriteSequence();
        } finally {
            writer.dispose();
        }
    }

    private static void animate(IIOMetadata metadata, int centiseconds, boolean first) throws IOException {
        IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(FORMAT);
        IIOMetadataNode control = child(root, "GraphicControlExtension");
        control.setAttribute("disposalMethod", "none");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "FALSE");
        control.setAttribute("transparentColorIndex", "0");
        control.setAttribute("delayTime", Integer.toString(centiseconds));
        IIOMetadataNode table = child(root, "LocalColorTable");
        root.removeChild(table); // a default palette, which would win over the one that the image has
        if (first) {
            IIOMetadataNode loop = new IIOMetadataNode("ApplicationExtension");
            loop.setAttribute("applicationID", "NETSCAPE");
            loop.setAttribute("authenticationCode", "2.0");
            loop.setUserObject(new byte[] {1, 0, 0}); // sub-block 1: repeat 0 times = for ever
            child(root, "ApplicationExtensions").appendChild(loop);
            IIOMetadataNode note = new IIOMetadataNode("CommentExtension");
            note.setAttribute("value", OwnPictures.COMMENT);
            child(root, "CommentExtensions").appendChild(note);
        }
        metadata.setFromTree(FORMAT, root);
    }

    private static IIOMetadataNode child(IIOMetadataNode root, String name) {
        for (int i = 0; i < root.getLength(); i++) {
            if (root.item(i).getNodeName().equals(name)) {
                return (IIOMetadataNode) root.item(i);
            }
        }
        IIOMetadataNode added = new IIOMetadataNode(name);
        root.appendChild(added);
        return added;
    }
}
