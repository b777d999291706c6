/**
 * What the store keeps for itself lies in folders of this name, beside the objects that it belongs to: so
 * it is moved and removed with them. No key of a user's can have such a part, since none begins with a dot.
 */
export const hiddenName = '.s3';

/** The folder with the pieces of a log, in one folder for each log that was ever made under the key. */
export function logFolder(key: string, id: string): string {
  const { folder, name } = split(key);
  return `${folder}${hiddenName}/log/${name}/${id}`;
}

/** The folder with the claims of a lock. */
export function lockFolder(key: string): string {
  const { folder, name } = split(key);
  return `${folder}${hiddenName}/lock/${name}`;
}

/** An object by which it is tried what the server can do. */
export function probeKey(name: string): string {
  return `${hiddenName}/probe/${name}`;
}

/** Whether a key is one of the store's own. */
export function isHidden(key: string): boolean {
  return key.startsWith(`${hiddenName}/`) || key.includes(`/${hiddenName}/`);
}

const inLog = new RegExp(`^(|.*/)${hiddenName.replace('.', '\\.')}/log/([^/]+)/([^/]+)/([^/]+)$`, 's');

/** The log to which a piece belongs; `undefined` for every other key. */
export function logOfPiece(
  key: string,
): { readonly log: string; readonly id: string; readonly piece: string } | undefined {
  const [, folder, name, id, piece] = inLog.exec(key) ?? [];
  return name === undefined || id === undefined || piece === undefined
    ? undefined
    : { log: `${folder}${name}`, id, piece };
}

function split(key: string): { readonly folder: string; readonly name: string } {
  const end = key.lastIndexOf('/') + 1;
  return { folder: key.slice(0, end), name: key.slice(end) };
}
