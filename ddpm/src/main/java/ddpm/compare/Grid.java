package ddpm.compare;

import ddpm.picture.Drawn;

/**
 * What a run drew.
 *
 * @param drawn null where it could draw nothing
 * @param remark how it was drawn, or why not
 */
record Grid(Drawn drawn, String remark) {}
