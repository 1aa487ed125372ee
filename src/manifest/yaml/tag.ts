// A scalar's text with its tag -> its value, as go-yaml v2 resolves it for sigs.k8s.io/yaml.
import type { DocumentValue } from '../../kubernetes/decode.ts';
import { resolvePlain } from '../scalar.ts';
import type { Cursor } from './cursor.ts';

const core = 'tag:yaml.org,2002:';

/** Reads `!`, `!!str`, `!name`, `!handle!name` or `!<uri>`; `handles` are those of %TAG directives. */
export function readTag(cursor: Cursor, handles: ReadonlyMap<string, string>): string {
  const start = cursor.pos;
  const [text, uri, handle = '!', suffix = ''] =
    matchAt(/!<([^>\s]+)>|(!(?:[0-9A-Za-z_-]*!)?)([^\s,[\]{}\0]*)/y, cursor.text, start) ?? [];
  if (text === undefined) cursor.fail('a tag is expected here');
  cursor.pos += text.length;
  if (uri !== undefined) return uri;
  if (handle === '!' && suffix === '') return '!';
  const prefix = handles.get(handle) ?? (handle === '!!' ? core : handle === '!' ? '!' : undefined);
  if (prefix === undefined) cursor.fail(`the tag handle ${handle} is not declared`, start);
  return prefix + suffix;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

export function resolveScalar(
  text: string,
  plain: boolean,
  tag: string | undefined,
  fail: (message: string) => never,
): DocumentValue {
  if (tag === undefined) return plain ? finite(resolvePlain(text), text, fail) : text;
  if (tag === '!') return finite(resolvePlain(text), text, fail);
  if (!tag.startsWith(core)) return text;
  const name = tag.slice(core.length);
  const wanted = typeNames.get(name);
  if (name === 'binary') return decodeBase64(text, fail);
  if (wanted === undefined) return text;
  const value = finite(resolvePlain(text), text, fail);
  const fits =
    wanted === 'null'
      ? value === null
      : name === 'int'
        ? isWhole(value, text)
        : typeof value === wanted || (wanted === 'number' && typeof value === 'bigint');
  if (!fits) fail(`this is no !!${name}`);
  return value;
}

const typeNames = new Map([
  ['bool', 'boolean'],
  ['int', 'number'],
  ['float', 'number'],
  ['null', 'null'],
]);

const isWhole = (value: DocumentValue, text: string) =>
  typeof value === 'bigint' ||
  (typeof value === 'number' && !/[.eE]/.test(text.replace(/^[-+]?0[xX].*/, '')));

function finite(value: DocumentValue, text: string, fail: (message: string) => never): DocumentValue {
  if (typeof value === 'number' && !Number.isFinite(value)) fail(`${text} is no number that JSON can hold`);
  return value;
}

function decodeBase64(text: string, fail: (message: string) => never): string {
  const packed = text.replace(/[\r\n]/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) fail('this is no base64 (!!binary)');
  return Buffer.from(packed, 'base64').toString();
}
