import { describe, expect, it } from 'vitest';
import { proseOfMarkup, proseOfSource, proseOfStyle } from './prose.ts';

const inSource = (source: string) => proseOfSource(source).map(({ text }) => text);

describe('proseOfSource', () => {
  it.each([
    ['a sentence anywhere', "const x = { a: ['nothing has been logged'] };", 'nothing has been logged'],
    ['a capitalised word', "const LABELS = { kind: 'Kind' };", 'Kind'],
    ['the name of a member', "terms({ 'tree head': TREE });", 'tree head'],
    ['words around a number', `const x = \`entry \${n}\`;`, 'entry …'],
    ['words joined', "const x = 'has ' + n + ' more entries';", ' more entries'],
    ['one word in an element', "element('p', {}, isOnce ? 'once' : WORDS.often);", 'once'],
    ['one word put into an element', "line.append(' ', 'none');", 'none'],
    ['one word as text', "button.textContent = done ? 'copied' : words;", 'copied'],
    ['what is read out', "element('input', { class: 'a b', 'aria-label': 'file' });", 'file'],
    ['one of a list of facts', "facts('facts wide', [[WORDS.use, isOnce ? 'once' : 'often']]);", 'often'],
    ['what is said to a person who waits', "throw new Error('The browser gave no key.');", 'The browser gave no key.'],
    ['text of a template', `const x = html\`<p>\${n} left</p>\`;`, 'left'],
    ['what is put into the text of a template', `const x = html\`<p>\${isOnce ? 'once' : ''}</p>\`;`, 'once'],
    ['an attribute of a template', 'const x = html`<nav aria-label="pages"></nav>`;', 'pages'],
    ['what is put into such an attribute', `const x = html\`<nav aria-label="\${a ? 'pages' : b}"></nav>\`;`, 'pages'],
  ])('finds %s', (_, source, text) => expect(inSource(source)).toContain(text));

  it.each([
    ['imports', "import { a } from 'The place';"],
    ['types', "type A = 'One word' | 'Another word'; let a: 'B c d' = b;"],
    ['classes', `element('p', { class: 'card what' }); p.className = \`message \${tone}\`; facts('facts wide', rows);`],
    ['errors of programmers', "throw new TypeError('index: not a safe integer');"],
    ['log lines', "logger.warn({ code }, 'the front page has no head');"],
    ['comparisons', "if (error.name === 'Not this') f();"],
    ['addresses and names', "fetch('/api/v1/log'); header('Content-Type', 'image/svg+xml'); byId('path-entry', 'p');"],
    [
      'other parts of tags',
      `const x = html\`<a class="\${a ? 'button main' : ''}"\${b ? html\` hidden\` : ''}>\${WORDS.a}</a>\`;`,
    ],
  ])('leaves %s alone', (_, source) => expect(inSource(source)).toEqual([]));

  it('says in which line it is', () => {
    expect(proseOfSource(`const a = 1;\nconst b = 'A word';\nconst c = html\`<p>\n\${a}\nword</p>\`;`)).toEqual([
      { line: 2, text: 'A word' },
      { line: 5, text: 'word' },
    ]);
  });
});

describe('proseOfMarkup', () => {
  it('finds text and what is read out', () => {
    const markup =
      '<!doctype html>\n<meta name="description" content="About">\n<p class="a b">Some <b>&nbsp;</b></p>\n<img alt="A picture">';
    expect(proseOfMarkup(markup)).toEqual([
      { line: 3, text: 'Some' },
      { line: 2, text: 'About' },
      { line: 4, text: 'A picture' },
    ]);
  });

  it('leaves comments, names of words and other attributes alone', () => {
    const markup = '<!-- server: head --><p id="head" aria-label="{{home.head}}">{{home.text}} 1,024 &amp; →</p>';
    expect(proseOfMarkup(markup)).toEqual([]);
  });
});

it('finds what a style sheet says', () => {
  expect(
    proseOfStyle('a::before { content: "→ "; }\nb::after {\n  content: \'Done\';\n}\nc { content: "\\2192"; }'),
  ).toEqual([{ line: 3, text: "content: 'Done'" }]);
});
