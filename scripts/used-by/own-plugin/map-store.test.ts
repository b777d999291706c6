// The suite that every backend passes, run by the vitest of this project.
import { storeConformance } from '@crystallize/artifacts/conformance';
import { MapStore } from './map-store.ts';

storeConformance('MapStore', async () => ({ store: new MapStore() }));
