import type { StandardSchemaV1 } from '@standard-schema/spec';
import { CsvError, quoted } from './csv-error.ts';
import type { CsvSettings } from './csv-settings.ts';
import { missingColumn, type RowShape, type TextRow } from './row-shape.ts';

/** Checks rows against a Standard Schema and says in the file's terms what is wrong with one. */
export class RowSchema {
  readonly #schema: StandardSchemaV1;
  readonly #shape: RowShape;
  readonly #file: string;
  readonly #settings: CsvSettings;

  constructor(schema: StandardSchemaV1, shape: RowShape, file: string, settings: CsvSettings) {
    this.#schema = schema;
    this.#shape = shape;
    this.#file = file;
    this.#settings = settings;
  }

  /** The schema's output for a row; a promise only where the schema gives one. @throws CsvError `CSV_SCHEMA`. */
  check(row: TextRow, line: () => number): unknown {
    let result: StandardSchemaV1.Result<unknown> | Promise<StandardSchemaV1.Result<unknown>>;
    try {
      result = this.#schema['~standard'].validate(row);
    } catch (cause) {
      throw this.#threw(cause, line());
    }
    if (!(result instanceof Promise)) return this.#settle(result, row, line);
    return result.then(
      (settled) => this.#settle(settled, row, line),
      (cause: unknown) => {
        throw this.#threw(cause, line());
      },
    );
  }

  #settle(result: StandardSchemaV1.Result<unknown>, row: TextRow, line: () => number): unknown {
    if (result.issues) throw this.#refused(result.issues, row, line());
    return result.value;
  }

  #refused(issues: readonly StandardSchemaV1.Issue[], row: TextRow, line: number): CsvError {
    const file = this.#file;
    const named = issues.map((issue) => ({ key: keyOf(issue), message: issue.message }));
    // A column that is not there is wrong in every row: better said once and of the header.
    const absent = named.find(({ key }) => key !== undefined && !Object.hasOwn(row, key));
    if (absent?.key !== undefined) {
      const { header, keys } = this.#shape;
      const known = this.#settings.columns === undefined ? header : keys;
      return missingColumn(
        file,
        line,
        absent.key,
        known,
        this.#settings.delimiter,
        `the schema: ${absent.message}`,
      );
    }
    const [first] = named;
    const more =
      issues.length > 1 ? ` The row has ${issues.length - 1} more: ${others(named.slice(1))}.` : '';
    const message = (first?.message ?? 'the schema gave no reason').replace(/\.$/, '');
    if (first?.key === undefined) {
      const problem = `the row does not fit the schema: ${message}.${more} The row is ${quoted(JSON.stringify(row))}.`;
      return new CsvError('CSV_SCHEMA', { file, line }, problem);
    }
    const value = row[first.key] as string;
    const place = { file, line, column: first.key, columnNumber: this.#shape.columnNumber(first.key), value };
    const problem = `found ${quoted(value)}, which does not fit the schema: ${message}.${more} Mend the cell or the schema.`;
    return new CsvError('CSV_SCHEMA', place, problem);
  }

  #threw(cause: unknown, line: number): CsvError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const problem = `the schema threw instead of reporting an issue: ${reason}`;
    return new CsvError('CSV_SCHEMA', { file: this.#file, line }, problem, { cause });
  }
}

function keyOf({ path }: StandardSchemaV1.Issue): string | undefined {
  const first = path?.[0];
  if (first === undefined) return undefined;
  return String(typeof first === 'object' ? first.key : first);
}

function others(issues: readonly { readonly key: string | undefined; readonly message: string }[]): string {
  const list = issues
    .slice(0, 3)
    .map(({ key, message }) => (key === undefined ? message : `'${key}': ${message}`));
  return list.join('; ') + (issues.length > 3 ? '; …' : '');
}

/** The output for a row that has passed before, made anew. */
export function recheck(schema: StandardSchemaV1 | undefined, row: TextRow): unknown {
  const result = schema?.['~standard'].validate({ ...row });
  return result instanceof Promise ? result.then(outputOf) : result && outputOf(result);
}

function outputOf(result: StandardSchemaV1.Result<unknown>): unknown {
  if (!result.issues) return result.value;
  const reasons = result.issues.map(({ message }) => message).join('; ');
  throw new CsvError(
    'CSV_SCHEMA',
    { file: 'CSV row' },
    `the schema took this row at first and refuses it now: ${reasons}.`,
  );
}
