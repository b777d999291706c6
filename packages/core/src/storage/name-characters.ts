/** The longest part of a name between `/`, in bytes of UTF-8. File systems stop at 255. */
export const maxNameBytes = 128;

// Whatever a terminal would not show, or would show as something else; the plain space is fine.
const unprintable = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;
const control = /\p{Cc}/u;
const invisible = /[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const oddSpace = /(?! )\p{Zs}/u;
const unassigned = /[\p{Cn}\p{Co}]/u;
const windowsCharacter = /[<>:"|?*]/;
// Also with an extension, in any case, and with superscript digits, as Windows has it.
const windowsDevice = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?: *\..*)?$/i;
// No character that any rule of problemOfCharacters is about, and short enough.
const plain = /^[A-Za-z0-9_](?:[A-Za-z0-9_=,+.-]{0,98}[A-Za-z0-9_=,+-])?$/;

/**
 * What keeps one part of a path from being stored on Linux, macOS and Windows alike, as the second half
 * of a sentence; `undefined` when nothing does.
 */
export function problemOfSegment(part: string): string | undefined {
  const problem = plain.test(part) ? undefined : problemOfCharacters(part);
  if (problem) return problem;
  if (windowsDevice.test(part)) return 'is the name of a device on Windows. Use another name.';
  if (part === '__proto__' || part === 'prototype' || part === 'constructor') {
    return 'has a meaning of its own in JavaScript. Use another name.';
  }
  return undefined;
}

/** A name in quotes for a message: cut when long, with everything invisible written as an escape. */
export function quoteName(name: string): string {
  const cut = name.length > 80 ? `${name.slice(0, 77)}…` : name;
  return `'${cut.replace(unprintable, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)}'`;
}

function problemOfCharacters(part: string): string | undefined {
  if (part === '') return 'is empty. Give it at least one character.';
  if (part === '.' || part === '..') return 'has a part that means another folder. Use a name without it.';
  if (!part.isWellFormed()) return 'has half a surrogate pair, which is no character. Take it out.';
  if (/[/\\]/.test(part)) return 'has a path separator. Use another character, such as a dash.';
  if (control.test(part)) return 'has a control character. Take it out.';
  if (invisible.test(part))
    return 'has an invisible character, or one that changes the direction of text. Take it out.';
  if (oddSpace.test(part)) return 'has a space other than the plain one. Use a plain space.';
  if (unassigned.test(part)) return 'has a character that Unicode does not define. Use another.';
  if (part !== part.normalize('NFC'))
    return "is not in Unicode's composed form. Pass it through normalize('NFC').";
  if (windowsCharacter.test(part))
    return `has one of < > : " | ? *, which Windows can't store. Use another character.`;
  if (/^ | $/.test(part)) return 'begins or ends with a space. Take it out.';
  if (part.endsWith('.')) return 'ends with a dot, which Windows drops. Take it out.';
  if (part.startsWith('.'))
    return 'begins with a dot, as hidden files and those of the layout do. Use another character.';
  const size = Buffer.byteLength(part);
  if (size > maxNameBytes) {
    return `has a part of ${size} bytes; at most ${maxNameBytes} are allowed. Use a shorter one.`;
  }
  return undefined;
}
