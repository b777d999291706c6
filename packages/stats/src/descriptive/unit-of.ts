/**
 * A power of two to divide numbers by, where their squares would overflow or vanish; 1 for all others.
 * Such a division costs no digit.
 *
 * @param size The largest absolute value.
 */
export function unitOf(size: number): number {
  if (size === 0 || (size > 1e-100 && size < 1e100)) return 1;
  // One bit larger, so that also the difference of two such numbers is in range.
  return 2 ** Math.min(Math.floor(Math.log2(size)) + 1, 1023);
}
