import { html } from 'hono/html';
import { KIND_CHOICES, SEARCH } from '../../words/entries.ts';
import type { Html } from './fragments.ts';
import type { Filters } from './search-question.ts';

export type AskedFor = { readonly typed?: string; readonly kind?: Filters['kind']; readonly problem?: string };

/** A plain form: it works without a script, and its answer has an address. */
export function searchForm({ typed = '', kind, problem }: AskedFor = {}): Html {
  return html`<form class="search" action="/entries" method="get" role="search">
    <div class="field">
      <label for="q">${SEARCH.label}</label>
      <input id="q" name="q" type="search" value="${typed}" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="300" placeholder="${SEARCH.example}" aria-describedby="${problem === undefined ? 'q-help' : 'q-problem q-help'}"${problem === undefined ? '' : html` aria-invalid="true"`}>
    </div>
    <div class="field">
      <label for="kind">${SEARCH.kind}</label>
      <select id="kind" name="kind">${Object.entries(KIND_CHOICES).map(
        ([value, name]) =>
          html`<option value="${value}"${value === (kind ?? '') ? html` selected` : ''}>${name}</option>`,
      )}</select>
    </div>
    <button class="button main" type="submit">${SEARCH.find}</button>
    ${problem === undefined ? '' : html`<p class="message fail" id="q-problem" role="alert">${problem}</p>`}
    <p class="note" id="q-help">${SEARCH.help}</p>
  </form>`;
}
