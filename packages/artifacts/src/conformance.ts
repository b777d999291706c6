export type { Law, LawStore } from './conformance/law.ts';
export * from './conformance/store-conformance.ts';
