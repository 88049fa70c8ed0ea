/** The script tags of a site. */

/** Takes up each new version of the script and each change of the site's settings, within an hour. */
export function scriptTag(origin: string, site: string): string {
  return `<script defer src="${origin}/l.js?s=${encodeURIComponent(site)}"></script>`
}

/**
 * The script as it is now, for good: a browser refuses it when a byte of it is another. It asks as nobody
 * (`crossorigin`), without which `integrity` says nothing about a script of another host.
 * https://www.w3.org/TR/sri-2/#cross-origin-data-leakage
 */
export function versionedTag(
  origin: string,
  { hash, integrity }: { hash: string; integrity: string },
): string {
  return `<script defer src="${origin}/l.${hash}.js" integrity="${integrity}" crossorigin></script>`
}
