// A scalar's text with its tag -> its value, as go-yaml v2 resolves it for sigs.k8s.io/yaml.
import type { DocumentValue } from '../../kubernetes/decode.ts';
import { goText } from '../go-text.ts';
import { resolveInteger, resolvePlain } from '../scalar.ts';
import type { Cursor } from './cursor.ts';

const core = 'tag:yaml.org,2002:';

/** Reads `!`, `!!str`, `!name`, `!handle!name` or `!<uri>`; `handles` are those of %TAG directives. */
export function readTag(cursor: Cursor, handles: ReadonlyMap<string, string>): string {
  const start = cursor.pos;
  const [text, uri, handle = '!', suffix = ''] = matchAt(pattern, cursor.text, start) ?? [];
  if (text === undefined) cursor.fail('a tag is expected here');
  cursor.pos += text.length;
  if (uri !== undefined) return unescaped(uri, cursor, start);
  if (suffix === '')
    return handle === '!' ? '!' : cursor.fail(`after ${handle} the name of a tag is missing`, start);
  const prefix = handles.get(handle) ?? (handle === '!!' ? core : handle === '!' ? '!' : undefined);
  if (prefix === undefined) cursor.fail(`the tag handle ${handle} is not declared`, start);
  return prefix + unescaped(suffix, cursor, start);
}

/** Of a URI, and so of a tag's name, brackets and commas are a part. */
const pattern =
  /!<((?:[\w;/?:@&=+$,.!~*'()[\]-]|%[\da-fA-F]{2})+)>|(!(?:[\w-]*!)?)((?:[\w;/?:@&=+$,.!~*'()[\]-]|%[\da-fA-F]{2})*)/y;

function unescaped(uri: string, cursor: Cursor, start: number): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return cursor.fail('this tag is no text', start);
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** go-yaml's resolve: a tag of YAML's own wants the type that the text has by itself; `! x` is a text. */
export function resolveScalar(
  text: string,
  plain: boolean,
  tag: string | undefined,
  fail: (message: string) => never,
): DocumentValue {
  if (tag === undefined) return plain ? resolvePlain(text) : text;
  const name = tag.startsWith(core) ? tag.slice(core.length) : '';
  if (name === 'binary') return decodeBase64(text, fail);
  if (name === 'timestamp') return isTimestamp(text) ? text : fail('this is no !!timestamp');
  const isWanted = wanted.get(name);
  if (isWanted === undefined) return text;
  const value = resolvePlain(text);
  if (!isWanted(value, text)) fail(`this is no !!${name}${name === 'int' ? ' (a whole number)' : ''}`);
  return name === 'float' ? Number(value) : value;
}

const wanted = new Map<string, (value: DocumentValue, text: string) => boolean>([
  ['bool', (value) => typeof value === 'boolean'],
  ['null', (value) => value === null],
  ['int', (_, text) => resolveInteger(text) !== undefined],
  // A whole number becomes one, if it is an int64.
  ['float', (value) => typeof value === 'number' || (typeof value === 'bigint' && value < 2n ** 63n)],
]);

const timestamp =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt](?=.*(?:Z|[-+](?:[01]\d|2[0-4]):(?:[0-5]\d|60))$)| +(?=[^-+Z]*$))(\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/;

function isTimestamp(text: string): boolean {
  const [, year, month, day, hour = 0, minute = 0, second = 0] = timestamp.exec(text) ?? [];
  const daysOfMonth = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  const isDate = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= daysOfMonth;
  return isDate && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}

function decodeBase64(text: string, fail: (message: string) => never): string {
  const packed = text.replace(/[\r\n]/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) fail('this is no base64 (!!binary)');
  return goText(Buffer.from(packed, 'base64'));
}
