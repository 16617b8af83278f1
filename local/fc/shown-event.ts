/** Levels of brackets that an event may have to be shown as JSON; writing JSON again takes a stack as deep as it is. */
const deepestShown = 200;

/** Returns an event as JSON; as the text it is when it is none, or nested too deeply to be written again. */
export function asJson(event: Buffer): unknown {
  const text = event.toString('utf8');
  try {
    return isDeep(text) ? text : JSON.parse(text);
  } catch {
    return text;
  }
}

/** Tells whether brackets nest beyond what is shown. Brackets inside strings count too, which errs on the safe side. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > deepestShown) return true;
  }
  return false;
}
