/**
 * Sum of the numbers and of what rounding took from it, so that `sum + rest` is the exact sum to about
 * twice a double's digits: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher
 * Summen", ZAMM 54 (1974), the variant of Kahan's summation that bears terms larger than the sum.
 */
export function compensatedSum(values: Iterable<number>): { readonly sum: number; readonly rest: number } {
  let sum = 0;
  let rest = 0;
  for (const value of values) {
    const next = sum + value;
    rest += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return { sum, rest };
}
