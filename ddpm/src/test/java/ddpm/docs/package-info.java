/** Tests that hold the documents against the code they speak of. */
package ddpm.docs;
