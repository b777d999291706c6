/** Stands where a value was that could not come from one process to another, or to disk. */
export class UncarriedValue {
  /** Why, as a sentence. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}
