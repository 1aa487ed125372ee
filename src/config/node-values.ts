// Values of the flags that say what of this node Pods may have, and what it is called by: text in, value out; a bad one
// throws an Error that says what a good one looks like. Pure.

/** resource.ParseQuantity's alphabet; what it amounts to is worked out where quantities are known. */
const quantity = /^\+?(\d+(\.\d*)?|\.\d+)(m|k|[KMGTPE]i?|[eE][+-]?\d{1,3})?$/;
const reservable = ['cpu', 'memory', 'ephemeral-storage', 'pid'];

/** `cpu=100m,memory=1Gi` (kubelet parseResourceList). */
export function reservation(text: string): Record<string, string> {
  const reserved = pairs(text, '=', 'Write it as cpu=500m,memory=1Gi.');
  for (const [resource, amount] of Object.entries(reserved)) {
    if (!reservable.includes(resource))
      throw new Error(`Of '${resource}' nothing can be reserved, only of ${reservable.join(', ')}.`);
    if (!quantity.test(amount)) throw new Error(`'${amount}' is no quantity of ${resource}.`);
  }
  return reserved;
}

/** -1, as the kubelet has it, and 0 are any number. */
export function pidsMax(text: string): number {
  if (!/^(-1|\d{1,9})$/.test(text)) throw new Error('It is a whole number; -1 is any number.');
  return Math.max(0, Number(text));
}

const signals = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'containerfs.available',
  'containerfs.inodesFree',
  'pid.available',
];

/** `memory.available<100Mi,nodefs.available<10%` (eviction.ParseThresholdConfig). */
export function evictionThresholds(text: string): Record<string, string> {
  const thresholds = pairs(text, '<', 'Write it as memory.available<100Mi,nodefs.available<10%.');
  for (const [signal, threshold] of Object.entries(thresholds)) {
    if (!signals.includes(signal))
      throw new Error(`'${signal}' is none of the signals ${signals.join(', ')}.`);
    const percent = /^(\d+(?:\.\d+)?)%$/.exec(threshold)?.[1];
    if (percent === undefined ? !quantity.test(threshold) : Number(percent) > 100)
      throw new Error(`The threshold of ${signal} is a quantity, or a percentage from 0% to 100%.`);
  }
  return thresholds;
}

const name = /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const prefix = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** `disk=ssd,example.com/zone=a`; a value may be empty. */
export function nodeLabels(text: string): Record<string, string> {
  const labels = pairs(text, '=', 'Write it as disk=ssd,example.com/zone=a.');
  for (const [key, value] of Object.entries(labels)) {
    const [last = '', domain, ...more] = key.split('/').reverse();
    const isKey = name.test(last) && more.length === 0 && (domain === undefined || prefix.test(domain));
    if (!isKey) throw new Error(`'${key}' is no key of a label.`);
    if (value !== '' && !name.test(value)) throw new Error(`'${value}' is no value of a label.`);
  }
  return labels;
}

/** MapStringString: the last of several with one key counts. */
function pairs(text: string, separator: string, example: string): Record<string, string> {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  return Object.fromEntries(
    parts.map((part) => {
      const at = part.indexOf(separator);
      if (at < 1) throw new Error(example);
      return [part.slice(0, at).trim(), part.slice(at + separator.length).trim()];
    }),
  );
}
