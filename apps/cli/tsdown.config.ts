import { library } from '../../tsdown.base.ts';

export default library({
  index: 'src/index.ts',
  main: 'src/main.ts',
  'worker-setup': 'src/worker-setup.ts',
});
