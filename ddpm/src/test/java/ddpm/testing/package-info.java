/** What tests of the application share: the devices they run on, a machine without a network, and the reference's golden vectors. */
package ddpm.testing;
