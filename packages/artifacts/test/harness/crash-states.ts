import type { Fate } from './crash-image.ts';
import type { Journal } from './journal.ts';
import { seededRandom } from './random.ts';

/** One way in which a power cut can leave the disk. */
export interface CrashState {
  /** How many events had happened. */
  readonly point: number;
  readonly kind: CrashKind;
  readonly fateOf: (event: number) => Fate;
}

export type CrashKind =
  | 'prefix'
  | 'only durable'
  | 'names only'
  | 'lengths only'
  | 'bytes only'
  | 'all but one'
  | 'torn'
  | `subset ${number}`;

/** How many states are tried where there are very many. */
export interface CrashEffort {
  /** Random parts per point. */
  readonly subsets: number;
  /** Single events that are lost per point, at most. */
  readonly singles: number;
  readonly seed: number;
}

/**
 * Every state to be tried for one point. What was made safe survives; of the rest all, nothing, the names,
 * the lengths, the bytes, all but one; all with the last write torn; and random parts.
 */
export function* crashStatesAt(
  journal: Journal,
  point: number,
  { subsets, singles, seed }: CrashEffort,
): Generator<CrashState, void, undefined> {
  const unsafe = unsafeEvents(journal, point);
  const state = (kind: CrashKind, fate: (event: number) => Fate): CrashState => {
    return { point, kind, fateOf: (event) => (unsafe.has(event) ? fate(event) : 'kept') };
  };
  const isName = (event: number) => journal.events[event]?.type === 'names';
  yield state('prefix', () => 'kept');
  if (unsafe.size === 0) return;
  const random = seededRandom(seed * 1_000_003 + point);
  yield state('only durable', () => 'lost');
  yield state('names only', (event) => (isName(event) ? 'kept' : 'lost'));
  yield state('lengths only', (event) => (isName(event) ? 'kept' : 'zeros'));
  yield state('bytes only', (event) => (isName(event) ? 'lost' : 'kept'));
  const last = [...unsafe].findLast((event) => !isName(event));
  if (last !== undefined) {
    const event = journal.events[last];
    const length = event?.type === 'data' ? event.bytes.length : 0;
    for (const cut of new Set([0, 1, Math.floor(random() * length), length - 1])) {
      if (cut >= 0) yield state('torn', (other) => (other === last ? cut : 'kept'));
    }
  }
  for (const one of some([...unsafe], singles, random))
    yield state('all but one', (event) => (event === one ? 'lost' : 'kept'));
  for (let index = 0; index < subsets; index += 1) {
    const fates = new Map([...unsafe].map((event) => [event, randomFate(random, isName(event))]));
    yield state(`subset ${index}`, (event) => fates.get(event) ?? 'kept');
  }
}

/** The newest, and others as it happens. */
function some<T>(all: readonly T[], most: number, random: () => number): readonly T[] {
  if (all.length <= most) return all;
  const kept = new Set(all.slice(-Math.ceil(most / 2)));
  while (kept.size < most) kept.add(all[Math.floor(random() * all.length)] as T);
  return [...kept];
}

function randomFate(random: () => number, isName: boolean): Fate {
  const drawn = random();
  if (drawn < 0.5) return 'lost';
  return isName || drawn < 0.9 ? 'kept' : 'zeros';
}

/**
 * The names and data events before a point that no fsync had made safe by then.
 * @param believing - Takes those that did nothing at their word.
 */
export function unsafeEvents(journal: Journal, point: number, believing = false): ReadonlySet<number> {
  const syncs = new Map<number, number>();
  for (let at = 0; at < point; at += 1) {
    const event = journal.events[at];
    if (event?.type === 'synced' && (believing || !event.didNothing))
      syncs.set(event.node, Math.max(event.begun, syncs.get(event.node) ?? 0));
  }
  const unsafe = new Set<number>();
  for (let at = 0; at < point; at += 1) {
    const event = journal.events[at];
    if (event?.type !== 'names' && event?.type !== 'data') continue;
    const places = event.type === 'names' ? event.folders : [event.node];
    if (!places.every((place) => (syncs.get(place) ?? 0) > at)) unsafe.add(at);
  }
  return unsafe;
}

/** The states that an fsync which did nothing makes possible: what only it would have made safe is lost. */
export function* statesWithoutSync(journal: Journal): Generator<CrashState, void, undefined> {
  const broken = journal.events.findIndex((event) => event.type === 'synced' && event.didNothing);
  if (broken === -1) return;
  for (let point = broken + 1; point <= journal.events.length; point += 1) {
    const unsafe = unsafeEvents(journal, point);
    const believed = unsafeEvents(journal, point, true);
    const exposed = [...unsafe].filter((event) => !believed.has(event));
    if (exposed.length === 0) continue;
    yield { point, kind: 'all but one', fateOf: (event) => (exposed.includes(event) ? 'lost' : 'kept') };
    yield { point, kind: 'only durable', fateOf: (event) => (unsafe.has(event) ? 'lost' : 'kept') };
    yield { point, kind: 'lengths only', fateOf: (event) => fateOfBytes(journal, exposed, event, 'zeros') };
    yield { point, kind: 'torn', fateOf: (event) => fateOfBytes(journal, exposed, event, 5) };
    for (const one of exposed) {
      yield { point, kind: 'all but one', fateOf: (event) => (event === one ? 'lost' : 'kept') };
    }
  }
}

function fateOfBytes(journal: Journal, exposed: readonly number[], event: number, fate: Fate): Fate {
  return exposed.includes(event) && journal.events[event]?.type === 'data' ? fate : 'kept';
}
