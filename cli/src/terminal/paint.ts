import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/**
 * Node 20's `styleText` asks the stream about one format but not about several at once, and earlier ones not at all: so
 * it is decided here. FORCE_COLOR is heard before NO_COLOR, as in Node.
 */
export function wantsColor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: none } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (none) return false;
  return stream.isTTY === true && stream.hasColors(env);
}

export type Paint = (style: Style, text: string) => string;

export function painter(stream: NodeJS.WriteStream): Paint {
  return wantsColor(stream) ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}
