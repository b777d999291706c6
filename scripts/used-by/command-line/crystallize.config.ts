// What holds for every experiment here: `npx crystallize run greeting` finds it, and keeps its run in `kept`.

// biome-ignore lint/style/noRestrictedImports: this project is a user's, and not one of the packages
import { defineConfig } from '@crystallize/cli';
import type { Plugin } from '@crystallize/core';

const announce: Plugin = { name: 'announce', beforeRun: (run) => run.warn('announced by the config') };

export default defineConfig({
  store: () => 'kept',
  plugins: [announce],
  experiments: ['*.experiment.ts'],
});
