// The grammar of image names, so that nothing else reaches the engine's URLs. Pure.

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domain = `(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const name = `(?:${domain}/)?${component}(?:/${component})*`;
const tag = ':\\w[\\w.-]{0,127}';
const digest = '@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const reference = new RegExp(`^${name}(?:${tag})?(?:${digest})?$`);
const nameLengthMax = 255;

export function isImageName(image: string): boolean {
  const [named = ''] = image.split('@');
  // 64 hex digits are an id and would be read as one.
  return named.length <= nameLengthMax && reference.test(image) && !/^[a-f0-9]{64}$/.test(image);
}
