// The compiler refuses each of these, and `npx crystallize run greeting --config wrong.config.ts` the first.
// biome-ignore lint/style/noRestrictedImports: this project is a user's, and not one of the packages
import { defineConfig } from '@crystallize/cli';

export default defineConfig({
  // @ts-expect-error There is no such option.
  stroe: 's3://bucket',
});

// @ts-expect-error A plugin has a name.
defineConfig({ plugins: [{}] });

// @ts-expect-error Experiments are named by their files.
defineConfig({ experiments: [{}] });
