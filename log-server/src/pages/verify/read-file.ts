/** A little over what a receipt may have, so that it is the verifier who says that one is too large. */
export const MAX_READ_BYTES = 32 * 1024 * 1024;

/** Undefined for none, and for one that is far larger than anything that is read here. */
export async function readFileText(file: File | undefined): Promise<string | undefined> {
  return file === undefined || file.size > MAX_READ_BYTES ? undefined : file.text();
}
