/** `1 entry`, `1,234 entries`: for nouns whose plural is regular. */
export function countOf(count: number, what: string): string {
  const plural = /(?:s|sh|ch)$/.test(what)
    ? `${what}es`
    : /[^ae]y$/.test(what)
      ? `${what.slice(0, -1)}ies`
      : `${what}s`;
  return `${count.toLocaleString('en')} ${count === 1 ? what : plural}`;
}
