/**
 * What a check script has found. Each claim is printed as it is judged; `end` says how many held and
 * sets the exit code, so that every fault is reported in one go.
 */
export class Checklist {
  #held = 0;
  #broken = 0;

  /** Judges a claim, such as "the tarball has a README"; `found` says what there is instead. */
  claim(holds: boolean, claim: string, found?: string): void {
    if (holds) {
      this.#held += 1;
      console.log(`  ok    ${claim}`);
    } else {
      this.#broken += 1;
      console.log(`  FAIL  ${claim}${found ? `\n${found.replace(/^/gm, '        ')}` : ''}`);
    }
  }

  /** Judges something that throws when it does not hold. */
  async attempt(claim: string, action: () => void | Promise<void>): Promise<void> {
    try {
      await action();
      this.claim(true, claim);
    } catch (error) {
      this.claim(false, claim, error instanceof Error ? error.message : String(error));
    }
  }

  /** Names what the next claims are about. */
  heading(text: string): void {
    console.log(`\n${text}`);
  }

  /** The last line, and the exit code. */
  end(): void {
    console.log(`\n${this.#held} held, ${this.#broken} did not`);
    if (this.#broken > 0 || this.#held === 0) process.exitCode = 1;
  }
}
