import { count, grouped } from '../../text/count.ts';
import { duration } from '../../text/duration.ts';
import { plainLine, plainText } from '../../text/plain-text.ts';
import type { QueueCell, QueueWorkerEvent } from './queue-package.ts';

/** How much a worker has done, and what it is doing. */
export class WorkerState {
  // A list, since cells of two runs of one experiment are called the same.
  readonly #underWay: QueueCell[] = [];
  readonly #ended = { done: 0, failed: 0, aborted: 0 };
  #ready = false;

  /** Cells under way, the one that was started last at the end. */
  get underWay(): readonly QueueCell[] {
    return this.#underWay;
  }

  take(event: QueueWorkerEvent): void {
    if (event.type === 'ready') this.#ready = true;
    else if (event.type === 'cell:start') this.#underWay.push(event);
    else if (event.type === 'cell:end') {
      const index = this.#underWay.findIndex((cell) => cellName(cell) === cellName(event));
      if (index >= 0) this.#underWay.splice(index, 1);
      this.#ended[statusOf(event.status)]++;
    }
  }

  /** All of it in one line. */
  line(stopping: boolean): string {
    const { done, failed, aborted } = this.#ended;
    const cells = this.underWay;
    const last = cells.at(-1);
    const others = cells.length > 1 ? ` (${count(cells.length, 'cell')} under way)` : '';
    const idle = this.#ready ? 'waiting for cells' : 'connecting';
    return [
      ...(stopping ? ['stopping'] : []),
      `${grouped(done)} done`,
      ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
      ...(aborted > 0 ? [`${grouped(aborted)} given up`] : []),
      last ? cellName(last) + others : stopping ? 'closing' : idle,
    ].join('  ');
  }
}

/** What is told of an event; with `everything`, of cells that are done as well. */
export function eventLine(event: QueueWorkerEvent, everything: boolean): string | undefined {
  switch (event.type) {
    case 'ready':
      return everything
        ? `crystallize: waiting for cells of the queue '${plainLine(event.queue)}', ${count(event.concurrency, 'cell')} at a time`
        : undefined;
    case 'cell:end': {
      const status = statusOf(event.status);
      if (status === 'done' && !everything) return undefined;
      const word = status === 'aborted' ? 'given up' : status;
      const took = event.duration === undefined ? '' : ` in ${duration(event.duration)}`;
      const why = event.error === undefined ? '' : `: ${plainLine(event.error)}`;
      return `${cellName(event)} ${word}${took}${why}`;
    }
    case 'refused':
      return `crystallize: '${plainLine(event.experiment)}' is refused: ${plainText(event.reason)}`;
    case 'warning':
      return `crystallize: warning: ${plainText(event.message)}`;
    default:
      return undefined;
  }
}

function statusOf(status: string | undefined): 'done' | 'failed' | 'aborted' {
  return status === 'done' || status === 'failed' ? status : 'aborted';
}

/** A cell as it is named in a line. */
export function cellName({ experiment, condition, replicate }: QueueCell): string {
  return plainLine(`${experiment} ${condition} #${replicate}`);
}
