/** The one list of networks, {@link ddpm.model.list.Models#ALL}; above them, because it names each. Nothing else is here. */
package ddpm.model.list;
