/** The colour of the chip that stands for an amount. */
export const chipOf = (n: number): string =>
  n >= 1000 ? "1k" : n >= 500 ? "500" : n >= 100 ? "100" : n >= 25 ? "25" : n >= 5 ? "5" : "1";
