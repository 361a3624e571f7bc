/** The tensor engine. */
package ddpm.bench;
