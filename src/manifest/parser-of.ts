// Which reader a manifest's text is for: JSON begins with `{`, everything else is YAML. Pure.
import { JsonParser, looksLikeJson } from './json-parser.ts';
import type { Places } from './yaml/collector.ts';
import { Parser } from './yaml/parser.ts';

export const parserOf = (text: string, places?: Places): JsonParser | Parser =>
  looksLikeJson(text) ? new JsonParser(text, places) : new Parser(text, places);
