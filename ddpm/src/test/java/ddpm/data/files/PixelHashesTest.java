package ddpm.data.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.data.Pixels;
import ddpm.disk.Checksum;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every kind of file that the first version read keeps its pixels, bit for bit: a run that is resumed shall not find
 * other images. The hashes are that version's.
 */
class PixelHashesTest {
    @ParameterizedTest
    @CsvSource({
        "rgb.png,bef68dc49223bfe24f4c7b35",
        "g.png,7a6ca569368b5ccd0fe24b42",
        "rgba.png,b245e8a7c5132bc4ad327c09",
        "la.png,f9404867ac803449b7d0cb46",
        "p.png,cb0bad99665b3613713f4c46",
        "1.png,66cec4c104024b694f65eeda",
        "p2.png,054090a10dd7040a0f558b2e",
        "p4.png,cd668cb8a5cc0394a5221803",
        "g16.png,600a5208b408123da858b2f1",
        "rgbtrns.png,7e437496a0778b28adc52da9",
        "gtrns.png,26439f3e7205ecf1e189a1f0",
        "ptrns.png,43750d9f801723630969394f",
        "icc_srgb.png,bef68dc49223bfe24f4c7b35",
        "interlaced.png,bef68dc49223bfe24f4c7b35",
        "b.jpg,16dd05ff6f3b544063bd2066",
        "b444.jpg,85eaacef39e87ae995e88ed5",
        "prog.jpg,16dd05ff6f3b544063bd2066",
        "g.jpg,00337b8b7ae321df90743130",
        "gprog.jpg,545e8fb143747d6367e5068d",
        "keeprgb.jpg,b3f207b169313b786f51b19c",
        "opt.jpg,a3657afcab570664b479464b",
        "progressive-whole.jpg,2b84d8e1e5222ae1a6426ec3",
        "a.gif,0ba4fdd251d761b3569e9d57",
        "i.gif,0ba4fdd251d761b3569e9d57",
        "g.gif,11b642364449eec4a25bc822",
        "anim.gif,0ba4fdd251d761b3569e9d57",
        "rgb.bmp,bef68dc49223bfe24f4c7b35",
        "g.bmp,7a6ca569368b5ccd0fe24b42",
        "1.bmp,66cec4c104024b694f65eeda",
        "p.bmp,cd668cb8a5cc0394a5221803",
        "rgba.bmp,bef68dc49223bfe24f4c7b35"
    })
    void samePixelsAsEver(String name, String hash) {
        Pixels image = SampleFiles.decode(SampleFiles.file(name));
        MessageDigest sha = Checksum.sha256();
        String size = image.height() + "x" + image.width() + "x" + image.channels();
        sha.update(size.getBytes(StandardCharsets.US_ASCII));
        sha.update(image.data());
        assertEquals(hash, HexFormat.of().formatHex(sha.digest()).substring(0, hash.length()));
    }
}
