/** How the program ends: done, bad arguments or input, unexpected. */
export const DONE = 0
export const BAD_INPUT = 2
export const UNEXPECTED = 3
