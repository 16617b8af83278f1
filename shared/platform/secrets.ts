/*
 * Texts of the service and of libraries may repeat what was sent to them. Every text that leaves Holdfast goes through
 * `withoutSecrets`: the message of each error, each line of a log, each record of evidence.
 */

/** Known secrets and their form in a URL, the newest last. Credentials rotate: old ones may still be in late replies. */
const known: string[] = [];
const mostKnown = 40;

/** Shorter texts are no secrets of the service, and would take innocent words with them. */
const shortest = 8;

/** Makes secrets known, so that no text carries them. An access key id is none: it names who did something. */
export function rememberSecrets(...secrets: readonly (string | undefined)[]): void {
  for (const secret of secrets) {
    if (secret === undefined || secret.length < shortest) continue;
    for (const form of new Set([secret, encodeURIComponent(secret)])) {
      const at = known.indexOf(form);
      if (at === known.length - 1 && at >= 0) continue;
      if (at >= 0) known.splice(at, 1);
      known.push(form);
    }
  }
  if (known.length > mostKnown) known.splice(0, known.length - mostKnown);
}

/**
 * Values that are made of secrets, by their forms: a signature of version 4 or 1, an Authorization header, a token of temporary credentials, in
 * headers, in URLs and in JSON. The forms are strict, so that no key of an object that resembles them is touched.
 */
const derived: readonly RegExp[] = [
  /(signature["']?\s*[=:]\s*["']?)(?:[0-9a-f]{64}|[\w+/%-]{26,34}(?:={1,2}|%3D))/gi,
  /(security-?token["']?\s*[=:]\s*["']?)[\w+/=%.-]{32,}/gi,
  /(\bO[BS]S [\w.-]{8,}:)[\w+/]{20,}=*/g,
  /(\bOSS4-HMAC-SHA256 Credential=)[^\s<"]+/g,
];

const mark = '[secret]';

/** Returns the text with `[secret]` for every known secret, and for signatures and tokens of any request. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const secret of known) if (clean.includes(secret)) clean = clean.replaceAll(secret, mark);
  for (const pattern of derived) clean = clean.replace(pattern, `$1${mark}`);
  return clean;
}
