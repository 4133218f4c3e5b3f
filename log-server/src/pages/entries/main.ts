import { localizeTimes } from '../shared/local-times.ts';

// Everything on this page is there without this script; it only adds the visitor's own time.
localizeTimes(document);
