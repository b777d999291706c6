import { defineConfig } from 'vitest/config';

// Tests import packages by their public names and get the sources, so they need no build.
const conditions = ['crystallize-source', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
    testTimeout: 30_000,
  },
});
