const own = /[\\/](?:@matheron|packages)[\\/](?:core-tensor|autograd|compiler|gluon-params|gluon-blocks|matheron)[\\/](?:src|dist)[\\/](?!.*\.test\.)|node:internal/;

/** The first line of the running code outside of Matheron, for messages. */
export function callSite(): string {
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  const line = lines.find((text) => !own.test(text) && /:\d+:\d+\)?$/.test(text.trim()));
  return line ? `at ${line.trim().replace(/^at\s+/, '')}` : 'in unknown code';
}
