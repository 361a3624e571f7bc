// any random number of a run, without the ones before it
import ddpm.diffusion.Streams;
import ddpm.engine.random.*;
int[] words = new int[4];
Philox.block(0, 0, 0, 0, 0, 0, words);
System.out.printf("all zero: %08x %08x %08x %08x%n", words[0], words[1], words[2], words[3]);
float[] row = new float[8];
Normals.fill(7, Streams.REVERSE, 2, 500, row, 0, 8); // seed 7, image 2, timestep 500
System.out.printf("noise of image 2 at t=500: %.4f %.4f %.4f ...%n", row[0], row[1], row[2]);
System.out.printf("training noise, same row and step: ");
Normals.fill(7, Streams.TRAINING_NOISE, 2, 500, row, 0, 8);
System.out.printf("%.4f %.4f %.4f ...%n", row[0], row[1], row[2]);
var order = new Permutation(60_000, 7, 3);
System.out.printf("epoch 3 shows images %d, %d, %d, ... and at position 40000 number %d%n",
        order.at(0), order.at(1), order.at(2), order.at(40_000));
/exit
