/** @internal What is known of the other experiments of a graph when one of them is resumed. */
export interface GraphSurroundings {
  /** Only to explain: whether a cell of an upstream experiment will have run again by then. */
  readonly runsAgain?: (cell: {
    readonly experiment: string;
    readonly replicate: number;
    readonly condition: string;
  }) => boolean;
}
