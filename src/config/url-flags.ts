// Flags of the URL that Pods are read from: the kubelet's, and monopod's own for TLS. What may hold a secret is checked
// here and not where it is parsed: that would show it in the error.
import type { RunOptions } from './options.ts';
import * as value from './values.ts';

export type Headers = Record<string, string[]>;

/** What stands in for a header that is not `name:value`: no header has this name. */
const malformed = '';

export const urlFlags = {
  manifestUrl: {
    flags: '--manifest-url <url>',
    help: 'http:// or https:// address of Pods: a Pod, a PodList or several documents, in YAML or JSON',
    parse: (text: string) => text.trim(),
  },
  manifestUrlHeader: {
    flags: '--manifest-url-header <list>',
    help: 'headers to ask --manifest-url with, as in name:value,other:value; secret, and sent to no other host',
    parse: headers,
    default: {},
    shown: 'none',
  },
  httpCheckFrequencyMs: {
    flags: '--http-check-frequency <duration>',
    help: 'how often to ask --manifest-url',
    parse: value.positiveDuration,
    default: 20_000,
    shown: '20s',
  },
  manifestUrlCaFile: {
    flags: '--manifest-url-ca-file <path>',
    help: "certificates (PEM) to trust --manifest-url's server by, instead of the well-known ones",
    parse: value.path,
  },
  manifestUrlClientCertFile: {
    flags: '--manifest-url-client-cert-file <path>',
    help: 'client certificate (PEM) to show to it; each of these files is read anew each time',
    parse: value.path,
  },
  manifestUrlClientKeyFile: {
    flags: '--manifest-url-client-key-file <path>',
    help: "that certificate's key (PEM)",
    parse: value.path,
  },
};

/** flag.ColonSeparatedMultimapStringString: `a:1,a:2,b:3`; the flag may also be given again. */
function headers(text: string, before: unknown): Headers {
  const all: Headers = { ...(before as Headers) };
  for (const pair of text.split(',').filter(Boolean)) {
    const colon = pair.indexOf(':');
    const name = colon < 0 ? malformed : pair.slice(0, colon).trim();
    all[name] = [...(Object.hasOwn(all, name) ? (all[name] ?? []) : []), pair.slice(colon + 1).trim()];
  }
  return all;
}

const token = /^[\w!#$%&'*+.^`|~-]+$/;
const headerText = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What is wrong with these flags, if anything; says no value of them that may be secret. */
export function urlFlagsTrouble(options: Partial<RunOptions>): string | undefined {
  const { manifestUrl, manifestUrlHeader = {}, ...files } = options;
  const { manifestUrlCaFile, manifestUrlClientCertFile: cert, manifestUrlClientKeyFile: key } = files;
  if (!manifestUrl) {
    const given = Object.keys(manifestUrlHeader).length > 0 || manifestUrlCaFile || cert || key;
    return given ? 'headers and files for --manifest-url are given, but no --manifest-url' : undefined;
  }
  const url = URL.parse(manifestUrl);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '')
    return '--manifest-url must be http://host/path or https://host/path';
  for (const [name, values] of Object.entries(manifestUrlHeader)) {
    if (!token.test(name)) return '--manifest-url-header: a header must be name:value';
    if (!values.every((text) => headerText.test(text)))
      return `--manifest-url-header: the value of ${name} has characters that no header may have`;
  }
  if ((cert === undefined) !== (key === undefined))
    return '--manifest-url-client-cert-file and --manifest-url-client-key-file belong together: give both or neither';
  return undefined;
}
