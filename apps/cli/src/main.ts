#!/usr/bin/env node
/** Where the command starts. Imports nothing at first that an older Node could stumble over. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `crystallize: this is Node ${process.versions.node}, and Crystallize needs Node 22.18 or newer, which runs TypeScript by itself. Install one from https://nodejs.org or with your version manager.\n`,
  );
  process.exitCode = 2;
} else {
  // Not awaited: a user's promise that never settles would else end Node with a code and words of its own.
  void import('./cli.ts').then(({ main }) => main(process.argv.slice(2)));
}

export {};
