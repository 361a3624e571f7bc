/** What tests of the application share: a machine without a network, and the reference's golden vectors. */
package ddpm.testing;
