/** What tests of the application share: the devices they run on and the reference's golden vectors. */
package ddpm.testing;
