// Begins the walks in the database that it is given, and is killed when so many cells have ended.
import { SqliteStore } from '../sqlite-store/sqlite-store.ts';
import { walks } from '../sqlite-store/walks.experiment.ts';

const [, , path = '', lease = '', cells = ''] = process.argv;
await walks(new SqliteStore(path, { lease: Number(lease) })).run({
  onEvent: (event) =>
    event.type === 'cell:end' && event.ended === Number(cells) && process.kill(process.pid, 'SIGKILL'),
});
