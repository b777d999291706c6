/** How long something of the user's may keep the process alive after the command has ended. */
const LINGER_MS = 300;

type Write = typeof process.stdout.write;

/**
 * Sends everything that is written to standard output to standard error, for as long as the process
 * lives: what the user's code prints must not get into a document. Returns how to write the document.
 */
export function reserveStdout(): (text: string) => void {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = ((...args: Parameters<Write>) => stderr.write(...args)) as Write;
  return (text) => {
    write(text);
  };
}

/** Catches what is written to a stream, until it is undone. Callbacks are called, nothing is written. */
export function captureWrites(stream: NodeJS.WriteStream, onText: (text: string) => void): () => void {
  const original = stream.write;
  stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
    onText(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') process.nextTick(() => callback());
    return true;
  }) as Write;
  return () => {
    stream.write = original;
  };
}

/** A reader that has gone away, as in `| head`, is no error of ours. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/**
 * Sees that all output is out, and that the process then ends, also when the user's code has left a
 * timer, a server or a cell behind that was given up.
 */
export async function endProcess(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(flushed));
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}
