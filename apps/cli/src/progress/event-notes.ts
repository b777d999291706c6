import { inspect } from 'node:util';
import type { CellSpec, ExperimentInfo, RunEvent } from '@crystallize/core';
import type { Paint } from '../text/paint.ts';
import { plainLine, plainText } from '../text/plain-text.ts';
import { cut } from '../text/width.ts';

/** Different failures that are told while the run goes on; the summary has them all. */
const MOST_FAILURES = 20;
/** Columns of an error's message while the run goes on. */
const LONGEST_MESSAGE = 240;

/** What is worth a line of its own while a run goes on: log lines, warnings, and failures of a new kind. */
export class EventNotes {
  readonly #paint: Paint;
  readonly #verbose: boolean;
  readonly #named: boolean;
  readonly #failures = new Set<string>();

  /**
   * @param options `named`: whether lines name their experiment; `verbose`: whether debug lines, events
   * and artifacts are told as well.
   */
  constructor(paint: Paint, options: { readonly named: boolean; readonly verbose: boolean }) {
    this.#paint = paint;
    this.#named = options.named;
    this.#verbose = options.verbose;
  }

  /** The line for an event; `undefined` for most. It may have several lines where the user's text has. */
  of(event: RunEvent, experiment: ExperimentInfo): string | undefined {
    const prefix = this.#named ? `${this.#paint('faint', plainLine(experiment.directory))} ` : '';
    const text = this.#text(event);
    return text === undefined ? undefined : prefix + text;
  }

  #text(event: RunEvent): string | undefined {
    const paint = this.#paint;
    switch (event.type) {
      case 'log': {
        if (event.level === 'debug' && !this.#verbose) return undefined;
        const data =
          event.data === undefined
            ? ''
            : ` ${inspect(event.data, { depth: 4, breakLength: Number.POSITIVE_INFINITY })}`;
        const level = event.level === 'info' ? '' : `${event.level}: `;
        const tone = event.level === 'error' ? 'bad' : 'warning';
        const message = plainText(`${event.message}${data}`);
        return `${this.#where(event.cell, event.step)}${level === '' ? '' : paint(tone, level)}${message}`;
      }
      case 'warning':
        return `${paint('warning', 'warning:')} ${plainText(event.message)}`;
      case 'cell:end':
        return this.#failure(event.cell);
      case 'custom':
        if (!this.#verbose) return undefined;
        return `${this.#where(event.cell, event.step)}${plainText(`${event.name} ${inspect(event.payload)}`)}`;
      case 'artifact:written':
        if (!this.#verbose) return undefined;
        return `${this.#where(event.cell, event.artifact.step)}wrote ${plainLine(event.artifact.name)}, ${event.artifact.size} bytes`;
      default:
        return undefined;
    }
  }

  #failure(cell: Extract<RunEvent, { type: 'cell:end' }>['cell']): string | undefined {
    if (!cell.error || this.#failures.size >= MOST_FAILURES) return undefined;
    const step = cell.failedStep ?? 'datasource';
    const kind = `${step}: ${cell.error.message}`;
    if (this.#failures.has(kind)) return undefined;
    this.#failures.add(kind);
    return `${this.#paint('bad', 'failed:')} ${this.#where(cell, step)}${cut(plainLine(cell.error.message), LONGEST_MESSAGE)}`;
  }

  #where(cell: CellSpec | undefined, step: string | undefined): string {
    if (!cell) return '';
    const place = `${cell.condition} #${cell.replicate}${step === undefined ? '' : ` ${step}`}`;
    return `${this.#paint('faint', `[${plainLine(place)}]`)} `;
  }
}
