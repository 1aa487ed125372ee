// Bytes -> the first YAML document in them, or all of them, or the JSON that they are, as the kubelet's ToJSON reads
// them. Pure, synchronous.
import type { DocumentNote, Position, ReadResult } from './document.ts';
import { documentRanges } from './document-ranges.ts';
import { goText } from './go-text.ts';
import { JsonParser, looksLikeJson } from './json-parser.ts';
import { parserOf } from './parser-of.ts';
import { YamlError } from './yaml/cursor.ts';
import { LineIndex } from './yaml/line-index.ts';
import { Parser } from './yaml/parser.ts';
import { PlacedDocument } from './yaml/places.ts';

export function readDocument(bytes: Uint8Array): ReadResult {
  const text = decodeText(bytes);
  if (text === undefined) return notText;
  const lines = new LineIndex(text);
  return readText(text, (offset) => lines.at(offset), false);
}

/** Each that has content; positions are those in the whole text. */
export function readDocuments(bytes: Uint8Array): ReadResult[] {
  const text = decodeText(bytes);
  if (text === undefined) return [notText];
  const lines = new LineIndex(text);
  return documentRanges(text).map(({ begin, end }) =>
    readText(text.slice(begin, end), (offset) => lines.at(begin + offset), true),
  );
}

const notText: ReadResult = {
  ok: false,
  line: 1,
  column: 1,
  message: 'this is not UTF-8 text: a manifest is YAML or JSON',
};

/** `alone`: nothing may follow the document. */
function readText(text: string, at: (offset: number) => Position, alone: boolean): ReadResult {
  const parser = parserOf(text);
  try {
    const value = parser.document();
    const more = alone ? parser.further() : undefined;
    if (more)
      return { ok: false, ...at(more.offset), message: 'this does not belong to the document before' };
    const notes = notesOf(parser, at);
    const control = controlBefore(parser);
    if (control !== undefined) return { ok: false, ...at(control), message: controlMessage(text, control) };
    let placed: PlacedDocument | undefined;
    return {
      ok: true,
      document: {
        value,
        notes,
        locate(steps, to = 'value') {
          placed ??= new PlacedDocument(text);
          return at(placed.offset(steps, to));
        },
      },
    };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const control = controlBefore(parser, error.offset);
    if (control !== undefined) return { ok: false, ...at(control), message: controlMessage(text, control) };
    const message = error.message + (isTemplate(text, error.offset) ? templateHint : '');
    return { ok: false, ...at(error.offset), message };
  }
}

/** In YAML, the opening of a template's action is a map that is the key of a map. */
const isTemplate = (text: string, offset: number) => text.slice(offset - 1, offset + 1) === '{{';
const templateHint = ' (is this a template, to be filled in first?)';

/** The first character up to `end` that YAML does not allow. */
function controlBefore(parser: Parser | JsonParser, end?: number): number | undefined {
  return parser instanceof Parser ? parser.cursor.forbiddenBefore(end ?? parser.cursor.pos) : undefined;
}

const controlMessage = (text: string, at: number) =>
  `the character U+${text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')} is not allowed in YAML`;

/**
 * A byte order mark tells UTF-16 from UTF-8, as libyaml's reader takes it, and stays: what begins with one is YAML even
 * where a `{` follows. Undefined: no text.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // In JSON what is no UTF-8 is a replacement character, as Go's decoder has it.
    const text = goText(bytes);
    return looksLikeJson(text) ? text : undefined;
  }
}

function notesOf(parser: Parser | JsonParser, at: (offset: number) => Position): DocumentNote[] {
  // Go lays a map or a list of a JSON text over the one before it.
  const counts =
    parser instanceof JsonParser ? 'the last one counts, over those before' : 'the last one counts';
  const notes: DocumentNote[] = parser.collector.duplicates.map(({ name, offset }) => ({
    ...at(offset),
    kind: 'duplicate',
    message: `the key ${JSON.stringify(name)} is here again: ${counts}`,
  }));
  const unlisted = parser.collector.duplicatesUnlisted;
  const last = notes.at(-1);
  if (last && unlisted > 0) last.message += ` (and ${unlisted} more like this)`;
  const more = parser.further();
  if (more?.kind === 'document')
    notes.push({
      ...at(more.offset),
      kind: 'rest',
      message: 'another document begins here: only the first of a file counts',
    });
  if (more?.kind === 'text')
    notes.push({ ...at(more.offset), kind: 'rest', message: 'what follows from here on is ignored' });
  return notes;
}
