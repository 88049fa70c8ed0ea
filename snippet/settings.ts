/** What the collector writes into the file that it serves. */
interface Served {
  /** The site's setting; only `given` lets ids be kept without asking. */
  consent?: 'required' | 'given'
}

// The collector replaces this string by an object; without that all settings are the strict ones.
const served: Served = '__LEADWAKE_SETTINGS__' as Served

// `currentScript` is null in modules; the error ends the script, see build.ts. So does a missing site.
const { dataset, src } = document.currentScript as HTMLScriptElement

// Caching plug-ins (WP Rocket among them) drop `data-*`, hence the site in the URL as well.
export const site = dataset.site || /[?&]s=([\w-]+)/.exec(src)![1]

/** Where beacons go: the origin that served the script, unless `data-host` names another. */
export const endpoint = new URL('/v1/in', dataset.host || src)

/** Whether ids may be kept before the visitor was asked. Of two settings the stricter wins. */
export const given = served.consent === 'given' && dataset.consent !== 'required'
