export { type AnyArtifact, Artifact, type Codec } from './artifact/artifact.ts';
export type { ArtifactFile } from './artifact/artifact-file.ts';
export { bytesCodec, jsonCodec, superjsonCodec, textCodec } from './artifact/codecs.ts';
export type { StepCache } from './cache/step-cache.ts';
export type { CellContext } from './context/cell-context.ts';
export type { Rng } from './context/rng.ts';
export { type Secret, secret } from './context/secret.ts';
export type { SetupContext, StepContext } from './context/step-context.ts';
export type {
  Datasource,
  DatasourceContext,
  DatasourceScope,
  PreparedSource,
  UpstreamExperiment,
  UpstreamObject,
} from './datasource/datasource.ts';
export { datasource } from './datasource/datasource-function.ts';
export { type InputsOf, inputs } from './datasource/inputs.ts';
export { configureRuns, type RunsConfiguration } from './definition/configure-runs.ts';
export type {
  AnyDatasource,
  AnySteps,
  ExperimentDefinition,
  TreatableParams,
} from './definition/experiment-types.ts';
export {
  type Hypothesis,
  type HypothesisDeclaration,
  type HypothesisResult,
  hypothesis,
  type MetricValues,
  type Pair,
  type Ranker,
  type Verifier,
  type VerifierInfo,
} from './definition/hypothesis.ts';
export {
  grid,
  type Treatment,
  type TreatmentContext,
  type TreatmentOptions,
  type TreatmentValues,
  treatment,
} from './definition/treatment.ts';
export {
  CrystallizeError,
  type CrystallizeErrorOptions,
  type ErrorCode,
  type ErrorCodes,
} from './errors/crystallize-error.ts';
export { InvalidArgumentError } from './errors/invalid-argument-error.ts';
export {
  CellFailedError,
  CellTimeoutError,
  ContextMutationError,
  ExperimentInvalidError,
  GraphInvalidError,
  MissingMetricError,
  MissingParamError,
  PluginError,
  ReplicateMismatchError,
  ResumeMismatchError,
  ResumeUnsupportedError,
  TreatmentMissingError,
  UnknownParamError,
  UpstreamFailedError,
} from './errors/run-errors.ts';
export {
  ArtifactConflictError,
  ArtifactNotFoundError,
  ArtifactScopeError,
  CorruptArtifactError,
  RecordUnreadableError,
  RunLockedError,
  StorageError,
  UnsafeNameError,
  UnsupportedValueError,
} from './errors/storage-errors.ts';
export { ExperimentNotRebuiltError, WorkerDiedError, WorkerMismatchError } from './errors/worker-errors.ts';
export {
  AsyncExecution,
  type AsyncExecutionFactory,
  type AsyncExecutionOptions,
} from './execution/async-execution.ts';
export {
  ParallelExecution,
  type ParallelExecutionFactory,
  type ParallelExecutionOptions,
} from './execution/parallel-execution.ts';
export type { Difference, Explanation, PlannedCell } from './execution/resume/explanation.ts';
export type { Accepted, RetryOptions, RunOptions } from './execution/run-options.ts';
export { SerialExecution, type SerialExecutionFactory } from './execution/serial-execution.ts';
export type { AnyExperiment } from './experiment/any-experiment.ts';
export type { ApplyOptions } from './experiment/apply.ts';
export type { CellStream } from './experiment/cell-stream.ts';
export { Experiment, type OutputOfSteps } from './experiment/experiment.ts';
export {
  ExperimentGraph,
  type ExperimentGraphOptions,
  type GraphNode,
  type GraphRunOptions,
} from './experiment/experiment-graph.ts';
export type { OptimizeOptions, Optimizer, Trial } from './experiment/optimize.ts';
export type { Chain, Gives, OpenParams, StepMismatch, Takes } from './pipeline/chain.ts';
export { type Givable, type RequiredParam, required, type Values } from './pipeline/params.ts';
export { Pipeline } from './pipeline/pipeline.ts';
export {
  pipelineStep,
  type StepDeclaration,
  type StepFactory,
  type StepOptions,
} from './pipeline/pipeline-step.ts';
export type { AnyStep, OutputOf, Step } from './pipeline/step.ts';
export { PipelineStep } from './pipeline/step-class.ts';
export type { Widen } from './pipeline/widen.ts';
export { type WithMetrics, withMetrics } from './pipeline/with-metrics.ts';
export { recordError, reviveError } from './plugin/error-record.ts';
export type { EventListener, LogLevel, RunEvent } from './plugin/events.ts';
export type {
  ArtifactBody,
  ArtifactSink,
  ArtifactTarget,
  CellWork,
  Plugin,
  RestoreRequest,
  RunAttempt,
  RunOutcome,
  StepOutcome,
  StoredCellRecord,
  StoredRun,
} from './plugin/plugin.ts';
export type {
  ArtifactIdentity,
  ArtifactRecord,
  AttemptSpec,
  CellRecord,
  CellSpec,
  CodeDefinition,
  ErrorRecord,
  ExperimentInfo,
  GivenTreatment,
  InputRecord,
  MetricRecord,
  ModuleCall,
  ModuleDefinition,
  RunDefinition,
  RunDescription,
  RunEnvironment,
  RunInput,
  StepDefinition,
  StepRecord,
  Tags,
} from './plugin/records.ts';
export {
  type CellHandle,
  type ResumedRun,
  type RunHandle,
  type RunPurpose,
  type StateKey,
  type StepHandle,
  type SupersededCell,
  stateKey,
} from './plugin/run-handle.ts';
export { partialResult, partialResults } from './result/partial-result.ts';
export type {
  ArtifactQuery,
  CellProvenance,
  ConditionResult,
  Provenance,
  Result,
  ResultArtifact,
  ResultRow,
} from './result/result.ts';
export type { Pruning } from './storage/pruning.ts';
export type { RunMetadata, SavedArtifactTarget, SavedExperiment, SavedVersion } from './storage/saved-run.ts';
export type { WorkerRuntime } from './worker/worker-runtime.ts';
