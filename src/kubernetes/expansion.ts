// `$(NAME)` and `$$` in a text of a manifest (third_party/forked/golang/expansion). Pure.

/** `$(NAME)` becomes what `lookup` says, `$$` becomes `$`, all else stays as written: `$(` without its `)` as well. */
function expandWith(text: string, lookup: (name: string, written: string) => string): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (written, what: string, name: string | undefined) =>
    what === '$' ? '$' : lookup(name ?? '', written),
  );
}

/** MappingFuncFor: the reference to a name without a value stays as written. */
export const expand = (text: string, values: ReadonlyMap<string, string>): string =>
  expandWith(text, (name, written) => values.get(name) ?? written);

/** Where every name must have a value, and no empty one: also says which have none, sorted. */
export function expandStrictly(
  text: string,
  values: ReadonlyMap<string, string>,
): { text: string; missing: string[] } {
  const missing = new Set<string>();
  const expanded = expandWith(text, (name) => {
    const value = values.get(name) ?? '';
    if (value === '') missing.add(name);
    return value;
  });
  return { text: expanded, missing: [...missing].sort() };
}
