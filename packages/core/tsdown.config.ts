import { library } from '../../tsdown.base.ts';

export default library({
  index: 'src/index.ts',
  storage: 'src/storage.ts',
  worker: 'src/worker.ts',
  'worker-entry': 'src/worker/worker-entry.ts',
});
