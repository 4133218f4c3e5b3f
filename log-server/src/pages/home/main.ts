import { addCopyButtons } from '../shared/copy-buttons.ts';

// Everything on this page is there without this script; it only adds what needs one.
addCopyButtons(document);
