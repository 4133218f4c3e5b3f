/**
 * Finds words that people read in the sources of pages, so that a test can ask for all of them to stand in one place. It reads
 * TypeScript with a parser, and HTML and CSS with patterns that take too much for prose rather than too little.
 */
import { parseAst } from 'vite';

export type Prose = { readonly line: number; readonly text: string };

/** Where a template takes its words from, and what other parts leave open. */
const FILLED = /\{\{[\w.]+\}\}|<!--[\s\S]*?-->|\ufffc/g;
/** Attributes that are read out or shown. */
const SPOKEN = [
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'alt',
  'title',
  'placeholder',
  'label',
  'value',
];
const LETTER = /\p{L}/u;

/** Text between tags, and attributes that are read, wherever they hold a letter. Comments and what will be filled in are left out. */
export function proseOfMarkup(markup: string): Prose[] {
  const found: Prose[] = [];
  const add = (at: number, text: string): void => {
    const said = text.replace(/&#?\w+;/g, ' ').trim();
    const start = at + text.length - text.trimStart().length;
    if (LETTER.test(said)) found.push({ line: lineAt(markup, start), text: said });
  };
  const blank = markup.replace(FILLED, (part) => part.replace(/[^\n]/g, ' '));
  for (const { 0: text, index } of blank.matchAll(/(?<=^|>)[^<>]+(?=$|<)/g)) add(index, text);
  for (const { 0: tag, index } of blank.matchAll(/<[a-z][^>]*>/gi)) {
    const isMeta = /^<meta\s+name="description"/.test(tag);
    for (const { 1: name = '', 2: value = '' } of tag.matchAll(/\s([\w-]+)="([^"]*)"/g)) {
      if (SPOKEN.includes(name) || (isMeta && name === 'content')) add(index, value);
    }
  }
  return found;
}

/** What a style sheet writes into the page. */
export function proseOfStyle(css: string): Prose[] {
  return [...css.matchAll(/content:\s*("[^"]*"|'[^']*')/g)]
    .filter(({ 1: text = '' }) => LETTER.test(text.replace(/\\[0-9a-f]+/gi, '')))
    .map(({ 0: text, index }) => ({ line: lineAt(css, index), text }));
}

type Node = { readonly type: string; readonly start: number; readonly [member: string]: unknown };

/** Functions whose arguments, from this one on, stand in the page as they are given. */
const SINKS: Readonly<Record<string, number>> = {
  element: 2,
  replaceChildren: 1,
  append: 0,
  facts: 0,
  note: 0,
  warning: 0,
  tag: 1,
  more: 0,
  term: 1,
  button: 1,
  plainButton: 0,
  copyButton: 0,
  copyTextButton: 0,
  copyFetchedButton: 0,
  downloadButton: 2,
  newTabLink: 3,
  complain: 0,
  advise: 0,
};
/** Those of them that begin with the names of classes. */
const CLASSES_FIRST = new Set(['facts']);
const SPOKEN_MEMBERS = new Set([...SPOKEN, 'textContent', 'innerText', 'ariaLabel']);
const CLASS_MEMBERS = new Set(['class', 'className']);

/** Two words side by side, or one that begins as a sentence does. */
const SENTENCE =
  /(?<![\p{L}-])(?:\p{L}{2,}['’]?\p{L}*|[Aa])[,:;]? +[\p{L}\ufffc]|\ufffc[,:;]? +\p{L}{2,}|(?<![\p{L}\p{N}_./-])\p{Lu}\p{Ll}+(?![\p{L}\p{N}_-])/u;

/**
 * String literals that read as prose, whatever they are for; every literal with a letter that is handed to what writes into the page;
 * and the text of `html` templates. What types, imports and errors of programmers (which begin in lower case) say is left out.
 */
export function proseOfSource(source: string): Prose[] {
  const found: Prose[] = [];
  const add = (node: Node, text: string, isShown: boolean): void => {
    // An address, in the place of what it leads to.
    if (/^\/[\w./\ufffc-]+$/.test(text)) return;
    if (isShown ? LETTER.test(text) : SENTENCE.test(text)) {
      found.push({ line: lineAt(source, node.start), text: text.replaceAll('\ufffc', '…') });
    }
  };
  const visitAll = (nodes: readonly unknown[], isShown: boolean): void => {
    for (const node of nodes) if (isNode(node)) visit(node, isShown);
  };

  const visit = (node: Node, isShown: boolean): void => {
    if (node.type.startsWith('TS') && !('expression' in node)) return;
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ImportExpression':
        return;
      case 'Literal':
        if (typeof node.value === 'string') add(node, node.value, isShown);
        return;
      case 'TemplateLiteral':
        add(node, templateText(node), isShown);
        visitAll(list(node.expressions), false);
        return;
      case 'TaggedTemplateExpression': {
        const quasi = child(node, 'quasi');
        if (nameOf(child(node, 'tag')) === 'html') {
          const first = lineAt(source, quasi.start) - 1;
          const markup = templateText(quasi);
          for (const { line, text } of proseOfMarkup(markup)) found.push({ line: first + line, text });
          for (const [at, expression] of list(quasi.expressions).entries()) {
            if (isNode(expression) && isReadAt(markup, at)) visit(expression, true);
          }
        } else visit(quasi, false);
        return;
      }
      case 'ConditionalExpression':
        visit(child(node, 'test'), false);
        visitAll([node.consequent, node.alternate], isShown);
        return;
      case 'LogicalExpression':
        visit(child(node, 'left'), isShown && node.operator !== '&&');
        visit(child(node, 'right'), isShown);
        return;
      case 'BinaryExpression':
        if (node.operator === '+') visitAll([node.left, node.right], isShown);
        return;
      case 'ArrayExpression':
        visitAll(list(node.elements), isShown);
        return;
      case 'SpreadElement':
        visit(child(node, 'argument'), isShown);
        return;
      case 'NewExpression':
      case 'CallExpression': {
        const name = nameOf(child(node, 'callee'));
        const args = list(node.arguments);
        if (name === 'parseAst' || /^(debug|info|warn|error)$/.test(name)) return;
        if (/Error$/.test(name) && /^[a-z"$`(]/.test(literalText(args[0]))) return;
        visit(child(node, 'callee'), false);
        const sink = SINKS[name] ?? Number.POSITIVE_INFINITY;
        for (const [at, arg] of args.entries()) {
          const isClass = CLASSES_FIRST.has(name) && at === 0 && /^[a-z ]+$/.test(literalText(arg));
          if (isNode(arg) && !isClass) visit(arg, at >= sink && !/Function/.test(arg.type));
        }
        return;
      }
      case 'Property': {
        const name = nameOf(child(node, 'key'));
        if (child(node, 'key').type === 'Literal') visit(child(node, 'key'), false);
        if (!CLASS_MEMBERS.has(name)) visit(child(node, 'value'), SPOKEN_MEMBERS.has(name) && !isPattern(node));
        return;
      }
      case 'AssignmentExpression': {
        const name = nameOf(child(node, 'left'));
        if (!CLASS_MEMBERS.has(name)) visit(child(node, 'right'), SPOKEN_MEMBERS.has(name));
        return;
      }
      default:
        for (const value of Object.values(node)) {
          if (Array.isArray(value)) visitAll(value, false);
          else if (isNode(value)) visit(value, false);
        }
    }
  };
  visit(parseAst(source, { lang: 'ts' }) as unknown as Node, false);
  return found;
}

/** Whether what is filled in here is text, or an attribute that is read, and not another part of a tag. */
function isReadAt(markup: string, hole: number): boolean {
  const before = markup.split('\ufffc', hole + 1).join(' ');
  const tag = before.slice(before.lastIndexOf('<') + 1);
  if (tag.includes('>') || !before.includes('<')) return true;
  const attribute = /\s([\w-]+)="[^"]*$/.exec(tag)?.[1] ?? '';
  return SPOKEN.includes(attribute);
}

function isPattern(node: Node): boolean {
  return node.shorthand === true;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function child(node: Node, name: string): Node {
  const found = node[name];
  if (!isNode(found)) throw new TypeError(`node: a ${node.type} without ${name}`);
  return found;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `element`, or `append` of `target.append`. */
function nameOf(node: Node): string {
  if (node.type === 'MemberExpression') return node.computed === true ? '' : nameOf(child(node, 'property'));
  const name = node.name ?? node.value;
  return typeof name === 'string' ? name : '';
}

function templateText(node: Node): string {
  return list(node.quasis)
    .map((quasi) => String((quasi as { value: { cooked?: string } }).value.cooked))
    .join('\ufffc');
}

function literalText(node: unknown): string {
  if (!isNode(node)) return '';
  return node.type === 'TemplateLiteral' ? templateText(node) : String(node.value ?? '');
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
