/** Sessions that are opened before memory is measured the first time. */
export const warmUp = 300;
