/** A claim about a figure that a benchmark checks. */
export interface Target {
  /** What is claimed, with the limit: `≤ 10 µs per cell at 1,000 replicates`. */
  readonly claim: string;
  /** What was measured. */
  readonly measured: number;
  /** The most that the claim allows. */
  readonly limit: number;
  readonly unit?: string;
}

/** What one benchmark has to say. */
export interface Report {
  readonly title: string;
  /** What was done, and what it is compared with. */
  readonly method: string;
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
}

/** Rows under column headings. */
export interface Table {
  readonly caption?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
