package ddpm.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class TrajectoryTest {
    @Test
    void momentsAreEvenlySpacedFromTheFirstStepToTheResult() {
        assertArrayEquals(new int[] {0, 10, 20, 30, 40, 50}, Trajectory.moments(50, 6));
        assertArrayEquals(new int[] {0, 33, 67, 100}, Trajectory.moments(100, 4));
        assertArrayEquals(new int[] {0, 1, 2, 3}, Trajectory.moments(3, 11), "no more than there are");
        assertArrayEquals(new int[] {0, 1}, Trajectory.moments(1, 11));
    }
}
