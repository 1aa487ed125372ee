// Logins by registry, path and glob -> those for one image, the most specific first (credentialprovider
// BasicDockerKeyring Add and Lookup, URLsMatch). Pure.
import { messageOf } from '../../errors.ts';

export type Login = { username: string; password: string };
/** `key`: `registry.example:5000/team`, `*.example.com`. */
type Entry = { key: string; login: Login };
export type Keyring = readonly Entry[];

/** Docker Hub, by the name under which `docker login` files it. */
const defaultRegistry = 'index.docker.io';

/** `said`: gets what is wrong with a file, without what is secret in it. Throws for what is no JSON object. */
export function readDockerConfig(text: string, said: (trouble: string) => void): Keyring | undefined {
  const config = parsed(text);
  const { auths, credsStore, credHelpers } = config;
  const helpers = [credsStore, ...Object.values(isObject(credHelpers) ? credHelpers : {})].filter(Boolean);
  if (helpers.length > 0)
    said('its credential helpers (credsStore, credHelpers) are not asked: only auths count');
  if (!isObject(auths)) return helpers.length > 0 ? [] : undefined;
  return keyringOf(auths, said);
}

/** The older `.dockercfg`: the auths alone. */
export const readDockercfg = (text: string, said: (trouble: string) => void): Keyring =>
  keyringOf(parsed(text), said);

/** `repository`: `docker.io/library/busybox`, without tag and digest. */
export function loginsFor(keyring: Keyring, repository: string): Login[] {
  const found = keyring.filter(({ key }) => matches(key, repository));
  if (found.length === 0 && repository.startsWith('docker.io/'))
    found.push(...keyring.filter(({ key }) => key === defaultRegistry));
  return found.map(({ login }) => login);
}

function parsed(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own words quote the text, and with it what is secret.
    throw new Error('it is not JSON');
  }
  if (!isObject(value)) throw new Error('it is not a JSON object');
  return value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function keyringOf(auths: Record<string, unknown>, said: (trouble: string) => void): Keyring {
  const entries: Entry[] = [];
  for (const [place, value] of Object.entries(auths)) {
    try {
      const key = keyOf(place);
      const login = loginOf(value);
      if (login) entries.push({ key, login });
    } catch (error) {
      said(`its entry for ${JSON.stringify(place)} is ignored: ${messageOf(error)}`);
    }
  }
  // More specific paths first, as the kubelet's reverse order of keys has them.
  return entries.sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0));
}

/** `https://index.docker.io/v1/` -> `index.docker.io`. Docker takes /v1/ and /v2/ for the registry itself. */
function keyOf(place: string): string {
  const [, host = '', path = ''] = /^(?:https?:\/\/)?([^/]+)(\/.*)?$/.exec(place) ?? [];
  if (host === '') throw new Error('it names no registry');
  const effective = /^\/v[12]\//.test(path) ? path.slice(3) : path;
  return effective === '/' ? host : host + effective;
}

/** Undefined where it holds nothing: `docker login` with a credential helper leaves such entries. */
function loginOf(value: unknown): Login | undefined {
  if (!isObject(value)) throw new Error('it is not an object');
  const { auth, username, password } = value;
  if (typeof auth === 'string' && auth !== '') {
    const decoded = Buffer.from(auth, 'base64').toString();
    const colon = decoded.indexOf(':');
    if (colon < 0) throw new Error('its auth is not the base64 of username:password');
    return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') };
  }
  if (typeof username !== 'string' || username === '') return undefined;
  return { username, password: typeof password === 'string' ? password : '' };
}

/** Same port, as many labels in the host and each by its glob, and the path a beginning of the repository's. */
function matches(key: string, repository: string): boolean {
  const [glob, target] = [partsOf(key), partsOf(repository)];
  return (
    glob.port === target.port &&
    glob.labels.length === target.labels.length &&
    target.path.startsWith(glob.path) &&
    glob.labels.every((label, index) => globOf(label).test(target.labels[index] ?? ''))
  );
}

function partsOf(url: string) {
  const [, host = '', port = '', path = ''] = /^([^/]*?)(?::(\d*))?(\/.*)?$/.exec(url) ?? [];
  return { labels: host.split('.'), port, path };
}

/** filepath.Match within one label: `*`, `?` and `[a-z]`. */
function globOf(label: string): RegExp {
  const pattern = label.replace(/\*|\?|\[\^?[\w-]+\]|./g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    return part.length > 1 ? part : part.replace(/[^\w]/, '\\$&');
  });
  return new RegExp(`^${pattern}$`);
}
