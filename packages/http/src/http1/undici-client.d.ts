/** The one class of undici that is used, by the file that holds it: the package has no door of its own for it. */
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}
