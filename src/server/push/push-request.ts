// What a request to the push endpoint asks for, as the API server reads it; undefined where it is not of that. Pure.
import type { IncomingHttpHeaders } from 'node:http';
import { nearName } from '../../kubernetes/near-name.ts';
import type { PutOptions, Tags } from '../../sources/push/calls.ts';

/** A parameter that is given twice comes as a list. */
type Parameter = string | string[] | undefined;

/** Of the API server's writes; those after the first two mean nothing here, and are let pass. */
const parameters = ['dryRun', 'fieldValidation', 'fieldManager', 'pretty', 'timeout'];

/** The API server lets any pass; but a dryRun that is misspelt would run what was to be tried only. */
export function parameterProblem(query: Record<string, Parameter>): string | undefined {
  const unknown = Object.keys(query).find((name) => !parameters.includes(name));
  if (unknown === undefined) return undefined;
  const near = nearName(unknown, parameters);
  return `${JSON.stringify(unknown)}: no such parameter${near === undefined ? '' : `. Did you mean ${near}?`}`;
}

/** curl -F: a form, whatever is in it. */
export const isMultipart = ({ 'content-type': type = '' }: IncomingHttpHeaders): boolean =>
  /^multipart\//i.test(type);

/** curl -d takes the ends of lines away, and with them what a YAML manifest says. */
export const isRunTogether = ({ 'content-type': type = '' }: IncomingHttpHeaders, body: Buffer): boolean =>
  /^application\/x-www-form-urlencoded/i.test(type) && body.length > 0 && !body.includes('\n');

/** ValidateDryRun: nothing, or All. */
export function dryRunOf(parameter: Parameter): boolean | undefined {
  const values = [parameter ?? []].flat();
  return values.every((value) => value === 'All') ? values.length > 0 : undefined;
}

/** ValidateFieldValidation, and its default. */
export function fieldValidationOf(parameter: Parameter): PutOptions['fieldValidation'] | undefined {
  if (parameter === undefined || parameter === '') return 'Warn';
  return parameter === 'Ignore' || parameter === 'Warn' || parameter === 'Strict' ? parameter : undefined;
}

/** Undefined: no such condition. A weak tag is like none of ours. */
export function tagsOf(header: string | undefined): Tags | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  return header.split(',').flatMap((tag) => /^\s*"([^"]*)"\s*$/.exec(tag)?.[1] ?? []);
}

/** The one of `offered` that an Accept header likes best; of several, and without a header, the first. */
export function preferred<Type extends string>(accept: string | undefined, offered: [Type, ...Type[]]): Type {
  const ranges = (accept ?? '*/*').split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { type, q: q === undefined ? 1 : Number(q) || 0 };
  });
  const liking = (offer: Type) => {
    const fits = ['*/*', `${offer.split('/')[0]}/*`, offer].map((type) =>
      ranges.find((range) => range.type === type),
    );
    return fits.findLast((range) => range !== undefined)?.q ?? 0;
  };
  const [first, ...others] = offered;
  return others.reduce((best, offer) => (liking(offer) > liking(best) ? offer : best), first);
}
