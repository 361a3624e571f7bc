/** Mutation evidence for the kernels: which planted mistakes the tests notice. Started by kernels/mutation.sh. */
package ddpm.engine.testing.mutation;
