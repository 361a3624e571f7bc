/** The tensor engine. */
package ddpm.engine;
