package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.cuda.driver.Reason;
import ddpm.engine.backend.cuda.nvidia.CublasStatus;
import ddpm.engine.backend.cuda.nvidia.CudnnStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
                "cuda: cuDNN: convolution of x: the driver is too old for this cuDNN (status 3005); update the driver",
                e.getMessage());
        e = assertThrows(BackendException.class, () -> CublasStatus.check(15, "matmul"));
        assertEquals("cuda: cuBLAS: matmul: not supported by this cuBLAS on this GPU (status 15)", e.getMessage());
    }

    /** cuDNN adds reasons from version to version; their kind is in the thousands. */
    @Test
    void unknownReasonsAreDescribedByTheirKind() {
        assertEquals(
                "not supported by this cuDNN on this GPU (status 3777)",
                CudnnStatus.reason(3777).toString());
        assertEquals(
                "internal error of cuDNN (status 4999)",
                CudnnStatus.reason(4999).toString());
        assertEquals(
                "the GPU failed (status 5003); what ran before on it may be the reason",
                CudnnStatus.reason(5003).toString());
        assertEquals(
                "an argument is wrong (status 2042); please report",
                CudnnStatus.reason(2042).toString());
        assertEquals("not ready (status 1042)", CudnnStatus.reason(1042).toString());
        assertEquals("status 9", CudnnStatus.reason(9).toString());
        assertEquals("status 99", CublasStatus.reason(99).toString());
    }

    /** Every status of the headers of cuDNN 9.24: a sentence of its own, or where nothing more can be done, that of its kind. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            1001 | not initialised; the driver may be too old
            1002 | different versions are installed; install one version
            1003 | stored by another version of cuDNN; please report
            1004 | dropped the call; install an older cuDNN 9
            1005 | licence of this cuDNN does not allow it; install
            1006 | still running
            1007 | too large for the arithmetic
            1008 | cannot be loaded; install all of cuDNN 9
            2000 | an argument is wrong; please report
            2001 | an argument is wrong; please report
            2002 | null pointer was passed; please report
            2003 | not aligned; please report
            2004 | an argument is wrong; please report
            2005 | out of bounds; please report
            2006 | workspace is too small; please report
            2007 | an argument is wrong; please report
            2008 | shapes do not fit together; please report
            2009 | an argument is wrong; please report
            2010 | an argument is wrong; please report
            2011 | an argument is wrong; please report
            2012 | an argument is wrong; please report
            3000 | not supported by this cuDNN on this GPU
            3001 | not supported by this cuDNN on this GPU
            3002 | this shape is not supported
            3003 | this data type is not supported
            3004 | this layout is not supported
            3005 | the driver is too old for this cuDNN; update the driver
            3006 | does not fit this cuDNN; install the cuDNN of your CUDA version
            3007 | does not support this GPU any more or not yet; install another cuDNN 9
            3008 | is missing; install all of CUDA's runtime libraries
            3009 | is missing; install all of cuDNN 9
            3010 | too little shared memory
            3011 | this padding is not supported
            3012 | not supported by this cuDNN on this GPU
            3013 | not supported by this cuDNN on this GPU
            3014 | not supported by this cuDNN on this GPU
            4000 | internal error of cuDNN
            4001 | could not compile a kernel; install NVRTC of the same CUDA
            4002 | internal error of cuDNN
            4003 | no memory left on the host; close other programs
            4004 | out of memory on the GPU; use a smaller batch
            4005 | internal error of cuDNN
            4006 | internal error of cuDNN
            5000 | the GPU failed
            5001 | the GPU failed
            5002 | the GPU failed
            5003 | the GPU failed
            5004 | the GPU failed
            """)
    void everyStatusOfCudnnIsOneSentence(int status, String part) {
        Reason reason = CudnnStatus.reason(status);
        String sentence = reason.toString();
        String code = " (status " + status + ")";
        assertTrue(reason.problem().endsWith(code), sentence);
        assertTrue(sentence.replace(code, "").contains(part), sentence);
        assertFalse(sentence.contains("\n") || sentence.contains(". "), sentence);
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
