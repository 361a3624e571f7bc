package ddpm.engine.backend.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Buffer;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Arguments against the signature in the PTX, without a GPU: a launch that does not fit goes nowhere. */
class LaunchTest {
    private static final String PTX =
            """
            .version 7.0
            .target sm_75
            .visible .entry group_norm_forward(
            	.param .u64 group_norm_forward_param_0,
            	.param .u64 .ptr .global .align 1 group_norm_forward_param_1,
            	.param .u32 group_norm_forward_param_2,
            	.param .u64 group_norm_forward_param_3,
            	.param .f32 group_norm_forward_param_4,
            	.param .align 8 .b8 group_norm_forward_param_5[40],
            	.param .u64 group_norm_forward_param_6
            )
            .maxntid 256, 1, 1
            {
            	ld.param.u64 	%rd1, [group_norm_forward_param_0];
            	ld.param.u64 	%rd2, [group_norm_forward_param_1];
            	ld.param.u64 	%rd3, [group_norm_forward_param_3];
            	cvta.to.global.u64 	%rd4, %rd1;
            	cvta.to.global.u64 	%rd5, %rd2;
            	ret;
            }
            .visible .entry nothing()
            {
            	ret;
            }
            """;

    private final KernelSignature signature = KernelSignature.parse(PTX).get("group_norm_forward");

    @Test
    void readsKindsAndPlacesFromThePtx() {
        assertEquals(
                List.of(
                        ArgKind.POINTER,
                        ArgKind.POINTER,
                        ArgKind.INT,
                        ArgKind.LONG,
                        ArgKind.FLOAT,
                        ArgKind.STRUCT,
                        ArgKind.LONG),
                signature.kinds());
        assertEquals(List.of(0, 8, 16, 24, 32, 40, 80), signature.offsets());
        assertEquals(88, signature.bytes());
        assertEquals(List.of(), KernelSignature.parse(PTX).get("nothing").kinds());
    }

    @Test
    void everyShippedKernelTakesWhatALaunchCanGive() {
        for (int capability : new int[] {75, 80}) {
            KernelCode code = KernelCode.shipped(capability, 12_000);
            assertTrue(code.names().size() > 5, code.ptx());
            for (String name : code.names()) {
                KernelSignature s = code.signature(name);
                assertTrue(!s.kinds().contains(ArgKind.SMALL) && !s.kinds().contains(ArgKind.DOUBLE), name);
                assertEquals(ArgKind.POINTER, s.kinds().get(0), name);
            }
        }
    }

    @Test
    void aLaunchThatDoesNotFitPrintsBothLists() {
        says(
                "cuda: kernel group_norm_forward takes [POINTER×2, INT, LONG, FLOAT, STRUCT, LONG], launched with"
                        + " [POINTER×2, INT×2, FLOAT, STRUCT, LONG]",
                start().arg((Buffer) null)
                        .arg((Buffer) null)
                        .arg(1)
                        .arg(2)
                        .arg(1f)
                        .arg(ByteBuffer.allocate(40))
                        .arg(3L));
        says(
                "cuda: kernel group_norm_forward takes [POINTER×2, INT, LONG, FLOAT, STRUCT, LONG], launched with"
                        + " [POINTER×2, INT]",
                start().arg((Buffer) null).arg((Buffer) null).arg(1));
        says( // a long where a float belongs, which Java would widen in silence
                "cuda: kernel group_norm_forward takes [POINTER×2, INT, LONG, FLOAT, STRUCT, LONG], launched with"
                        + " [POINTER×2, INT, LONG×2, STRUCT, LONG]",
                start().arg((Buffer) null)
                        .arg((Buffer) null)
                        .arg(1)
                        .arg(2L)
                        .arg(3L)
                        .arg(ByteBuffer.allocate(40))
                        .arg(3L));
        says( // one too many
                "cuda: kernel group_norm_forward takes [POINTER×2, INT, LONG, FLOAT, STRUCT, LONG], launched with"
                        + " [POINTER×2, INT, LONG, FLOAT, STRUCT, POINTER, INT]",
                start().arg((Buffer) null)
                        .arg((Buffer) null)
                        .arg(1)
                        .arg(2L)
                        .arg(3f)
                        .arg(ByteBuffer.allocate(40))
                        .arg((Buffer) null)
                        .arg(1));
    }

    @Test
    void refusesStructsGridsAndBlocksOfTheWrongSize() {
        BackendException struct = assertThrows(BackendException.class, () -> start().arg((Buffer) null)
                .arg((Buffer) null)
                .arg(1)
                .arg(2L)
                .arg(3f)
                .arg(ByteBuffer.allocate(48)));
        assertEquals(
                "cuda: kernel group_norm_forward takes a struct of 40 bytes as argument 5, launched with one of 48",
                struct.getMessage());
        BackendException grid = assertThrows(BackendException.class, () -> kernel().blocks(4, 65_536));
        assertEquals(
                "cuda: kernel group_norm_forward launched with 4 x 65536 blocks; at least 1 x 1, at most 2147483647 x"
                        + " 65535",
                grid.getMessage());
        says(
                "cuda: kernel group_norm_forward launched with 2048 threads per block; 1 to 1024",
                kernel().blocks(1)
                        .threads(2048)
                        .arg((Buffer) null)
                        .arg((Buffer) null)
                        .arg(1)
                        .arg(2L)
                        .arg(3f)
                        .arg(ByteBuffer.allocate(40))
                        .arg(3L));
    }

    private CudaKernel kernel() {
        return new CudaKernel(signature);
    }

    private Launch start() {
        return kernel().blocks(1).threads(32);
    }

    private static void says(String message, Launch launch) {
        assertEquals(message, assertThrows(BackendException.class, launch::run).getMessage());
    }
}
