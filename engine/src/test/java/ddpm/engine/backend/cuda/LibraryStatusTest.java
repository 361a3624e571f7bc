package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.BackendException;
import org.junit.jupiter.api.Test;

/** What cuBLAS and cuDNN 9 return, as sentences. */
class LibraryStatusTest {
    @Test
    void successIsSilent() {
        assertDoesNotThrow(() -> CudnnStatus.check(0, "x"));
        assertDoesNotThrow(() -> CublasStatus.check(0, "x"));
    }

    @Test
    void aSentenceSaysWhatWasDoneAndWhy() {
        BackendException e =
                assertThrows(BackendException.class, () -> CudnnStatus.check(3005, () -> "convolution of x"));
        assertEquals(
                "cuda: cuDNN: convolution of x: the driver is too old for this cuDNN; update the driver (status 3005)",
                e.getMessage());
        e = assertThrows(BackendException.class, () -> CublasStatus.check(15, "matmul"));
        assertEquals("cuda: cuBLAS: matmul: not supported by this cuBLAS on this GPU (status 15)", e.getMessage());
    }

    /** cuDNN adds reasons from version to version; their kind is in the thousands. */
    @Test
    void unknownReasonsAreDescribedByTheirKind() {
        assertEquals("not supported by this cuDNN on this GPU (status 3777)", CudnnStatus.sentence(3777));
        assertEquals("internal error of cuDNN (status 4999)", CudnnStatus.sentence(4999));
        assertEquals(
                "the GPU failed; what ran before on it may be the reason (status 5003)", CudnnStatus.sentence(5003));
        assertEquals("an argument is wrong; please report (status 2042)", CudnnStatus.sentence(2042));
        assertEquals("not ready (status 1042)", CudnnStatus.sentence(1042));
        assertEquals("status 9", CudnnStatus.sentence(9));
        assertEquals("status 99", CublasStatus.sentence(99));
    }

    @Test
    void notSupportedIsAKind() {
        assertTrue(CudnnStatus.isNotSupported(3000));
        assertTrue(CudnnStatus.isNotSupported(3012));
        assertFalse(CudnnStatus.isNotSupported(0));
        assertFalse(CudnnStatus.isNotSupported(9), "which was cuDNN 8's number for it");
        assertFalse(CudnnStatus.isNotSupported(4000));
    }
}
