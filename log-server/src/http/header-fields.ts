/**
 * Header fields in the form that Node's `writeHead` takes fastest: names and values in turn. Objects that are spread into
 * one, which Node then takes apart again, were a third of what a small answer cost.
 */
export function headerFields(...parts: readonly Readonly<Record<string, string>>[]): string[] {
  const fields: string[] = [];
  for (const part of parts) for (const name in part) fields.push(name, part[name]!);
  return fields;
}
