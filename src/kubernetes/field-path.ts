// Where in an object something stands: `spec.containers[0].ports[1].hostPort`, `limits[cpu]`. As field.Path of Kubernetes.

export class FieldPath {
  readonly parent: FieldPath | undefined;
  readonly name: string | number;
  readonly #shape: 'child' | 'index' | 'key';

  private constructor(
    parent: FieldPath | undefined,
    name: string | number,
    shape: 'child' | 'index' | 'key',
  ) {
    this.parent = parent;
    this.name = name;
    this.#shape = shape;
  }

  static readonly root: FieldPath = new FieldPath(undefined, '', 'child');

  /** `a.b.c` from here, one step a name. */
  child(name: string, ...more: string[]): FieldPath {
    let at = new FieldPath(this, name, 'child');
    for (let step = 0; step < more.length; step++) at = new FieldPath(at, more[step] as string, 'child');
    return at;
  }

  index(index: number): FieldPath {
    return new FieldPath(this, index, 'index');
  }

  /** An entry of a map; written in brackets. */
  key(key: string): FieldPath {
    return new FieldPath(this, key, 'key');
  }

  /** The steps from the document's root. */
  steps(): (string | number)[] {
    const steps: (string | number)[] = [];
    for (let at: FieldPath = this; at.parent; at = at.parent) steps.push(at.name);
    return steps.reverse();
  }

  toString(): string {
    if (!this.parent) return '';
    const before = this.parent.toString();
    if (this.#shape !== 'child') return `${before}[${this.name}]`;
    return before === '' ? String(this.name) : `${before}.${this.name}`;
  }
}
