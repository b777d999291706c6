/** In a program: the plain data that {@link runProgram} gave it. */
export function programArgs<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

/** In a program: prints the figures, as the last thing it does. */
export function printFigures(figures: Readonly<Record<string, number>>): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

/** In a program: the largest resident set that the process has had so far, in KiB. */
export function peakMemoryKib(): number {
  return process.resourceUsage().maxRSS;
}
