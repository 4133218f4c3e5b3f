import type { Made, Part, Parts, System } from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { GROUPS, REFERENCE } from '../../words/docs.ts';

/** As the definitions call it. */
const SCHEME = 'apiKey';

type Counted = { count(): number };

type Summary = {
  readonly isShown: boolean;
  readonly toggleShown: () => void;
  readonly operationProps: {
    toObject(): {
      readonly method: string;
      readonly path: string;
      readonly summary: string;
      /** Each a way to be let in; one without names lets everybody in. */
      readonly security?: { every(test: (way: Counted) => boolean): boolean } & Counted;
      readonly isAuthorized: boolean;
    };
  };
};
type Tag = {
  readonly tag: string;
  readonly tagObj: { getIn(path: readonly string[]): unknown };
  readonly children: Made;
};
type Types = {
  readonly contentTypes?: Counted & { first(): string };
  readonly value?: string | null;
  readonly onChange?: (type: string) => void;
};

/**
 * The parts of the reference that are ours, in the place of those of the library: its own put links into buttons, a second <main>
 * into the first and a dialog without a name over all of it. What it does well stays its work: parameters, calls and answers.
 */
export function ownParts({ React, authActions, ...system }: System): Parts {
  const { createElement: h } = React;
  const none = (): Made => h('span', { hidden: true });

  /** In the place of the whole page: what the interface is, a key for those who have one, the operations. */
  const ownReference = ({ specSelectors, getComponent }: Pick<System, 'specSelectors' | 'getComponent'>): Made => {
    const status = specSelectors.loadingStatus();
    if (status === 'failed') return h('p', { className: 'message fail', role: 'alert' }, REFERENCE.failed);
    if (status !== 'success') return h('p', { className: 'note', role: 'status' }, REFERENCE.loading);
    return h(
      'div',
      { className: 'reference' },
      h(
        'div',
        { className: 'about' },
        h(getComponent('Markdown', true), { source: specSelectors.info().get('description') }),
      ),
      h(KeyField, null),
      h(getComponent('operations', true), null),
    );
  };

  /** It stays in this tab, and every call that can take it brings it along. */
  const KeyField = (): Made =>
    h(
      'div',
      { className: 'field key-field' },
      h('label', { htmlFor: 'api-key' }, REFERENCE.key),
      h('input', {
        id: 'api-key',
        type: 'password',
        className: 'mono',
        autoComplete: 'off',
        spellCheck: false,
        'aria-describedby': 'api-key-help',
        onInput: ({ target }: { readonly target: HTMLInputElement }) => {
          const key = target.value.trim();
          if (key === '') authActions.logout([SCHEME]);
          else system.preauthorizeApiKey(SCHEME, key);
        },
      }),
      h('p', { className: 'note', id: 'api-key-help' }, REFERENCE.aboutKey),
    );

  const OperationTag = ({ tag, tagObj, children }: Tag): Made => {
    const about = tagObj.getIn(['tagDetails', 'description']);
    return h(
      'section',
      { className: 'operations', 'aria-labelledby': `operations-tag-${tag}` },
      h('h2', { id: `operations-tag-${tag}` }, GROUPS[tag] ?? tag),
      typeof about === 'string' ? h(system.getComponent('Markdown', true), { source: about }) : undefined,
      children,
    );
  };

  const OperationSummary = ({ isShown, toggleShown, operationProps }: Summary): Made => {
    const { method, path, summary, security, isAuthorized } = operationProps.toObject();
    const needsKey = security !== undefined && security.count() > 0 && security.every((way) => way.count() > 0);
    return h(
      'h3',
      { className: 'opblock-summary' },
      h(
        'button',
        { type: 'button', className: 'opblock-summary-control', 'aria-expanded': isShown, onClick: toggleShown },
        h('span', { className: 'method' }, method.toUpperCase()),
        h('span', { className: 'address' }, path),
        needsKey ? h('span', { className: 'tag' }, isAuthorized ? REFERENCE.keyGiven : REFERENCE.needsKey) : undefined,
        h('span', { className: 'does' }, summary),
      ),
    );
  };

  /** A choice among one is none. */
  const contentType =
    (Choice: Part): Part =>
    (properties: Types): Made => {
      const { contentTypes, value, onChange } = properties;
      const only = contentTypes?.count() === 1 ? contentTypes.first() : undefined;
      React.useEffect(() => {
        if (only !== undefined && only !== value) onChange?.(only);
      }, [only, value, onChange]);
      return only === undefined ? h(Choice, properties) : h('code', null, only);
    };

  return {
    components: {
      ownReference,
      OperationTag,
      OperationSummary,
      TryItOutButton: none,
    },
    wrapComponents: { contentType },
  };
}
