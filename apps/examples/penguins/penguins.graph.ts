import { ExperimentGraph } from '@crystallize/core';
import { evaluation } from './evaluation.experiment.ts';
import { training } from './training.experiment.ts';

/** Training, then evaluation of what was trained, under the same treatments. */
export const penguins = new ExperimentGraph([training, evaluation], { name: 'penguins' });
