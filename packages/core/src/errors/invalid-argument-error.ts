import { CrystallizeError } from './crystallize-error.ts';

/** A function was called with something that it does not take. */
export class InvalidArgumentError extends CrystallizeError {
  constructor(message: string) {
    super('ARGUMENT_INVALID', message);
  }
}
