// What is told of a URL, and what is part of a Pod's identity: all but the user, the password and the fragment. Pure.

export function publicUrl(url: string): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  return shown.href;
}

/** Where it redirects to: the query may be a signature, which is secret, and another each time. */
export function withoutQuery(url: URL): string {
  const shown = new URL(publicUrl(url.href));
  shown.search = '';
  return url.search === '' ? shown.href : `${shown.href}?…`;
}

/** A document's origin: by the name of its Pod, so that it stays when documents change places; else by its place. */
export const originOf = (url: string, name: string): string => `${publicUrl(url)}#${name}`;

/** What of such an origin is in the hash: the URL alone, for all its documents. */
export const hashedOrigin = (origin: string): string => origin.split('#', 1)[0] ?? origin;

export const isOfUrl = (origin: string, url: string): boolean => origin.startsWith(originOf(url, ''));
