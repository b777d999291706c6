import type { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { failureOf } from './request-failure.ts';

/**
 * Has a command sent once, whatever the client's attempts are: between two of them more may have happened
 * than its sender knows of.
 */
export function sendOnce(command: DeleteObjectCommand): void {
  let failure: Error | undefined;
  command.middlewareStack.add(
    (next) => async (request) => {
      if (failure) throw failure;
      try {
        return await next(request);
      } catch (error) {
        const { code, message } = failureOf(error);
        // By this name it is none of the errors that the client tries again.
        failure = Object.assign(new Error(message), { name: 'NotSentAgain', Code: code });
        throw error;
      }
    },
    // After the middleware that tries again, which comes early in its step.
    { step: 'finalizeRequest', priority: 'low', name: 'sendOnce' },
  );
}
