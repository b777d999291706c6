import { AsyncExecution, type Datasource, Experiment, hypothesis, pipelineStep } from '@crystallize/core';
import { pairedTTest } from '@crystallize/stats';
import { RateLimitError, SimulatedModel } from './simulated-model.ts';

const QUESTIONS = 60;

/** Sums of two numbers that need a carry; one question for each replicate. */
const questions: Datasource<string> = {
  replicates: QUESTIONS,
  fetch: ({ replicate }) => `${15 + replicate} + ${28 + 7 * replicate}`,
};

const ask = pipelineStep({
  name: 'ask',
  params: { prompt: 'Answer with a number.' },
  // One client serves all cells, as one connection pool would.
  setup: () => new SimulatedModel(),
  async run(question: string, ctx, { prompt }, model) {
    const answer = await model.complete({ prompt, question, chance: ctx.rng.next(), signal: ctx.signal });
    return { question, answer };
  },
});

const grade = pipelineStep({
  name: 'grade',
  run({ question, answer }: { question: string; answer: string }, ctx) {
    const [a = Number.NaN, b = Number.NaN] = question.split('+').map(Number);
    ctx.record('correct', Number(answer.match(/\d+$/)?.[0]) === a + b ? 1 : 0);
    ctx.record('characters', answer.length);
  },
});

/** Does it pay to ask a model to think aloud? */
export const prompts = new Experiment({
  name: 'prompts',
  datasource: questions,
  pipeline: [ask(), grade()],
  treatments: { 'step-by-step': { prompt: 'Think step by step, then answer with a number.' } },
  hypotheses: [hypothesis({ name: 'more correct answers', metrics: 'correct', verifier: pairedTTest() })],
  plugins: [AsyncExecution({ concurrency: 8 })],
  seed: 42,
});

if (import.meta.main) {
  const result = await prompts.run({
    timeout: 30_000,
    retries: {
      times: 4,
      delay: (retry) => 10 * 2 ** retry,
      when: (error) => error instanceof RateLimitError,
    },
  });
  for (const [name, condition] of Object.entries({ baseline: result.baseline, ...result.treatments })) {
    const correct = condition.numbers('correct').reduce((sum, value) => sum + value, 0);
    const retried = condition.cells.filter(({ attempts }) => attempts > 1).length;
    console.log(`${name.padEnd(12)}  ${correct} of ${QUESTIONS} correct, ${retried} asked more than once`);
  }
  const test = result.hypothesis('more correct answers')?.results['step-by-step'] as
    | { pValue: number }
    | undefined;
  console.log(`p = ${test?.pValue.toPrecision(2)}`);
}
