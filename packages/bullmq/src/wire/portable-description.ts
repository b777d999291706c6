import type { ModuleCall, RunDescription } from '@crystallize/core';
import { descriptionFromText, descriptionToText } from '@crystallize/core/worker';
import type { LocalModules } from './local-module.ts';
import { mapStrings } from './map-strings.ts';
import { IN_ROOT, portableModule, portableUrl, rootOf } from './portable-module.ts';

/** What stands in Redis for a run, once: all that a worker needs to know of it. */
export interface SentRun {
  readonly description: RunDescription;
  /** Whether anyone listens to the run's events. */
  readonly observed: boolean;
  /** How long results wait in Redis to be committed, in milliseconds. */
  readonly keep: number;
}

/** As text, with modules that any machine finds in its own copy of the project. */
export function sentRunToText({ description, ...rest }: SentRun): string {
  const { experiment, module, setup } = description;
  const root = rootOf(module.url);
  const portable = ({ url, ...call }: ModuleCall): ModuleCall => ({
    ...mapStrings(call, (text) => portableUrl(text, root)),
    url: portableModule(url, root),
  });
  const sent: RunDescription = {
    ...description,
    experiment: {
      ...experiment,
      ...(experiment.module ? { module: portableModule(experiment.module, root) } : {}),
    },
    module: portable(module),
    ...(setup ? { setup: portable(setup) } : {}),
    // Each machine starts its workers with its own installation.
    entry: '',
  };
  return JSON.stringify({ ...rest, description: descriptionToText(sent) });
}

/** With the modules of this machine. @throws ForeignModuleError for one that is none of the project. */
export function sentRunFromText(text: string, modules: LocalModules): SentRun {
  const { description: inner, ...rest } = JSON.parse(text) as Omit<SentRun, 'description'> & {
    readonly description: string;
  };
  const sent = descriptionFromText(inner);
  const { experiment, module, setup } = sent;
  const local = ({ url, ...call }: ModuleCall, map: (value: string, key?: string) => string): ModuleCall => ({
    ...mapStrings(call, map),
    url: modules.importable(url),
  });
  const description: RunDescription = {
    ...sent,
    experiment: experiment.module
      ? { ...experiment, module: modules.importable(experiment.module) }
      : experiment,
    module: local(module, (value) => modules.placed(value)),
    // Its files are imported as well: the configuration, but not the store's folder.
    ...(setup ? { setup: local(setup, (value, key) => localSetting(modules, value, key)) } : {}),
  };
  return { ...rest, description };
}

function localSetting(modules: LocalModules, value: string, key: string | undefined): string {
  const isFile = value.startsWith(IN_ROOT) || value.startsWith('file:');
  return isFile && key !== 'store' ? modules.importable(value) : modules.placed(value);
}

/** The origin alone, of a run whose modules may be none of this machine's. */
export function originIn(text: string): string {
  const { description } = JSON.parse(text) as { readonly description: string };
  return descriptionFromText(description).origin;
}
