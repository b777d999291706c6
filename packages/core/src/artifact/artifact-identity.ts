import type { ArtifactIdentity } from '../plugin/records.ts';

/** @internal What says which artifact a file is, without the ways to read it. */
export function artifactIdentity(file: ArtifactIdentity): ArtifactIdentity {
  const { experiment, version, replicate, condition, step, name, size, sha256 } = file;
  return {
    experiment,
    ...(version === undefined ? {} : { version }),
    replicate,
    condition,
    step,
    name,
    ...(size === undefined ? {} : { size }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}
