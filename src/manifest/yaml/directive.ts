// A line that begins with %, before a document: %YAML tells its version, %TAG declares the beginning of tags (libyaml:
// scan_directive).
/** `problem`: it is none. Without anything: a version. */
export type Directive = { handle?: string; prefix?: string; problem?: string };

const ending = String.raw`[ \t]*(?:#.*)?(?![^\n\r\x85\u2028\u2029])`;
const version = new RegExp(String.raw`%YAML[ \t]+(\d+\.\d+)${ending}`, 'y');
const tag = new RegExp(
  String.raw`%TAG[ \t]+(!(?:[\w-]*!)?)[ \t]+([\w;/?:@&=+$,.!~*'()[\]%-]+)${ending}`,
  'y',
);

/** One that belongs to the next document ends the one before, too. */
export const isDirective = (text: string, at: number): boolean =>
  matchAt(version, text, at) !== null || matchAt(tag, text, at) !== null;

export function readDirective(text: string, at: number): Directive {
  const [, handle, prefix = ''] = matchAt(tag, text, at) ?? [];
  if (handle !== undefined) return { handle, prefix };
  const [, number] = matchAt(version, text, at) ?? [];
  if (number !== undefined && /^0*1\.0*1$/.test(number)) return {};
  const [name] = matchAt(/%[\w-]*/y, text, at) ?? [];
  if (name === '%YAML') return { problem: 'only YAML 1.1 is read: "%YAML 1.1", or nothing, would be right' };
  if (name === '%TAG') return { problem: 'after %TAG come a handle (as !e!) and the beginning of tags' };
  return { problem: `there is no directive ${name}` };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
