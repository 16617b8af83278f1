/**
 * Returns a function that makes its result anew only when the argument is another than the last time: requests that
 * follow each other have the same host, key, date and second.
 */
export function rememberLast<Given, Made>(make: (given: Given) => Made): (given: Given) => Made {
  let last: { readonly given: Given; readonly made: Made } | undefined;
  return (given) => {
    if (last === undefined || last.given !== given) last = { given, made: make(given) };
    return last.made;
  };
}
