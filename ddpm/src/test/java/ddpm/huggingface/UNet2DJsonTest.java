package ddpm.huggingface;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.model.unet2d.UNet2DConfig;
import ddpm.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UNet2DJsonTest {
    private static final String FILE = "x/config.json";

    private static ObjectNode json(String text) throws IOException {
        return (ObjectNode) new ObjectMapper().readTree(text.replace('\'', '"'));
    }

    /** A config.json that diffusers wrote, read and written: the same bytes but for the version. */
    @ParameterizedTest
    @ValueSource(strings = {"ddpm_layout.json", "class_scale_shift.json"})
    void whatDiffusersWroteIsWrittenAgain(String file) throws IOException {
        Path given = Golden.folder("unet2d").resolve(file);
        String text = Files.readString(given);
        JsonNode read = new ObjectMapper().readTree(text);
        UNet2DConfig config = UNet2DJson.read(FILE, read);
        String version = read.path("_diffusers_version").asText();
        assertEquals(text.replace(version, UNet2DJson.VERSION), PythonJson.text(UNet2DJson.write(config)));
    }

    @Test
    void whatIsNotNamedIsAsInDiffusers() throws IOException {
        UNet2DConfig config = UNet2DJson.read(FILE, json("{'sample_size': [64, 32]}"));
        assertEquals(new ImageSize(64, 32), config.imSize());
        assertEquals(List.of(224, 448, 672, 896), config.blockOutChannels());
        assertEquals("AttnUpBlock2D", config.upBlockTypes().get(0));
        assertEquals("UpBlock2D", config.upBlockTypes().get(3));
        assertEquals(8, config.attentionHeadDim());
        assertEquals(config, UNet2DJson.read(FILE, UNet2DJson.write(config)));
        // training alone drops out
        assertEquals(
                config, UNet2DJson.read(FILE, json("{'sample_size': [64, 32], 'dropout': 0.1, 'act_fn': 'swish'}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'sample_size': 32, 'act_fn': 'gelu'} | act_fn=gelu is not known here; known is silu or swish",
                "{'sample_size': 32, 'center_input_sample': true} | center_input_sample=true is not known here",
                "{'sample_size': 32, 'time_embedding_type': 'fourier'} | time_embedding_type=fourier",
                "{'sample_size': 32, 'class_embed_type': 'timestep'} | class_embed_type=timestep",
                "{'sample_size': 32, 'downsample_type': 'resnet'} | downsample_type=resnet",
                "{'sample_size': 32, 'mid_block_type': null} | mid_block_type=null",
                "{'sample_size': null} | sample_size: expected a number of pixels such as 32, got null",
                "{} | sample_size: expected a number of pixels such as 32, got none",
                "{'sample_size': 32, 'cross_attention_dim': 768} | not known here: cross_attention_dim=768",
                "{'sample_size': 32, 'norm_num_groups': 30} | groups=30 does not divide C=224",
                "{'sample_size': 32, 'in_channels': 4} | must be 1 (grey) or 3 (RGB), got 4 (from x/config.json)",
                "{'sample_size': 32, 'down_block_types': ['SkipDownBlock2D', 'DownBlock2D', 'DownBlock2D', 'DownBlock2D']} | there is no block \"SkipDownBlock2D\"",
                "{'sample_size': 32, 'layers_per_block': 1.5} | layers_per_block: expected a whole number, got 1.5",
                "{'sample_size': 32, 'block_out_channels': 64} | block_out_channels: expected a list, got 64"
            })
    void whatIsNotOursIsRefusedByName(String text, String part) {
        UserError e = assertThrows(UserError.class, () -> UNet2DJson.read(FILE, json(text)));
        assertTrue(e.getMessage().contains(FILE), e.getMessage());
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
