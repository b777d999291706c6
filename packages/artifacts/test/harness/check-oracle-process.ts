// Checks what a killed process, or a power cut, has left in a folder, and prints how many cells were told to
// be done. Ends with an error when anything is lost or wrong.
import { checkComplete, checkOracle, checkStored, countDone, uninterrupted } from './oracle.ts';

const [rootDir = '', oracle = '', mode = '', replicates = '', isComplete = ''] = process.argv.slice(2);
const expected = await uninterrupted(mode === 'versioned', Number(replicates));
checkOracle(oracle);
await checkStored(rootDir, oracle, expected);
if (isComplete === 'complete') await checkComplete(rootDir, expected);
process.stdout.write(`${countDone(oracle)}\n`);
