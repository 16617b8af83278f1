/**
 * Returns the width of a stream's terminal; undefined for a pipe, and for a terminal that does not know its width: it says that
 * it has 0 columns, as under `script` and in some containers.
 */
export const columnsOf = ({ columns }: { readonly columns?: number }): number | undefined =>
  columns === undefined || columns === 0 ? undefined : columns;
