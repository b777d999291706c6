import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { S3Place } from './s3-place.ts';

const programs = ['ceph', 'ceph-authtool', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin'];
const run = promisify(execFile);

/** Which programs of Ceph are not on this machine, and how to get them; `undefined` when all are here. */
export function missingCeph(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const missing = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
  return missing.length === 0
    ? undefined
    : `needs ${missing.join(', ')}: apt-get install --no-install-recommends ceph-mon ceph-osd radosgw`;
}

/** Starts Ceph's object gateway with all that it needs: its data are in memory, its files in a temporary folder. */
export async function startCeph(): Promise<S3Place & AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), 'ceph-'));
  const conf = join(folder, 'ceph.conf');
  const keyring = join(folder, 'keyring');
  const children: ChildProcess[] = [];
  const start = (program: string, ...args: readonly string[]): void => {
    children.push(spawn(program, ['-c', conf, '-f', ...args], { stdio: 'ignore' }));
  };
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(ended));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const [monitor, gateway] = [await freePort(), await freePort()];
    const fsid = randomUUID();
    writeFileSync(conf, configuration(folder, fsid, monitor, gateway));
    const grant = (name: string, ...caps: readonly string[]) =>
      run('ceph-authtool', [
        keyring,
        '--gen-key',
        '-n',
        name,
        ...caps.flatMap((cap) => ['--cap', ...cap.split('=')]),
      ]);
    await run('ceph-authtool', [
      '--create-keyring',
      keyring,
      '--gen-key',
      '-n',
      'mon.',
      '--cap',
      'mon',
      'allow *',
    ]);
    await grant('client.admin', 'mon=allow *', 'osd=allow *', 'mgr=allow *');
    await grant('client.rgw', 'mon=allow rw', 'osd=allow rwx');
    await grant('osd.0', 'mon=allow profile osd', 'osd=allow *');
    const map = join(folder, 'monmap');
    await run('monmaptool', ['--create', '--addv', 'a', `[v2:127.0.0.1:${monitor}/0]`, '--fsid', fsid, map]);
    for (const name of ['mon', 'osd']) mkdirSync(join(folder, name));
    await run('ceph-mon', ['-c', conf, '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring]);
    start('ceph-mon', '-i', 'a');
    const disk = randomUUID();
    await run('ceph', ['-c', conf, 'osd', 'new', disk]);
    await run('ceph-osd', ['-c', conf, '-i', '0', '--mkfs', '--osd-uuid', disk]);
    start('ceph-osd', '-i', '0');
    start('radosgw', '-n', 'client.rgw');
    const keys = { accessKeyId: 'conformance', secretAccessKey: randomUUID() };
    const access = ['--access-key', keys.accessKeyId, '--secret', keys.secretAccessKey];
    await run('radosgw-admin', [
      '-c',
      conf,
      'user',
      'create',
      '--uid',
      'test',
      '--display-name',
      'test',
      ...access,
    ]);
    const endpoint = `http://127.0.0.1:${gateway}`;
    await answering(endpoint);
    return { endpoint, credentials: keys, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configuration(folder: string, fsid: string, monitor: number, gateway: number): string {
  return `[global]
fsid = ${fsid}
mon_host = [v2:127.0.0.1:${monitor}/0]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
keyring = ${folder}/keyring
mon_data = ${folder}/mon
osd_data = ${folder}/osd
run_dir = ${folder}
admin_socket = ${folder}/$name.asok
log_file =
mon_cluster_log_file =
crash_dir = ${folder}
osd_objectstore = memstore
memstore_device_bytes = 8589934592
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
rgw_frontends = beast endpoint=127.0.0.1:${gateway} tcp_nodelay=1
rgw_enable_gc_threads = true
rgw_gc_obj_min_wait = 1
rgw_gc_processor_period = 1
rgw_enable_lc_threads = false
rgw_enable_quota_threads = false
rgw_run_sync_thread = false
`;
}

/** Resolves when the gateway answers. */
async function answering(endpoint: string): Promise<void> {
  const limit = AbortSignal.timeout(60_000);
  for (;;) {
    try {
      await fetch(endpoint, { signal: limit });
      return;
    } catch {
      limit.throwIfAborted();
      await delay(50);
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  child.kill('SIGKILL');
  await promise;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
