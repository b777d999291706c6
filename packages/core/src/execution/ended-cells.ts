import { CellFailedError } from '../errors/run-errors.ts';
import type { CellRecord } from '../plugin/records.ts';
import type { ActiveRun } from './active-run.ts';
import type { CellRunner } from './cell-runner.ts';
import type { CommitListener } from './commit-queue.ts';
import type { UnreadKeys } from './unread-keys.ts';

/** @internal What a run remembers of its committed cells beside their values. */
export class EndedCells implements CommitListener {
  readonly #run: ActiveRun;
  readonly #runner: CellRunner;
  readonly #failFast: boolean;
  readonly #onCell: CommitListener['committed'] | undefined;
  readonly #unread: UnreadKeys;
  readonly #errors: CellFailedError[] = [];

  constructor(
    run: ActiveRun,
    runner: CellRunner,
    failFast: boolean,
    onCell: CommitListener['committed'] | undefined,
    unread: UnreadKeys,
  ) {
    this.#run = run;
    this.#runner = runner;
    this.#failFast = failFast;
    this.#onCell = onCell;
    this.#unread = unread;
  }

  committed(record: CellRecord): void | Promise<void> {
    this.#unread.note(record);
    if (record.error) {
      const cause = this.#runner.thrown(record.error);
      const error = new CellFailedError(
        record,
        record.failedStep ?? 'datasource',
        cause,
        record.error.message,
      );
      this.#errors.push(error);
      if (this.#failFast) this.#run.stop(error);
    }
    return this.#onCell?.(record);
  }

  get failed(): boolean {
    return this.#errors.length > 0;
  }

  /** Of the cells that failed, by replicate, then condition. */
  errors(): readonly CellFailedError[] {
    const { conditions } = this.#run;
    return this.#errors.sort(
      (a, b) =>
        a.replicate - b.replicate || conditions.indexOf(a.condition) - conditions.indexOf(b.condition),
    );
  }

  warnOfUnreadKeys(): void {
    this.#unread.warn(this.#run);
  }
}
